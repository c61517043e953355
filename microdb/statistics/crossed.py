"""The mean of answers by readers to questions, where both are samples (multi-reader, multi-case).

Each of R readers has a mean over the questions that they answered, and the estimate is the mean of these. Its variance
is that of Obuchowski and Rockette for a single modality (Commun. Stat. Simul. 24, 1995; S. L. Hillis, Stat. Med. 26,
2007): the spread of the readers' means, MS(R) / R, plus the covariance that readers have because they answered the
same questions. The covariance comes from the components of variance, which are unbiased U-statistics of the moments of
pairs of answers (B. D. Gallas, G. A. Pennello and K. J. Myers, J. Opt. Soc. Am. A 24, B70, 2007, in the form for
unequal numbers of answers). With all questions answered by all readers this is the two-way analysis of variance.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from microdb.statistics import student
from microdb.statistics.intervals import Interval

Table = NDArray[np.float64]
"""Readers x questions, NaN where not answered."""


@dataclass(frozen=True)
class Components:
    """Components of variance of one answer; estimates, so each can be below 0. None where they can't be told apart."""

    reader: float | None
    question: float | None
    rest: float | None


@dataclass(frozen=True)
class CrossedMean:
    """``freedom`` is Satterthwaite's degrees of freedom of ``variance``, the variance of ``mean``."""

    mean: float
    variance: float
    freedom: float
    readers: int
    questions: int
    components: Components

    @property
    def standard_error(self) -> float:
        return float(np.sqrt(self.variance))

    def interval(self, confidence: float = 0.95) -> Interval:
        half = student.quantile(confidence, self.freedom) * self.standard_error
        return Interval(self.mean - half, self.mean + half)

    def p_against(self, value: float = 0.0) -> float:
        """Two-sided p of the hypothesis that the mean is ``value``."""
        if self.variance <= 0:
            return 1.0 if self.mean == value else 0.0
        return student.two_sided_p((self.mean - value) / self.standard_error, self.freedom)


def crossed_mean(table: Table) -> CrossedMean:
    """The mean over readers and questions. A single reader is no sample: then only the questions vary.

    Raises ValueError without an answer.
    """
    there = ~np.isnan(table)
    table = table[there.any(axis=1)][:, there.any(axis=0)]
    if not table.size:
        raise ValueError("A mean over readers and questions needs at least one answer.")
    there = ~np.isnan(table)
    readers, questions = table.shape
    means = np.nansum(table, axis=1) / there.sum(axis=1)
    components = variance_components(table)
    if readers == 1:
        variance, freedom = float(np.var(table, ddof=1)) / questions if questions > 1 else 0.0, max(1, questions - 1)
        return CrossedMean(float(means[0]), variance, freedom, readers, questions, components)
    of_readers = float(np.var(means, ddof=1)) / readers
    shared = _shared_weight(there)
    of_questions = max(components.question or 0.0, 0.0) * shared
    of_rest = max(components.rest or 0.0, 0.0) * shared / readers
    variance = of_readers + of_questions
    squares = of_readers**2 / (readers - 1)
    squares += ((of_questions + of_rest) ** 2 + of_rest**2 / (readers - 1)) / max(1, questions - 1)
    freedom = variance**2 / squares if squares else float(readers - 1)
    return CrossedMean(float(means.mean()), variance, freedom, readers, questions, components)


def variance_components(table: Table) -> Components:
    """Gallas' moments M1 to M4, of pairs of answers: the same one, one reader's to two questions, two readers' to one
    question, two readers' to two questions; and the components that follow from them.
    """
    there = ~np.isnan(table)
    values = np.nan_to_num(table)
    by_reader, by_question = there.sum(axis=1), there.sum(axis=0)
    answers = float(there.sum())
    square = float((values**2).sum())
    same_reader = float((values.sum(axis=1) ** 2).sum())
    same_question = float((values.sum(axis=0) ** 2).sum())
    reader_pairs, question_pairs = float((by_reader**2).sum()), float((by_question**2).sum())
    everything = float(values.sum()) ** 2
    one = square / answers if answers else None
    two = _mean(same_reader - square, reader_pairs - answers)
    three = _mean(same_question - square, question_pairs - answers)
    four = _mean(
        everything - same_reader - same_question + square, answers**2 - reader_pairs - question_pairs + answers
    )
    if one is None or two is None or three is None or four is None:
        return Components(None, None, None)
    return Components(reader=two - four, question=three - four, rest=one - two - three + four)


def _mean(total: float, pairs: float) -> float | None:
    return total / pairs if pairs > 0 else None


def _shared_weight(there: NDArray[np.bool_]) -> float:
    """The mean over pairs of readers of the weight of the questions that both answered: 1 / Q if all answered all."""
    shares = there / there.sum(axis=1, keepdims=True)
    pairs = shares @ shares.T
    readers = len(there)
    return float(pairs.sum() - np.trace(pairs)) / (readers * (readers - 1))
