"""Feedback to a reader, after the ballot or (teaching mode) after each answer: own answer, truth and models.

The database counts the votes; the report would be too slow when dozens of readers finish at the same time.
"""

from collections import defaultdict
from dataclasses import dataclass
from statistics import mean

from django.db.models import Count, F, Q, QuerySet

from microdb.accounts.models import Panel
from microdb.quizzes.models import Answer, Ballot, ModelAnswer, Option, Question, Quiz
from microdb.quizzes.reports.accuracy import model_label, panel_label, rater_result
from microdb.quizzes.reports.answer_matrix import probability_of
from microdb.quizzes.reports.inference import RaterResult


@dataclass(frozen=True)
class OptionLine:
    """An option of a question: the machine's probability (0 to 1), and how many of each panel chose it."""

    option: Option
    probability: float
    experts: int
    non_experts: int


@dataclass(frozen=True)
class MachineAnswer:
    answer: ModelAnswer
    right: bool
    lines: list[OptionLine]


@dataclass(frozen=True)
class QuestionFeedback:
    """One question with the reader's answer (None when unanswered), the truth and each machine's answer."""

    number: int
    question: Question
    answer: Answer | None
    right: bool
    machines: list[MachineAnswer]

    @property
    def beat_the_machine(self) -> bool:
        return self.right and any(not machine.right for machine in self.machines)

    @property
    def lost_to_the_machine(self) -> bool:
        return self.answer is not None and not self.right and any(machine.right for machine in self.machines)


@dataclass(frozen=True)
class Standing:
    """Among the real readers of the same panel who count: the place by right answers (equals share one), of how many,
    and the percentage of the others who have fewer (half of those who have as many; None without others).
    """

    label: str
    rank: int
    readers: int
    percentile: float | None


@dataclass(frozen=True)
class PanelMean:
    label: str
    readers: int
    accuracy: float


@dataclass(frozen=True)
class Feedback:
    own: RaterResult
    standing: Standing | None
    panels: list[PanelMean]
    models: list[RaterResult]
    questions: list[QuestionFeedback]

    @property
    def won(self) -> list[QuestionFeedback]:
        return [compared for compared in self.questions if compared.beat_the_machine]

    @property
    def lost(self) -> list[QuestionFeedback]:
        return [compared for compared in self.questions if compared.lost_to_the_machine]


def ballot_feedback(ballot: Ballot) -> Feedback:
    """The questions that a submitted ballot answered, in its own order, beside the models and the real readers so far.

    A ballot that does not count has no standing.
    """
    questions = [one for one in question_feedback(ballot) if one.answer]
    own = rater_result(ballot.nickname, sum(one.right for one in questions), len(questions))
    counts = _right_counts(ballot.quiz)
    panels = [
        PanelMean(panel_label(panel), len(rows), mean(right / of for _ballot, right, of in rows))
        for panel in Panel
        if (rows := counts[panel])
    ]
    standing = _standing(ballot, counts[ballot.panel]) if ballot.counts else None
    return Feedback(own, standing, panels, _model_results(questions), questions)


def question_feedback(ballot: Ballot, only: Question | None = None) -> list[QuestionFeedback]:
    """The ballot's questions, or ``only`` one of them, each with its number in the ballot's order."""
    quiz = ballot.quiz
    answers = {a.question_id: a for a in ballot.answers.select_related("option")}
    votes = _votes(quiz)
    options = list(quiz.options.all())
    machines: dict[int, list[ModelAnswer]] = defaultdict(list)
    for answer in ModelAnswer.objects.of_quiz(quiz):
        machines[answer.question_id].append(answer)
    feedback = []
    questions = quiz.questions.select_related("micrograph", "truth")
    for number, question in enumerate(ballot.in_order(questions), start=1):
        if only is not None and question != only:
            continue
        own = answers.get(question.pk)
        machine_answers = [_machine(answer, question, options, votes) for answer in machines[question.pk]]
        right = own is not None and own.option_id == question.truth_id
        feedback.append(QuestionFeedback(number, question, own, right, machine_answers))
    return feedback


def _machine(
    answer: ModelAnswer, question: Question, options: list[Option], votes: dict[tuple[int, str, int | None], int]
) -> MachineAnswer:
    lines = [
        OptionLine(
            option,
            probability_of(answer, option.label),
            votes.get((question.pk, Panel.EXPERT.value, option.pk), 0),
            votes.get((question.pk, Panel.NON_EXPERT.value, option.pk), 0),
        )
        for option in options
    ]
    return MachineAnswer(answer, answer.predicted == question.truth_label, lines)


def _counted(quiz: Quiz) -> "QuerySet[Answer]":
    return Answer.objects.filter(ballot__in=quiz.ballots.counted().filter(simulated=False))


def _votes(quiz: Quiz) -> dict[tuple[int, str, int | None], int]:
    rows = _counted(quiz).values_list("question_id", "ballot__panel", "option_id").annotate(votes=Count("pk"))
    return {(question, panel, option): votes for question, panel, option, votes in rows}


def _right_counts(quiz: Quiz) -> dict[str, list[tuple[int, int, int]]]:
    """By panel: each submitted real ballot with its right and its given answers."""
    right = Count("pk", filter=Q(option=F("question__truth")))
    rows = _counted(quiz).values_list("ballot__panel", "ballot_id").annotate(right=right, of=Count("pk"))
    found: dict[str, list[tuple[int, int, int]]] = defaultdict(list)
    for panel, ballot, good, of in rows:
        found[panel].append((ballot, good, of))
    return found


def _standing(ballot: Ballot, counts: list[tuple[int, int, int]]) -> Standing:
    own = next(right for pk, right, _of in counts if pk == ballot.pk)
    others = [right for pk, right, _of in counts if pk != ballot.pk]
    below, level = sum(right < own for right in others), sum(right == own for right in others)
    percentile = 100 * (below + level / 2) / len(others) if others else None
    rank = 1 + sum(right > own for right in others)
    return Standing(panel_label(ballot.panel), rank, len(counts), percentile)


def _model_results(questions: list[QuestionFeedback]) -> list[RaterResult]:
    rights: dict[int, list[bool]] = defaultdict(list)
    for one in questions:
        for machine in one.machines:
            rights[machine.answer.model_version.number].append(machine.right)
    return [rater_result(model_label(number), sum(right), len(right)) for number, right in sorted(rights.items())]
