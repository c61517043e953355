"""Questions and training micrographs without a specimen: nobody can compute whether they leak."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from microdb.micrographs.models import Micrograph
from microdb.quizzes.composition.leakage import trained_entries
from microdb.quizzes.models import Quiz
from microdb.training.models import ModelVersion


@dataclass(frozen=True)
class UnknownSpecimens:
    """How many questions, and how many micrographs that a competitor was trained on, name no specimen."""

    questions: int
    training: int

    def __bool__(self) -> bool:
        return bool(self.questions or self.training)

    @property
    def sentence(self) -> str:
        questions = ngettext("%d question", "%d questions", self.questions) % self.questions
        training = ngettext("%d training micrograph", "%d training micrographs", self.training) % self.training
        return _(
            "%(questions)s and %(training)s name no specimen, so MicroDB can't tell whether a question shows a "
            "specimen that a model was trained on."
        ) % {"questions": questions, "training": training}


def unknown_specimens(asked: Iterable[Micrograph], competitors: Iterable[ModelVersion]) -> UnknownSpecimens:
    unnamed = [trained_entries(version).filter(specimen="").values("micrograph") for version in competitors]
    training = unnamed[0].union(*unnamed[1:]).count() if len(unnamed) > 1 else sum(rows.count() for rows in unnamed)
    return UnknownSpecimens(sum(not micrograph.specimen for micrograph in asked), training)


def accepted_specimens(quiz: Quiz) -> UnknownSpecimens | None:
    """What the organiser accepted when the quiz opened; None where every specimen is known."""
    stored = quiz.unknown_specimens
    return UnknownSpecimens(stored["questions"], stored["training"]) if stored else None
