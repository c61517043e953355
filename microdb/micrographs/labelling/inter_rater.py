"""Inter-rater agreement of two people on the same micrographs, as a contingency table."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from microdb.statistics import kappa_of_table


@dataclass(frozen=True)
class AgreementTable:
    """Of the micrographs that both answered: how many, how many alike, Cohen's kappa (None where it is undefined)."""

    both: int
    alike: int
    kappa: float | None
    table: list[tuple[str, list[int]]]
    answers: list[str]


def agreement_table(pairs: Iterable[tuple[str, str]]) -> AgreementTable:
    """``pairs``: the first and the second person's answer to each micrograph; those with an empty one don't count."""
    counts = Counter(pair for pair in pairs if all(pair))
    answers = sorted({answer for pair in counts for answer in pair})
    table = [[counts[row, column] for column in answers] for row in answers]
    alike = sum(counts[answer, answer] for answer in answers)
    kappa = kappa_of_table(np.array(table, dtype=np.float64).reshape(len(answers), len(answers)))
    return AgreementTable(counts.total(), alike, kappa, list(zip(answers, table, strict=True)), answers)
