"""Models against panels and against each other: differences with intervals, tests, and components of variance."""

from itertools import combinations

from django.utils.translation import gettext as _

from microdb import statistics
from microdb.quizzes.models import PrimaryEndpoint
from microdb.quizzes.reports.accuracy import best_expert_row, model_label, panel_label
from microdb.quizzes.reports.answer_matrix import AnswerMatrix
from microdb.quizzes.reports.inference import Comparison, Duel, VarianceRow

DIGITS = 12
"""Of accuracies, so that sums of shares are written like the shares themselves."""
Pairs = dict[tuple[int, str], statistics.Difference]
"""Differences by model version and panel."""


def differences(matrix: AnswerMatrix) -> Pairs:
    """Every model against every panel."""
    return {
        (competitor.number, panel.value): statistics.difference(competitor.right, matrix.right[rows])
        for competitor in matrix.competitors
        for panel, rows in matrix.panels()
    }


def comparisons(matrix: AnswerMatrix, pairs: Pairs) -> list[Comparison]:
    """The declared comparison first; Holm's correction is for the others, or for all where none is declared."""
    endpoint = PrimaryEndpoint.objects.of_quiz(matrix.quiz)
    declared = (endpoint.model_version.number, endpoint.panel) if endpoint else None
    others = [pair for pair in pairs if pair != declared]
    corrected = dict(zip(others, statistics.holm([pairs[pair].p for pair in others]), strict=True))
    rights = {competitor.number: competitor.right for competitor in matrix.competitors}
    found = []
    for pair in sorted(pairs, key=lambda pair: pair != declared):
        number, panel = pair
        margin = endpoint.margin if endpoint and pair == declared else None
        right = rights[number]
        found.append(
            _comparison(
                number,
                panel,
                pairs[pair],
                corrected_p=corrected.get(pair, pairs[pair].p),
                binomial_p=statistics.binomial_p(int(right.sum()), len(right), pairs[pair].panel),
                primary=pair == declared,
                margin=margin,
            )
        )
    return found


def variances(matrix: AnswerMatrix, pairs: Pairs) -> list[VarianceRow]:
    """Of the panels' accuracies and of the differences from the models."""
    rows = [
        _variance_row(panel_label(panel), statistics.crossed_mean(matrix.right[mask]))
        for panel, mask in matrix.panels()
    ]
    for (number, panel), difference in pairs.items():
        who = _("%(model)s minus %(panel)s") % {"model": model_label(number), "panel": panel_label(panel)}
        rows.append(_variance_row(who, difference.plain))
    return rows


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


def _comparison(
    number: int,
    panel: str,
    found: statistics.Difference,
    *,
    corrected_p: float,
    binomial_p: float,
    primary: bool,
    margin: float | None,
) -> Comparison:
    return Comparison(
        model=model_label(number),
        model_version=number,
        panel=panel,
        panel_label=panel_label(panel),
        model_accuracy=round(found.model, DIGITS),
        panel_accuracy=round(found.panel, DIGITS),
        difference=found.value,
        interval=found.interval,
        p=found.p,
        corrected_p=corrected_p,
        binomial_p=binomial_p,
        primary=primary,
        verdict=found.verdict(margin, corrected_p),
        margin=margin,
        margin_p=None if margin is None else found.p_of_margin(margin),
    )


def _variance_row(who: str, found: statistics.CrossedMean) -> VarianceRow:
    parts = found.components
    return VarianceRow(
        who=who,
        readers=found.readers,
        questions=found.questions,
        reader=parts.reader,
        question=parts.question,
        rest=parts.rest,
        standard_error=found.standard_error,
        critical=found.critical(),
    )
