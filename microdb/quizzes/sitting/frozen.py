"""The questions and options of an opened quiz, cached in each web process because every answer needs them."""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from uuid import UUID

from microdb.quizzes.models import Option, Question, Quiz

QUIZZES_AT_HAND = 32


@dataclass(frozen=True)
class Frozen:
    """Rows to read, never to save: all threads of the process share them."""

    questions: tuple[Question, ...]
    options: tuple[Option, ...]

    @cached_property
    def question_of(self) -> dict[UUID, Question]:
        return {question.key: question for question in self.questions}

    @cached_property
    def option_of(self) -> dict[str, Option]:
        return {option.choice: option for option in self.options}


def frozen(quiz: Quiz) -> Frozen:
    """Of a quiz that has been opened; with its micrographs' sizes."""
    return _frozen(quiz.pk, quiz.frozen_sha256)


@lru_cache(maxsize=QUIZZES_AT_HAND)
def _frozen(pk: int, _sha256: str) -> Frozen:
    questions = Question.objects.filter(quiz=pk).select_related("micrograph")
    return Frozen(tuple(questions), tuple(Option.objects.filter(quiz=pk)))
