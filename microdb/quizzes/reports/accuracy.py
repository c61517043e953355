"""Accuracy of readers, panels and models, with intervals and tests of the differences."""

from itertools import combinations

import numpy as np
from django.utils.translation import gettext as _

from microdb import statistics
from microdb.accounts.models import Panel
from microdb.quizzes.reports.answer_matrix import UNSURE_CODE, AnswerMatrix
from microdb.quizzes.reports.report import Comparison, Duel, ModelResult, PanelResult, RaterResult


def panel_label(panel: str) -> str:
    return _("experts") if panel == Panel.EXPERT else _("non-experts")


def model_label(number: int) -> str:
    return _("Model version %d") % number


def panel_results(matrix: AnswerMatrix) -> list[PanelResult]:
    return [
        PanelResult(
            panel=panel.value,
            label=panel_label(panel),
            readers=int(rows.sum()),
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


def best_expert(matrix: AnswerMatrix) -> RaterResult | None:
    row = best_expert_row(matrix)
    if row is None:
        return None
    return rater_result(_("best expert"), int(np.nansum(row)), int((~np.isnan(row)).sum()))


def model_results(matrix: AnswerMatrix) -> list[ModelResult]:
    return [
        ModelResult(
            **vars(rater_result(model_label(competitor.number), int(competitor.right.sum()), len(competitor.right))),
            model_version=competitor.number,
        )
        for competitor in matrix.competitors
    ]


def comparisons(matrix: AnswerMatrix, models: list[ModelResult], panels: list[PanelResult]) -> list[Comparison]:
    """Every model against every panel."""
    rights = {competitor.number: competitor.right for competitor in matrix.competitors}
    pairs = [(model, panel) for model in models for panel in panels]
    p_values = [
        statistics.permutation_p(rights[model.model_version], matrix.right[matrix.rows_of(panel.panel)])
        for model, panel in pairs
    ]
    return [
        Comparison(
            model=model.label,
            model_version=model.model_version,
            panel=panel.panel,
            panel_label=panel.label,
            difference=model.accuracy - panel.accuracy,
            p=p,
            corrected_p=corrected,
            binomial_p=statistics.binomial_p(model.right, model.answered, panel.accuracy),
        )
        for (model, panel), p, corrected in zip(pairs, p_values, statistics.holm(p_values), strict=True)
    ]


def duels(matrix: AnswerMatrix) -> list[Duel]:
    """The models and the best expert, each against each."""
    raters = [(model_label(competitor.number), competitor.right) for competitor in matrix.competitors]
    best = best_expert_row(matrix)
    if best is not None:
        raters.append((_("best expert"), best))
    pairs = list(combinations(raters, 2))
    p_values = [statistics.mcnemar_p(first, second) for (_f, first), (_s, second) in pairs]
    return [
        Duel(first_name, second_name, *statistics.discordant_pairs(first, second), p, corrected)
        for ((first_name, first), (second_name, second)), p, corrected in zip(
            pairs, p_values, statistics.holm(p_values), strict=True
        )
    ]
