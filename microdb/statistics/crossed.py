"""The mean of answers by readers to questions, where both are samples (multi-reader, multi-case).

Each of R readers has a mean over the questions that they answered, and the estimate is the mean of these. Its variance
is that of Obuchowski and Rockette for a single modality (Commun. Stat. Simul. 24, 1995; S. L. Hillis, Stat. Med. 26,
2007): the spread of the readers' means, MS(R) / R, plus the covariance that readers have because they answered the
same questions. The covariance comes from the components of variance, which are unbiased U-statistics of the moments of
pairs of answers (B. D. Gallas, G. A. Pennello and K. J. Myers, J. Opt. Soc. Am. A 24, B70, 2007, in the form for
unequal numbers of answers). With all questions answered by all readers this is the two-way analysis of variance.
"""

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from microdb.statistics import student
from microdb.statistics.intervals import BISECTIONS, Interval

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
    """``of_readers`` and ``of_questions`` are the parts of the variance of ``mean``."""

    mean: float
    of_readers: float
    of_questions: float
    readers: int
    questions: int
    components: Components

    @property
    def variance(self) -> float:
        return self.of_readers + self.of_questions

    @property
    def standard_error(self) -> float:
        return sqrt(self.variance)

    def critical(self, level: float = 0.05) -> float:
        """By how many standard errors a mean must differ from 0 at this level of significance.

        Student's t has R - 1 degrees of freedom for the part of the readers and Q - 1 for that of the questions; the
        critical value is the mean of the two, weighted by the parts (W. G. Cochran and G. M. Cox, Experimental
        Designs, 1950). Satterthwaite's single t rejects too often with three readers, whose few means often lie close
        together by chance.
        """
        of_questions = student.critical(level, max(1, self.questions - 1))
        if not self.of_readers:
            return of_questions
        of_readers = student.critical(level, self.readers - 1)
        return (self.of_readers * of_readers + self.of_questions * of_questions) / self.variance

    def interval(self, confidence: float = 0.95) -> Interval:
        half = self.critical(1 - confidence) * self.standard_error
        return Interval(self.mean - half, self.mean + half)

    def p_against(self, value: float = 0.0) -> float:
        """Two-sided p of the hypothesis that the mean is ``value``: where the critical value equals the distance."""
        if self.variance <= 0:
            return 1.0 if self.mean == value else 0.0
        distance = abs(self.mean - value) / self.standard_error
        freedoms = [max(1, self.questions - 1)] + ([self.readers - 1] if self.of_readers else [])
        bounds = [student.two_sided_p(distance, freedom) for freedom in freedoms]
        low, high = min(bounds), max(bounds)
        for _ in range(BISECTIONS):
            middle = (low + high) / 2
            low, high = (middle, high) if self.critical(middle) > distance else (low, middle)
        return (low + high) / 2


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
        of_readers, of_questions = 0.0, float(np.var(table, ddof=1)) / questions if questions > 1 else 0.0
    else:
        of_readers = float(np.var(means, ddof=1)) / readers
        of_questions = max(components.question or 0.0, 0.0) * _shared_weight(there)
    return CrossedMean(float(means.mean()), of_readers, of_questions, readers, questions, components)


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
