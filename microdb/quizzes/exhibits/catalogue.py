"""The exhibits of a report, in the order of the page."""

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from microdb.quizzes.exhibits import figures
from microdb.quizzes.exhibits.exhibit import Cell, Column, Exhibit
from microdb.quizzes.exhibits.left_out import left_out_exhibit
from microdb.quizzes.exhibits.questions import confusion_exhibit, questions_exhibit
from microdb.quizzes.reports import Pace, PanelResult, RaterResult, Report
from microdb.quizzes.reports.headlines import p_text
from microdb.statistics import Interval


def exhibits(report: Report, *, sees_truth: bool) -> list[Exhibit]:
    """All exhibits; without ``sees_truth``, none of single questions or classes."""
    found = [_accuracy(report), _comparisons(report), _duels(report), _agreement(report), _calibration(report)]
    found += [_deferral(report), _teams(report), _pace(report)]
    if sees_truth:
        found += [confusion_exhibit(one, report) for one in report.confusions] + [questions_exhibit(report)]
    found.append(left_out_exhibit(report))
    return [exhibit for exhibit in found if exhibit.rows]


def _accuracy(report: Report) -> Exhibit:
    raters: list[PanelResult | RaterResult] = [*report.panels]
    raters += [report.best_expert] if report.best_expert else []
    raters += report.models
    return Exhibit(
        name="accuracy",
        title=_("Right answers by panel"),
        note=_(
            "The numbers in the bars are participants. The whiskers are 95 % intervals: by bootstrap over readers and "
            "questions for panels, by Wilson's method for single raters. The best expert is chosen afterwards, so that "
            "accuracy is optimistic."
        ),
        columns=[
            Column(_("Who")),
            Column(_("Readers"), "count"),
            Column(_("Right"), "count"),
            Column(_("Answers"), "count"),
            Column(_("of them unsure"), "count"),
            Column(_("Accuracy"), "share"),
            *_interval_columns(_("95 %")),
            *_interval_columns(_("exact 95 %")),
        ],
        rows=[_accuracy_row(rater) for rater in raters],
        figure=figures.accuracy_figure(report) if raters else None,
    )


def _accuracy_row(rater: PanelResult | RaterResult) -> list[Cell]:
    if isinstance(rater, PanelResult):
        counts: list[Cell] = [rater.readers, None, rater.answered, rater.unsure]
        exact: list[Cell] = [None, None]
    else:
        counts, exact = [None, rater.right, rater.answered, None], _ends(rater.exact_interval)
    return [rater.label, *counts, rater.accuracy, *_ends(rater.interval), *exact]


def _comparisons(report: Report) -> Exhibit:
    return Exhibit(
        name="comparisons",
        title=_("Models against panels"),
        note=_(
            "p is from a two-sided permutation test over questions, with Holm's correction for all these comparisons. "
            "The exact binomial test treats the panel's mean as known, as in the paper, so its p is too small."
        ),
        columns=[
            Column(_("Model")),
            Column(_("Panel")),
            Column(_("Difference"), "points"),
            Column(_("p, permutation"), "p"),
            Column(_("p after Holm"), "p"),
            Column(_("p, exact binomial"), "p"),
        ],
        rows=[[c.model, c.panel_label, c.difference, c.p, c.corrected_p, c.binomial_p] for c in report.comparisons],
    )


def _duels(report: Report) -> Exhibit:
    return Exhibit(
        name="duels",
        title=_("One against one"),
        note=_(
            "The number of questions on which only one of the two is right. p is from McNemar's exact test, with "
            "Holm's correction for all pairs."
        ),
        columns=[
            Column(_("First")),
            Column(_("Second")),
            Column(_("Only the first right"), "count"),
            Column(_("Only the second right"), "count"),
            Column(_("p, McNemar"), "p"),
            Column(_("p after Holm"), "p"),
        ],
        rows=[[d.first, d.second, d.only_first, d.only_second, d.p, d.corrected_p] for d in report.duels],
    )


