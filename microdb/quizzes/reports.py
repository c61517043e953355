"""A quiz's results, assembled from its rows: panels, models, comparisons, and the votes on every question."""

from collections import Counter
from dataclasses import dataclass

import numpy as np
from django.utils.translation import gettext as _

from microdb.accounts.models import Panel
from microdb.micrographs.models import NONE_OF_THESE
from microdb.quizzes import results
from microdb.quizzes.models import UNSURE, Answer, Ballot, ModelAnswer, Question, Quiz
from microdb.quizzes.results import Interval
from microdb.training.models import ModelVersion


@dataclass(frozen=True)
class PanelResult:
    """Readers of one kind; ``interval`` by bootstrap over readers and questions."""

    panel: str
    label: str
    readers: int
    answered: int
    accuracy: float
    interval: Interval


@dataclass(frozen=True)
class RaterResult:
    """One rater, a reader or a model version, with Wilson's and the exact interval."""

    label: str
    right: int
    answered: int
    interval: Interval
    exact_interval: Interval

    @property
    def accuracy(self) -> float:
        return self.right / self.answered


@dataclass(frozen=True)
class ModelResult(RaterResult):
    version: ModelVersion


@dataclass(frozen=True)
class Comparison:
    """A model against a panel; ``p`` by permutation over questions, ``corrected_p`` after Holm."""

    model: ModelResult
    panel: PanelResult
    p: float
    corrected_p: float
    binomial_p: float

    @property
    def difference(self) -> float:
        return self.model.accuracy - self.panel.accuracy


@dataclass(frozen=True)
class Vote:
    """How many readers of each panel chose an option of a question, and each model's probability of it (0 to 1)."""

    label: str
    is_truth: bool
    experts: int
    non_experts: int
    probabilities: tuple[float, ...]


@dataclass(frozen=True)
class QuestionResult:
    question: Question
    votes: list[Vote]
    model_answers: list[ModelAnswer]


@dataclass(frozen=True)
class Report:
    quiz: Quiz
    panels: list[PanelResult]
    best_expert: RaterResult | None
    models: list[ModelResult]
    comparisons: list[Comparison]
    questions: list[QuestionResult]
    real_readers: int
    simulated_readers: int
    includes_simulated: bool


def option_labels(quiz: Quiz) -> list[str]:
    """What a reader can choose, in the order of the buttons."""
    classes = [c.name for c in quiz.dataset.material_classes.all()]
    return classes + ([NONE_OF_THESE] if quiz.offers_none_of_these else []) + [UNSURE]


def probability_of(answer: ModelAnswer, label: str) -> float:
    """A model is never unsure: it spreads its probability over the classes and none of these."""
    if label == NONE_OF_THESE:
        return answer.none_of_these
    return float(answer.probabilities.get(label, 0.0))


def rater_result(label: str, right: int, answered: int) -> RaterResult:
    wilson, exact = results.wilson_interval(right, answered), results.exact_interval(right, answered)
    return RaterResult(label=label, right=right, answered=answered, interval=wilson, exact_interval=exact)


def quiz_report(quiz: Quiz, *, include_simulated: bool | None = None) -> Report:
    """Everything that the results page says of an opened quiz, from its submitted ballots.

    Simulated readers count only where asked for, or (``None``) as long as there are no real ones.
    """
    ballots = list(quiz.ballots.submitted())
    real = [ballot for ballot in ballots if not ballot.simulated]
    if include_simulated is None:
        include_simulated = not real
    counted = ballots if include_simulated else real
    questions = list(quiz.questions.select_related("truth", "micrograph"))
    answers = list(Answer.objects.filter(ballot__in=counted).select_related("material_class"))
    right = right_answers(questions, counted, answers)
    panels = [p for panel in Panel if (p := _panel_result(panel, _rows_of(panel, counted, right)))]
    given = ModelAnswer.objects.filter(question__quiz=quiz).select_related("model_version__dataset")
    model_answers = list(given.order_by("model_version__number"))
    model_rights = _model_rights(questions, model_answers)
    models = [_model_result(version, row) for version, row in model_rights.items()]
    return Report(
        quiz=quiz,
        panels=panels,
        best_expert=_best_expert(counted, right),
        models=models,
        comparisons=_compare(models, panels, model_rights, counted, right),
        questions=_question_results(quiz, questions, counted, answers, model_answers),
        real_readers=len(real),
        simulated_readers=len(ballots) - len(real),
        includes_simulated=include_simulated,
    )


