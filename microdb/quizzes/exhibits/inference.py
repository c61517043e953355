"""Exhibits of accuracies, their differences, and how far these reach beyond the quiz's readers and questions."""

from django.utils.translation import gettext as _

from microdb.accounts.models import Panel
from microdb.quizzes.exhibits.exhibit import Cell, Column, Exhibit, ends, interval_columns
from microdb.quizzes.exhibits.inference_figures import accuracy_figure, difference_figure
from microdb.quizzes.reports import Comparison, PanelResult, RaterResult, Report
from microdb.statistics import Verdict


def accuracy_exhibit(report: Report) -> Exhibit:
    raters: list[PanelResult | RaterResult] = [*report.panels]
    raters += [report.best_expert] if report.best_expert else []
    raters += report.models
    return Exhibit(
        name="accuracy",
        title=_("Right answers by panel"),
        note=_(
            "The numbers in the bars are participants. The whiskers are 95 % intervals: over readers and questions for "
            "panels, by Wilson's method for single raters."
        ),
        columns=[
            Column(_("Who")),
            Column(_("Readers"), "count"),
            Column(_("Right"), "count"),
            Column(_("Answers"), "count"),
            Column(_("of them unsure"), "count"),
            Column(_("Accuracy"), "share"),
            *interval_columns(_("95 %")),
            *interval_columns(_("exact 95 %")),
        ],
        rows=[_accuracy_row(rater) for rater in raters],
        figure=accuracy_figure(report) if raters else None,
        remarks=_of_the_best(report),
    )


def _accuracy_row(rater: PanelResult | RaterResult) -> list[Cell]:
    if isinstance(rater, PanelResult):
        counts: list[Cell] = [rater.readers, None, rater.answered, rater.unsure]
        exact: list[Cell] = [None, None]
    else:
        counts, exact = [None, rater.right, rater.answered, None], ends(rater.exact_interval)
    return [rater.label, *counts, rater.accuracy, *ends(rater.interval), *exact]


def _of_the_best(report: Report) -> list[str]:
    best = report.best_expert
    if best is None or sum(panel.readers for panel in report.panels if panel.panel == Panel.EXPERT) < 2:
        return []
    return [
        _(
            "The best of many is best partly by chance: if all experts were equally good, the best of them would be "
            "expected to score %(chance).0f %%. The best expert scored %(share).0f %%."
        )
        % {"chance": 100 * best.by_chance, "share": 100 * best.accuracy}
    ]


def comparisons_exhibit(report: Report) -> Exhibit:
    return Exhibit(
        name="comparisons",
        title=_("Models against panels"),
        note=_(
            "The difference is the model's accuracy minus the panel's, averaged over readers and questions; its 95 % "
            "interval and p take both as samples (Obuchowski and Rockette with the U-statistics of Gallas). A "
            "comparison that was declared before opening needs no correction after Holm. The exact binomial test "
            "treats the panel's mean as known, as in the paper, so its p is too small."
        ),
        columns=[
            Column(_("Model")),
            Column(_("Panel")),
            Column(_("Accuracy of the model"), "share"),
            Column(_("Accuracy of the panel"), "share"),
            Column(_("Difference"), "points"),
            *interval_columns(_("95 %"), "points"),
            Column(_("p"), "p"),
            Column(_("p after Holm"), "p"),
            Column(_("Declared margin"), "points"),
            Column(_("p of the margin, one-sided"), "p"),
            Column(_("p, exact binomial"), "p"),
            Column(_("What it shows")),
        ],
        rows=[
            [
                c.model,
                c.panel_label,
                c.model_accuracy,
                c.panel_accuracy,
                c.difference,
                *ends(c.interval),
                c.p,
                c.corrected_p,
                c.margin,
                c.margin_p,
                c.binomial_p,
                _shown(c),
            ]
            for c in report.comparisons
        ],
        figure=difference_figure(report.comparisons) if report.comparisons else None,
    )


def _shown(comparison: Comparison) -> str:
    """In a word or two; the page's sentences say it in full."""
    return {
        Verdict.SUPERIOR: _("model better"),
        Verdict.NON_INFERIOR: _("model not worse by the margin"),
        Verdict.INFERIOR: _("people better"),
        Verdict.NOTHING: _("no difference shown"),
    }[Verdict(comparison.verdict)]


def variances_exhibit(report: Report) -> Exhibit:
    return Exhibit(
        name="variances",
        title=_("Where the uncertainty comes from"),
        note=_(
            "Components of variance of a single answer: between readers, between questions, and the rest, with the "
            "standard error that they give the mean. They are unbiased estimates, so a small one can be below 0. "
            "iMRMC and other software of multi-reader studies give the same figures."
        ),
        columns=[
            Column(_("Mean of")),
            Column(_("Readers"), "count"),
            Column(_("Questions"), "count"),
            Column(_("Between readers"), "small"),
            Column(_("Between questions"), "small"),
            Column(_("Rest"), "small"),
            Column(_("Standard error"), "small"),
            Column(_("Critical value, 5 %"), "number"),
        ],
        rows=[
            [v.who, v.readers, v.questions, v.reader, v.question, v.rest, v.standard_error, v.critical]
            for v in report.variances
        ],
    )


def ranks_exhibit(report: Report) -> Exhibit:
    return Exhibit(
        name="ranks",
        title=_("The model's place among the experts"),
        note=_(
            "Place 1 is the best. The 95 % interval leaves out places above experts who are better and below experts "
            "who are worse, by McNemar's exact test with Holm's correction for all experts."
        ),
        columns=[
            Column(_("Model")),
            Column(_("Place"), "count"),
            Column(_("of"), "count"),
            *interval_columns(_("95 %"), "count"),
        ],
        rows=[[one.model, one.rank.place, one.rank.of, one.rank.low, one.rank.high] for one in report.ranks],
    )


def duels_exhibit(report: Report) -> Exhibit:
    return Exhibit(
        name="duels",
        title=_("One against one"),
        note=_(
            "The number of questions on which only one of the two is right. p is from McNemar's exact test, with "
            "Holm's correction for all pairs. The best expert is chosen afterwards, which favours the expert."
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
