"""How far two people agree on the same micrographs."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Agreement:
    """Of the micrographs that both answered: how many, how many alike, Cohen's kappa (None where it is undefined)."""

    both: int
    alike: int
    kappa: float | None
    table: list[tuple[str, list[int]]]
    answers: list[str]


def agreement_of(pairs: Iterable[tuple[str, str]]) -> Agreement:
    """``pairs``: the first and the second person's answer to each micrograph; those with an empty one don't count.

    J. Cohen, Educ. Psychol. Meas. 20 (1960): (observed - expected) / (1 - expected) agreement.
    """
    answered = [pair for pair in pairs if all(pair)]
    answers = sorted({answer for pair in answered for answer in pair})
    counts = Counter(answered)
    table = [(row, [counts[row, column] for column in answers]) for row in answers]
    alike = sum(counts[answer, answer] for answer in answers)
    return Agreement(len(answered), alike, _kappa(answered, answers), table, answers)


def _kappa(answered: Sequence[tuple[str, str]], answers: Sequence[str]) -> float | None:
    if not answered:
        return None
    number = len(answered)
    first, second = (Counter(side) for side in zip(*answered, strict=True))
    observed = sum(one == other for one, other in answered) / number
    expected = sum(first[answer] * second[answer] for answer in answers) / number**2
    return None if expected == 1 else (observed - expected) / (1 - expected)


def in_words(kappa: float) -> str:
    """Landis and Koch, Biometrics 33 (1977)."""
    words = ((0.8, "almost perfect"), (0.6, "substantial"), (0.4, "moderate"), (0.2, "fair"), (0.0, "slight"))
    return next((word for least, word in words if kappa > least), "poor")
