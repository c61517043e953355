"""What readers may know of each class before they answer: its definition, what it is mistaken for, and examples."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from microdb.micrographs.models import NONE_OF_THESE
from microdb.quizzes.models import Exemplar, Quiz
from microdb.training.models import ModelVersion

OFTEN = 0.1
"""Share of a class's held-out training micrographs that is predicted as the other class, at least."""


@dataclass(frozen=True)
class ClassGuide:
    label: str
    position: int
    description: str
    confused_with: list[str]
    exemplars: list[Exemplar]


def class_guides(quiz: Quiz) -> list[ClassGuide]:
    """Of every class; once the quiz is open, as its options have them."""
    exemplars: dict[int, list[Exemplar]] = defaultdict(list)
    for exemplar in quiz.exemplars.select_related("material_class", "micrograph"):
        exemplars[exemplar.material_class_id].append(exemplar)
    if quiz.opened_at:
        options = [option for option in quiz.options.all() if not option.is_none_of_these]
        return [
            ClassGuide(o.label, o.position, o.description, o.confused_with, exemplars[o.material_class_id or 0])
            for o in options
        ]
    confused = often_confused(quiz.competitors.all())
    classes = quiz.dataset.material_classes.all()
    return [ClassGuide(c.name, c.position, c.description, confused[c.name], exemplars[c.pk]) for c in classes]


def often_confused(versions: Iterable[ModelVersion]) -> dict[str, list[str]]:
    """Class to the classes that the versions' held-out training micrographs of it are often predicted as, worst first.

    It comes from the training alone, so it tells nothing of the questions.
    """
    counts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for version in versions:
        outcomes = version.metrics.get("outcomes", [])
        for truth, row in zip(outcomes, version.metrics.get("confusion", []), strict=False):
            for predicted, count in zip(outcomes, row, strict=False):
                counts[truth][predicted] += count
    found: dict[str, list[str]] = defaultdict(list)
    for truth, row_counts in counts.items():
        total = sum(row_counts.values())
        others = [(n, label) for label, n in row_counts.items() if label not in (truth, NONE_OF_THESE)]
        found[truth] = [label for n, label in sorted(others, reverse=True) if n and n >= OFTEN * total]
    return found