def right_answers(questions: list[Question], ballots: list[Ballot], answers: list[Answer]) -> results.Answers:
    """Ballots x questions: 1 right, 0 not right (unsure is not), NaN not answered."""
    rows = {ballot.pk: row for row, ballot in enumerate(ballots)}
    columns = {question.pk: column for column, question in enumerate(questions)}
    truths = {question.pk: question.truth_label for question in questions}
    right = np.full((len(ballots), len(questions)), np.nan)
    for answer in answers:
        right[rows[answer.ballot_id], columns[answer.question_id]] = answer.label == truths[answer.question_id]
    return right


def _rows_of(panel: str, ballots: list[Ballot], right: results.Answers) -> results.Answers:
    return right[[row for row, ballot in enumerate(ballots) if ballot.panel == panel]]


def _panel_result(panel: Panel, right: results.Answers) -> PanelResult | None:
    answered = int((~np.isnan(right)).sum())
    if not answered:
        return None
    label = _("experts") if panel == Panel.EXPERT else _("non-experts")
    accuracy, interval = results.panel_accuracy(right), results.panel_interval(right)
    return PanelResult(panel.value, label, len(right), answered, accuracy, interval)


def _best_expert(ballots: list[Ballot], right: results.Answers) -> RaterResult | None:
    """The expert with the most right answers: one who answered a single question well is not the best."""
    experts = _rows_of(Panel.EXPERT, ballots, right)
    counts = [(int(np.nansum(row)), -int((~np.isnan(row)).sum())) for row in experts]
    counts = [count for count in counts if count[1]]
    return rater_result(_("best expert"), max(counts)[0], -max(counts)[1]) if counts else None


def _model_rights(questions: list[Question], answers: list[ModelAnswer]) -> dict[ModelVersion, results.Answers]:
    columns = {question.pk: (column, question.truth_label) for column, question in enumerate(questions)}
    rights: dict[ModelVersion, results.Answers] = {}
    for answer in answers:
        row = rights.setdefault(answer.model_version, np.full(len(questions), np.nan))
        column, truth = columns[answer.question_id]
        row[column] = answer.predicted == truth
    return rights


def _model_result(version: ModelVersion, right: results.Answers) -> ModelResult:
    rater = rater_result(_("Model version %d") % version.number, int(np.nansum(right)), int((~np.isnan(right)).sum()))
    return ModelResult(**vars(rater), version=version)


def _compare(
    models: list[ModelResult],
    panels: list[PanelResult],
    model_rights: dict[ModelVersion, results.Answers],
    ballots: list[Ballot],
    right: results.Answers,
) -> list[Comparison]:
    pairs = [(model, panel) for model in models for panel in panels]
    rows = {panel.panel: _rows_of(panel.panel, ballots, right) for panel in panels}
    p_values = [results.permutation_p(model_rights[model.version], rows[panel.panel]) for model, panel in pairs]
    return [
        Comparison(model, panel, p, corrected, results.binomial_p(model.right, model.answered, panel.accuracy))
        for (model, panel), p, corrected in zip(pairs, p_values, results.holm(p_values), strict=True)
    ]


def _question_results(
    quiz: Quiz, questions: list[Question], ballots: list[Ballot], answers: list[Answer], given: list[ModelAnswer]
) -> list[QuestionResult]:
    panels = {ballot.pk: ballot.panel for ballot in ballots}
    votes = Counter((answer.question_id, panels[answer.ballot_id], answer.label) for answer in answers)
    by_question: dict[int, list[ModelAnswer]] = {question.pk: [] for question in questions}
    for answer in given:
        by_question[answer.question_id].append(answer)
    labels = option_labels(quiz)
    return [
        QuestionResult(
            question,
            [
                Vote(
                    label,
                    label == question.truth_label,
                    votes[question.pk, Panel.EXPERT.value, label],
                    votes[question.pk, Panel.NON_EXPERT.value, label],
                    tuple(probability_of(answer, label) for answer in by_question[question.pk]),
                )
                for label in labels
            ],
            by_question[question.pk],
        )
        for question in questions
    ]
