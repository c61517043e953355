"""A results page's measures without the report: from the answers' rows, with scipy and by counting pairs."""

from itertools import combinations

import numpy as np
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar

from microdb.micrographs.models import NONE_OF_THESE
from microdb.quizzes.models import Answer, ModelAnswer

OPTIONS = ["ferrite", "pearlite", NONE_OF_THESE]
UNSURE = -1


class Rows:
    """The answers as arrays, read on another way than the report's: readers x questions of option places."""

    def __init__(self, quiz):
        questions = list(quiz.questions.order_by("position").values_list("pk", flat=True))
        self.truth = np.array([OPTIONS.index(q.truth.label) for q in quiz.questions.order_by("position")])
        ballots = list(quiz.ballots.order_by("started_at", "pk"))
        self.panels = np.array([ballot.panel for ballot in ballots])
        shape = len(ballots), len(questions)
        self.codes, self.confidence, self.seconds = np.zeros(shape, int), np.full(shape, np.nan), np.zeros(shape)
        for a in Answer.objects.select_related("option"):
            place = [b.pk for b in ballots].index(a.ballot_id), questions.index(a.question_id)
            self.codes[place] = OPTIONS.index(a.option.label) if a.option else UNSURE
            self.confidence[place] = np.nan if a.confidence is None else a.confidence / 100
            self.seconds[place] = a.active_ms / 1000
        self.right = (self.codes == self.truth).astype(float)
        self.models = {}
        for number in (1, 2):
            given = ModelAnswer.objects.filter(model_version__number=number).order_by("question__position")
            table = [[*(a.probabilities[name] for name in OPTIONS[:2]), a.none_of_these] for a in given]
            self.models[number] = np.array([OPTIONS.index(a.predicted) for a in given]), np.array(table)

    def of(self, label):
        """The rows of a panel by its label on the page."""
        return self.panels == label.removesuffix("s")

    def model_right(self, number):
        return (self.models[number][0] == self.truth).astype(float)


def mean_squares(table):
    readers, questions = table.shape
    of_readers = questions * table.mean(axis=1).var(ddof=1)
    of_questions = readers * table.mean(axis=0).var(ddof=1)
    rest = table - table.mean(axis=1, keepdims=True) - table.mean(axis=0) + table.mean()
    return of_readers, of_questions, (rest**2).sum() / ((readers - 1) * (questions - 1))


def parts_of(table):
    """Standard error of the mean, the shares of readers and questions in its variance, and the critical value."""
    readers, questions = table.shape
    of_readers, of_questions, rest = mean_squares(table)
    parts = np.array([of_readers, max(of_questions - rest, 0)])
    shares = parts / parts.sum()
    return np.sqrt(parts.sum() / table.size), shares, stats.t.ppf(0.975, [readers - 1, questions - 1]) @ shares


def number_of(label):
    return int(label.split()[-1])


def p_of_mcnemar(first, second):
    table = [[((first == a) & (second == b)).sum() for b in (1, 0)] for a in (1, 0)]
    return mcnemar(table, exact=True).pvalue


def alpha_of(codes):
    """Krippendorff's alpha from pairs of answers to the same question, and to any two."""
    units = [[code for code in column if code != UNSURE] for column in codes.T]
    units = [unit for unit in units if len(unit) > 1]
    within = sum(sum(a != b for a, b in combinations(unit, 2)) * 2 / (len(unit) - 1) for unit in units)
    pooled = [code for unit in units for code in unit]
    total = len(pooled)
    return 1 - (within / total) / (sum(a != b for a, b in combinations(pooled, 2)) * 2 / (total * (total - 1)))


def stated(rows, label):
    """Confidence, right, and who answered."""
    if label.startswith("Model"):
        codes, table = rows.models[number_of(label)]
        return table[np.arange(20), codes], (codes == rows.truth).astype(float), np.arange(20)
    mask = rows.of(label)
    there = ~np.isnan(rows.confidence[mask])
    return rows.confidence[mask][there], rows.right[mask][there], np.nonzero(there)[0]


def credit(shares, truth):
    """The share of a vote that the truth wins."""
    winners = np.isclose(shares, shares.max(axis=1, keepdims=True)) & (shares.max(axis=1, keepdims=True) > 0)
    return winners[np.arange(len(truth)), truth] / winners.sum(axis=1)


def resampled(statistic, columns):
    """The percentile interval of a statistic over resampled columns, the questions."""
    random, count = np.random.default_rng(7), columns.shape[1]
    with np.errstate(invalid="ignore"):
        drawn = [statistic(columns[:, random.integers(0, count, count)]) for _ in range(1000)]
    return tuple(np.nanquantile(drawn, [0.025, 0.975]))


def newcombe_ends(area, positives, negatives):
    """The interval of an area under a ROC curve: the roots next to it of Newcombe's equation, as a polynomial in the
    true area."""
    true, pairs = np.polynomial.Polynomial([0, 1]), positives * negatives
    outer, extra = (2 - true) * (1 + true), (positives + negatives) / 2 - 1
    variance = true * (1 - true) * (outer + extra * ((1 - true) * (1 + true) + true * (2 - true)))
    roots = (pairs * (area - true) ** 2 * outer - stats.norm.ppf(0.975) ** 2 * variance).roots()
    real = np.append(roots[np.abs(roots.imag) < 1e-9].real, [0, 1])
    below, above = real[(real >= 0) & (real < area - 1e-9)], real[(real > area - 1e-9) & (real < 1 + 1e-9)]
    return below.max(initial=0), above.min()
