"""A reader beside the machine: question by question, after the ballot is submitted."""

from dataclasses import dataclass

from microdb.quizzes.models import Answer, Ballot, ModelAnswer, Question
from microdb.quizzes.reports import RaterResult, Report, option_labels, probability_of, quiz_report, rater_result


@dataclass(frozen=True)
class Probability:
    """A model's probability (0 to 1) of one option."""

    label: str
    position: int | None
    value: float


@dataclass(frozen=True)
class MachineAnswer:
    answer: ModelAnswer
    right: bool
    probabilities: list[Probability]


@dataclass(frozen=True)
class ComparedQuestion:
    """One question with the reader's answer (empty when unanswered), the truth and each machine's answer."""

    number: int
    question: Question
    label: str
    right: bool
    machines: list[MachineAnswer]

    @property
    def beat_the_machine(self) -> bool:
        return self.right and any(not machine.right for machine in self.machines)

    @property
    def lost_to_the_machine(self) -> bool:
        return not self.right and any(machine.right for machine in self.machines)


@dataclass(frozen=True)
class Comparison:
    own: RaterResult
    questions: list[ComparedQuestion]
    report: Report

    @property
    def won(self) -> list[ComparedQuestion]:
        return [compared for compared in self.questions if compared.beat_the_machine]

    @property
    def lost(self) -> list[ComparedQuestion]:
        return [compared for compared in self.questions if compared.lost_to_the_machine]


def side_by_side(ballot: Ballot) -> Comparison:
    """The submitted ballot in its own order of questions, with the panel's and the models' results so far."""
    answers: dict[int, Answer] = {a.question_id: a for a in ballot.answers.select_related("material_class")}
    report = quiz_report(ballot.quiz)
    results = {result.question.pk: result for result in report.questions}
    positions = {c.name: c.position for c in ballot.quiz.dataset.material_classes.all()}
    options = option_labels(ballot.quiz)[:-1]
    compared = []
    for number, question in enumerate(ballot.questions_in_order(), start=1):
        result = results[question.pk]
        truth, label = result.question.truth_label, answers[question.pk].label if question.pk in answers else ""
        machines = [
            MachineAnswer(given, given.predicted == truth, _probabilities(given, options, positions))
            for given in result.model_answers
        ]
        compared.append(ComparedQuestion(number, result.question, label, label == truth, machines))
    own = rater_result(ballot.nickname, sum(c.right for c in compared), len(answers))
    return Comparison(own, compared, report)


def _probabilities(answer: ModelAnswer, options: list[str], positions: dict[str, int]) -> list[Probability]:
    return [Probability(label, positions.get(label), probability_of(answer, label)) for label in options]
