"""A quiz's answers as arrays of ballots x questions; no other module turns rows into numbers."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from microdb.accounts.models import Panel
from microdb.micrographs.models import NONE_OF_THESE
from microdb.quizzes.models import Answer, Ballot, ModelAnswer, Question, Quiz
from microdb.quizzes.reports.readers import Readers
from microdb.statistics import Answers

UNSURE_CODE, UNANSWERED, UNKNOWN = -1, -2, -3
"""Codes beside the options' indices: unsure, no answer, and a model's class that is no option of the quiz."""


@dataclass(frozen=True)
class Competitor:
    """A model version's answers: option indices per question, and its probability of each option."""

    number: int
    codes: NDArray[np.int_]
    probabilities: NDArray[np.float64]
    truth: NDArray[np.int_]

    @cached_property
    def right(self) -> Answers:
        return np.where(self.codes == self.truth, 1.0, 0.0)

    @property
    def confidence(self) -> NDArray[np.float64]:
        """The probability of its own answer, per question."""
        answers = np.maximum(self.codes, 0)
        return np.asarray(self.probabilities[np.arange(len(answers)), answers])


@dataclass(frozen=True)
class AnswerMatrix:
    """Ballots x questions: ``codes`` (option index, unsure or unanswered), ``confidence`` (0 to 1) and ``seconds``
    in view, both NaN where not known. ``truth`` is the true option's index per question.
    """

    quiz: Quiz
    options: list[str]
    questions: list[Question]
    truth: NDArray[np.int_]
    ballots: list[Ballot]
    codes: NDArray[np.int_]
    confidence: NDArray[np.float64]
    seconds: NDArray[np.float64]
    competitors: list[Competitor]

    @cached_property
    def right(self) -> Answers:
        """Ballots x questions: 1 right, 0 not right (unsure is not), NaN not answered."""
        return np.where(self.codes == UNANSWERED, np.nan, np.where(self.codes == self.truth, 1.0, 0.0))

    def rows_of(self, panel: str) -> NDArray[np.bool_]:
        return np.array([ballot.panel == panel for ballot in self.ballots], dtype=bool)

    def panels(self) -> list[tuple[Panel, NDArray[np.bool_]]]:
        """The panels that have an answer, with their rows."""
        rows = [(panel, self.rows_of(panel)) for panel in Panel]
        return [(panel, mask) for panel, mask in rows if (self.codes[mask] != UNANSWERED).any()]

    def votes(self, rows: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Questions x options: how many of the readers chose each."""
        return np.stack([(self.codes[rows] == index).sum(axis=0) for index in range(len(self.options))], axis=1) * 1.0


def answer_matrix(quiz: Quiz, readers: Readers) -> tuple[AnswerMatrix, bool]:
    """The chosen readers' answers beside truth and models, and whether simulated readers may be among them."""
    ballots, with_simulated = readers.choose(quiz)
    options = list(quiz.options.all())
    questions = list(quiz.questions.select_related("truth", "micrograph"))
    indices = {option.pk: index for index, option in enumerate(options)}
    truth = np.array([indices[question.truth.pk] for question in questions if question.truth])
    codes, confidence, seconds = _answers(ballots, questions, indices)
    if readers.complete:
        whole = (codes != UNANSWERED).all(axis=1)
        ballots = [ballot for ballot, counts in zip(ballots, whole, strict=True) if counts]
        codes, confidence, seconds = codes[whole], confidence[whole], seconds[whole]
    labels = [option.label for option in options]
    competitors = _competitors(quiz, questions, labels, truth)
    matrix = AnswerMatrix(quiz, labels, questions, truth, ballots, codes, confidence, seconds, competitors)
    return matrix, with_simulated


def _answers(
    ballots: list[Ballot], questions: list[Question], indices: dict[int, int]
) -> tuple[NDArray[np.int_], NDArray[np.float64], NDArray[np.float64]]:
    rows = {ballot.pk: row for row, ballot in enumerate(ballots)}
    columns = {question.pk: column for column, question in enumerate(questions)}
    shape = len(ballots), len(questions)
    codes = np.full(shape, UNANSWERED)
    confidence, seconds = np.full(shape, np.nan), np.full(shape, np.nan)
    given = Answer.objects.filter(ballot__in=rows).values_list(
        "ballot_id", "question_id", "option_id", "confidence", "active_ms"
    )
    for ballot, question, option, percent, active_ms in given.iterator(chunk_size=20_000):
        place = rows[ballot], columns[question]
        codes[place] = UNSURE_CODE if option is None else indices[option]
        if percent is not None:
            confidence[place] = percent / 100
        if active_ms:
            seconds[place] = active_ms / 1000
    return codes, confidence, seconds


def _competitors(quiz: Quiz, questions: list[Question], labels: list[str], truth: NDArray[np.int_]) -> list[Competitor]:
    columns = {question.pk: column for column, question in enumerate(questions)}
    competitors: dict[int, Competitor] = {}
    for answer in ModelAnswer.objects.of_quiz(quiz):
        competitor = competitors.setdefault(
            answer.model_version.number,
            Competitor(
                answer.model_version.number,
                np.full(len(questions), UNANSWERED),
                np.zeros((len(questions), len(labels))),
                truth,
            ),
        )
        column = columns[answer.question_id]
        competitor.codes[column] = labels.index(answer.predicted) if answer.predicted in labels else UNKNOWN
        among_options = np.array([probability_of(answer, label) for label in labels])
        if not quiz.offers_none_of_these:
            among_options /= among_options.sum() or 1
        competitor.probabilities[column] = among_options
    return list(competitors.values())


def probability_of(answer: ModelAnswer, label: str) -> float:
    """A model's probability of an option; 0 for a class that it does not know."""
    if label == NONE_OF_THESE:
        return answer.none_of_these
    return float(answer.probabilities.get(label, 0.0))
