"""Agreement, calibration, confusion, teams and time of a quiz's readers and models."""

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from microdb import statistics
from microdb.accounts.models import Panel
from microdb.quizzes.models import UNSURE
from microdb.quizzes.reports.accuracy import model_label, panel_label
from microdb.quizzes.reports.answer_matrix import UNSURE_CODE, AnswerMatrix, Competitor
from microdb.quizzes.reports.report import Calibration, Confusion, KappaRow, Pace, Team, TeamRow


def agreement(matrix: AnswerMatrix) -> list[KappaRow]:
    """Within each panel (alpha of all answers, Fleiss of those who named a class everywhere), and of each model with
    the experts' majority and with each other model (Cohen).
    """
    rows = []
    for panel, mask in matrix.panels():
        votes, label = matrix.votes(mask), panel_label(panel)
        rows.append(_kappa_row(label, _("Krippendorff's alpha"), statistics.krippendorff_alpha(votes), mask, votes))
        whole = mask & (matrix.codes >= 0).all(axis=1)
        if whole.sum() >= 2:
            votes = matrix.votes(whole)
            rows.append(_kappa_row(label, _("Fleiss' kappa"), statistics.fleiss_kappa(votes), whole, votes))
    raters = [(model_label(competitor.number), competitor.codes) for competitor in matrix.competitors]
    experts = matrix.rows_of(Panel.EXPERT)
    if experts.any():
        raters.append((_("the experts' majority"), _majority(matrix.votes(experts))))
    for place, (first, first_codes) in enumerate(raters):
        for second, second_codes in raters[place + 1 :]:
            kappa = statistics.cohen_kappa(first_codes, second_codes, len(matrix.options))
            both = int(((first_codes >= 0) & (second_codes >= 0)).sum())
            pair = _("%(first)s and %(second)s") % {"first": first, "second": second}
            rows.append(KappaRow(pair, _("Cohen's kappa"), kappa.value, kappa.interval, 2, both))
    return rows


def calibrations(matrix: AnswerMatrix) -> list[Calibration]:
    """Of the panels' stated confidence, and of the models' probability of their answers."""
    found = []
    for panel, mask in matrix.panels():
        stated = ~np.isnan(matrix.confidence[mask])
        if stated.any():
            confidence, right = matrix.confidence[mask][stated], matrix.right[mask][stated]
            found.append(_calibration(panel_label(panel), confidence, right, readers=np.nonzero(stated)[0]))
    for competitor in matrix.competitors:
        found.append(_calibration(model_label(competitor.number), competitor.confidence, competitor.right))
    return found


def confusions(matrix: AnswerMatrix) -> list[Confusion]:
    found = []
    for panel, mask in matrix.panels():
        counts = _counts(matrix, matrix.codes[mask], [*_places(matrix), UNSURE_CODE])
        found.append(Confusion(panel_label(panel), [*matrix.options, UNSURE], counts))
    for competitor in matrix.competitors:
        counts = _counts(matrix, competitor.codes[None, :], _places(matrix))
        found.append(Confusion(model_label(competitor.number), matrix.options, counts))
    return found


def teams(matrix: AnswerMatrix) -> list[Team]:
    return [
        _team(matrix, competitor, panel, mask)
        for competitor in matrix.competitors
        for panel, mask in matrix.panels()
        if not np.isnan(matrix.right[mask]).all(axis=0).any()
    ]


def pace(matrix: AnswerMatrix) -> list[Pace]:
    """Time in view against right answers, of readers whose time is known."""
    found = []
    for panel, mask in matrix.panels():
        seconds, right = matrix.seconds[mask], matrix.right[mask]
        timed = (~np.isnan(seconds)).any(axis=1)
        if not timed.any():
            continue
        medians, shares = np.nanmedian(seconds[timed], axis=1), statistics.accuracies(right[timed])
        together = statistics.spearman(medians, shares)
        found.append(
            Pace(
                label=panel_label(panel),
                panel=panel.value,
                points=[(float(x), float(y)) for x, y in zip(medians, shares, strict=True)],
                seconds_right=_median(seconds[right == 1]),
                seconds_wrong=_median(seconds[right == 0]),
                correlation=together[0] if together else None,
                p=together[1] if together else None,
            )
        )
    return found


def _kappa_row(
    label: str, measure: str, found: statistics.Agreement, mask: NDArray[np.bool_], votes: NDArray[np.float64]
) -> KappaRow:
    shared = int((votes.sum(axis=1) >= 2).sum())
    return KappaRow(label, measure, found.value, found.interval, int(mask.sum()), shared)


def _majority(votes: NDArray[np.float64]) -> NDArray[np.int_]:
    """The option with the most votes per question; no answer where two are level."""
    most = votes.max(axis=1, keepdims=True)
    alone = (votes == most).sum(axis=1) == 1
    return np.where(alone, votes.argmax(axis=1), UNSURE_CODE)


def _calibration(
    label: str,
    confidence: NDArray[np.float64],
    right: statistics.Answers,
    readers: NDArray[np.int_] | None = None,
) -> Calibration:
    bins = statistics.reliability(confidence, right, readers)
    return Calibration(
        label=label,
        answers=len(confidence),
        brier=statistics.brier_score(confidence, right),
        error=statistics.calibration_error(bins),
        by_chance=statistics.calibration_error_by_chance(confidence),
        bins=bins,
    )


def _places(matrix: AnswerMatrix) -> list[int]:
    return list(range(len(matrix.options)))


def _counts(matrix: AnswerMatrix, codes: NDArray[np.int_], answers: list[int]) -> list[list[int]]:
    by_truth = [codes[:, matrix.truth == place] for place in _places(matrix)]
    return [[int((row == answer).sum()) for answer in answers] for row in by_truth]


def _team(matrix: AnswerMatrix, competitor: Competitor, panel: Panel, mask: NDArray[np.bool_]) -> Team:
    votes = matrix.votes(mask)
    shares = votes / np.maximum(votes.sum(axis=1, keepdims=True), 1)
    reader = np.nanmean(matrix.right[mask], axis=0)
    credits = {
        model_label(competitor.number): competitor.right,
        _("one of the %s, on average") % panel_label(panel): reader,
        _("vote of the %s") % panel_label(panel): statistics.vote_credit(votes, matrix.truth),
        _("model and %s, one vote each") % panel_label(panel): statistics.vote_credit(
            shares + competitor.probabilities, matrix.truth
        ),
    }
    rows = [TeamRow(label, float(row.mean()), statistics.mean_interval(row)) for label, row in credits.items()]
    deferral = statistics.deferral_curve(competitor.confidence, competitor.right, reader)
    return Team(model_label(competitor.number), panel_label(panel), rows, deferral)


def _median(values: NDArray[np.float64]) -> float | None:
    known = values[~np.isnan(values)]
    return float(np.median(known)) if known.size else None
