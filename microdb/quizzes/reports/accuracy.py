"""Accuracy of readers, panels and models, with intervals."""

import numpy as np
from django.utils.translation import gettext as _

from microdb import statistics
from microdb.accounts.models import Panel
from microdb.quizzes.reports.answer_matrix import UNANSWERED, UNSURE_CODE, AnswerMatrix
from microdb.quizzes.reports.inference import BestExpert, ModelRank, ModelResult, PanelResult, RaterResult


def panel_label(panel: str) -> str:
    return _("experts") if panel == Panel.EXPERT else _("non-experts")


def model_label(number: int) -> str:
    return _("Model version %d") % number


def panel_results(matrix: AnswerMatrix) -> list[PanelResult]:
    return [
        PanelResult(
            panel=panel.value,
            label=panel_label(panel),
            readers=int((matrix.codes[rows] != UNANSWERED).any(axis=1).sum()),
            answered=int((~np.isnan(matrix.right[rows])).sum()),
            unsure=int((matrix.codes[rows] == UNSURE_CODE).sum()),
            accuracy=statistics.panel_accuracy(matrix.right[rows]),
            interval=statistics.panel_interval(matrix.right[rows]),
        )
        for panel, rows in matrix.panels()
    ]


def rater_result(label: str, right: int, answered: int) -> RaterResult:
    wilson, exact = statistics.wilson_interval(right, answered), statistics.exact_interval(right, answered)
    return RaterResult(label, right, answered, right / answered, wilson, exact)


def best_expert_row(matrix: AnswerMatrix) -> statistics.Answers | None:
    """The expert with the most right answers: one who answered a single question well is not the best."""
    rows = matrix.right[matrix.rows_of(Panel.EXPERT)]
    counts = [(int(np.nansum(row)), -int((~np.isnan(row)).sum()), place) for place, row in enumerate(rows)]
    counts = [count for count in counts if count[1]]
    return rows[max(counts)[2]] if counts else None


def best_expert(matrix: AnswerMatrix) -> BestExpert | None:
    row = best_expert_row(matrix)
    if row is None:
        return None
    experts = matrix.right[matrix.rows_of(Panel.EXPERT)]
    readers, answered = int((~np.isnan(experts)).any(axis=1).sum()), int((~np.isnan(row)).sum())
    by_chance = statistics.best_by_chance(readers, answered, statistics.panel_accuracy(experts))
    return BestExpert(**vars(rater_result(_("best expert"), int(np.nansum(row)), answered)), by_chance=by_chance)


def model_results(matrix: AnswerMatrix) -> list[ModelResult]:
    return [
        ModelResult(
            **vars(rater_result(model_label(competitor.number), int(competitor.right.sum()), len(competitor.right))),
            model_version=competitor.number,
        )
        for competitor in matrix.competitors
    ]


def model_ranks(matrix: AnswerMatrix) -> list[ModelRank]:
    """Each model's place among the experts."""
    experts = matrix.right[matrix.rows_of(Panel.EXPERT)]
    experts = experts[(~np.isnan(experts)).any(axis=1)]
    if not len(experts):
        return []
    return [
        ModelRank(model_label(competitor.number), competitor.number, statistics.rank_among(competitor.right, experts))
        for competitor in matrix.competitors
    ]