def _agreement(report: Report) -> Exhibit:
    return Exhibit(
        name="agreement",
        title=_("Agreement"),
        note=_(
            "1 is perfect agreement, 0 is chance. Unsure and unanswered questions count as missing: Krippendorff's "
            "alpha allows for missing answers, Fleiss' kappa includes only readers who named a class on every "
            "question. The 95 % intervals are by bootstrap over questions."
        ),
        columns=[
            Column(_("Raters")),
            Column(_("Measure")),
            Column(_("Value"), "number"),
            *_interval_columns(_("95 %"), "number"),
            Column(_("Raters counted"), "count"),
            Column(_("Questions"), "count"),
        ],
        rows=[
            [row.raters, row.measure, row.value, *_ends(row.interval), row.rater_count, row.question_count]
            for row in report.agreement
        ],
        figure=figures.agreement_figure(report.agreement),
    )


def _calibration(report: Report) -> Exhibit:
    remarks = [
        _("%(who)s: Brier score %(brier).3f, calibration error %(error).0f points, %(count)d answers.")
        % {"who": capfirst(one.label), "brier": one.brier, "error": 100 * one.error, "count": one.answers}
        for one in report.calibration
    ]
    return Exhibit(
        name="calibration",
        title=_("Does sure mean right?"),
        note=_("Answers by stated confidence (people) or by the probability of the given answer (models)."),
        columns=[
            Column(_("Who")),
            Column(_("Confidence"), "share"),
            Column(_("Right"), "share"),
            *_interval_columns(_("95 %")),
            Column(_("Answers"), "count"),
        ],
        rows=[
            [one.label, found.confidence, found.right, *_ends(found.interval), found.count]
            for one in report.calibration
            for found in one.bins
        ],
        figure=figures.calibration_figure(report.calibration),
        remarks=remarks,
    )


def _deferral(report: Report) -> Exhibit:
    return Exhibit(
        name="deferral",
        title=_("The model hands over what it is unsure of"),
        note=_(
            "At the left the model answers every question, at the right the panel's average reader does. The model "
            "hands over the questions that it is least sure of first. A peak between the ends is chosen afterwards on "
            "the same questions, so expect less on new ones."
        ),
        columns=[
            Column(_("Model")),
            Column(_("Panel")),
            Column(_("Handed over"), "share"),
            Column(_("Right answers of the team"), "share"),
        ],
        rows=[[team.model, team.panel, x, y] for team in report.teams for x, y in team.deferral],
        figure=figures.team_figure(report.teams),
    )


def _teams(report: Report) -> Exhibit:
    return Exhibit(
        name="teams",
        title=_("Alone and together"),
        note=_(
            "Each has one vote: the panel's shares of votes and the model's probabilities are added, and the largest "
            "sum wins. A tie counts in part. The 95 % intervals are by bootstrap over questions."
        ),
        columns=[
            Column(_("Team")),
            Column(_("Who decides")),
            Column(_("Right answers"), "share"),
            *_interval_columns(_("95 %")),
        ],
        rows=[
            [_("%(model)s with %(panel)s") % vars(team), row.label, row.accuracy, *_ends(row.interval)]
            for team in report.teams
            for row in team.rows
        ],
    )


def _pace(report: Report) -> Exhibit:
    return Exhibit(
        name="pace",
        title=_("Time and right answers"),
        note=_("Each point is a reader: the median time with a question in view, and the share of right answers."),
        columns=[Column(_("Panel")), Column(_("Seconds per question"), "seconds"), Column(_("Accuracy"), "share")],
        rows=[[pace.label, x, y] for pace in report.pace for x, y in sorted(pace.points)],
        figure=figures.pace_figure(report.pace),
        remarks=[remark for pace in report.pace for remark in _pace_remarks(pace)],
    )


def _pace_remarks(pace: Pace) -> list[str]:
    who, remarks = capfirst(pace.label), []
    if pace.correlation is not None and pace.p is not None:
        values = {"who": who, "rho": pace.correlation, "p": p_text(pace.p)}
        remarks.append(_("%(who)s: Spearman's rank correlation %(rho).2f, %(p)s.") % values)
    if pace.seconds_right is not None and pace.seconds_wrong is not None:
        times = {"who": who, "right": pace.seconds_right, "wrong": pace.seconds_wrong}
        remarks.append(
            _("%(who)s took %(right).1f s over right answers and %(wrong).1f s over others (median).") % times
        )
    return remarks


def _interval_columns(what: str, kind: str = "share") -> list[Column]:
    return [Column(_("%s from") % what, kind), Column(_("%s to") % what, kind)]


def _ends(interval: Interval | None) -> list[Cell]:
    return [interval.low, interval.high] if interval else [None, None]
