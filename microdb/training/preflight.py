"""What a dataset has for training, what is missing, and where to fix it, before a training starts."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from microdb.micrographs.models import Cell, Dataset, MaterialClass, Micrograph, Split

FEWEST_PER_CLASS = 2
"""A class with one micrograph has no positive for its triplets."""


class Fix(StrEnum):
    """The page on which a problem can be fixed."""

    SETTINGS = "settings"
    UPLOAD = "upload"
    LABEL = "labelling"
    GALLERY = "gallery"


@dataclass(frozen=True)
class ClassCount:
    """Micrographs of one class: how many can be trained on, and why the others can't."""

    name: str
    position: int
    usable: int
    without_scale: int
    not_ready: int
    unsplit: int


@dataclass(frozen=True)
class Problem:
    """A reason not to train yet, in words."""

    sentence: str
    fix: Fix


@dataclass(frozen=True)
class Preflight:
    """The counts per class and the problems; without problems, training can start."""

    classes: list[ClassCount]
    problems: list[Problem]

    @property
    def usable(self) -> int:
        return sum(row.usable for row in self.classes)

    @property
    def unsplit(self) -> int:
        """Labelled micrographs that could train but belong to no split yet."""
        return sum(row.unsplit for row in self.classes)

    @property
    def without_scale(self) -> int:
        return sum(row.without_scale for row in self.classes)


def preflight(dataset: Dataset, *, with_unsplit: bool = False) -> Preflight:
    """The preflight of the dataset as it is now; ``with_unsplit`` counts labelled micrographs of no split as usable."""
    classes = [_class_count(dataset, one, with_unsplit=with_unsplit) for one in _cells_of_classes(dataset)]
    return Preflight(classes, _problems(classes))


def unsplit_micrographs(dataset: Dataset) -> QuerySet[Micrograph]:
    """Those that could train if they were in split train."""
    known = dataset.shown().filter(material_class__isnull=False, split=Split.NEITHER)
    return known.ready().with_scale()


def _cells_of_classes(dataset: Dataset) -> Iterator[tuple[MaterialClass, list[Cell]]]:
    """Each class with what the database has counted of its micrographs, those of open quizzes included."""
    cells = list(dataset.micrograph_counts.counted("material_class", "split", "state", "scale_bin"))
    for material_class in dataset.material_classes.order_by("position"):
        yield material_class, [cell for cell in cells if cell["material_class"] == material_class.pk]


def _class_count(dataset: Dataset, of: tuple[MaterialClass, list[Cell]], *, with_unsplit: bool) -> ClassCount:
    material_class, cells = of

    def count(state: str, splits: Collection[str], *, scaled: bool | None = None) -> int:
        return sum(
            cell["total"]
            for cell in cells
            if cell["state"] == state
            and cell["split"] in splits
            and (scaled is None or scaled == (dataset.scale_free or cell["scale_bin"] is not None))
        )

    ready, to_train, nowhere = Micrograph.State.READY, {Split.TRAIN}, {Split.NEITHER}
    unsplit = count(ready, nowhere, scaled=True)
    return ClassCount(
        name=material_class.name,
        position=material_class.position,
        usable=count(ready, to_train, scaled=True) + (unsplit if with_unsplit else 0),
        without_scale=count(ready, to_train | nowhere, scaled=False),
        not_ready=count(Micrograph.State.READING, to_train),
        unsplit=unsplit,
    )


def _problems(classes: list[ClassCount]) -> list[Problem]:
    if len(classes) < 2:
        sentence = _("Training needs at least two material classes, but this dataset has %d. Add classes.")
        return [Problem(sentence % len(classes), Fix.SETTINGS)]
    return [_problem(row) for row in classes if row.usable < FEWEST_PER_CLASS]


def _problem(row: ClassCount) -> Problem:
    """Why a class has too few micrographs, with advice on the most helpful cause."""
    sentence = ngettext(
        "Class “%(name)s” has %(count)d micrograph to train on; %(wanted)d are needed.",
        "Class “%(name)s” has %(count)d micrographs to train on; %(wanted)d are needed.",
        row.usable,
    ) % {"name": row.name, "count": row.usable, "wanted": FEWEST_PER_CLASS}
    if row.unsplit:
        advice = _("%d labelled ones are in no split: put them in split “train”.") % row.unsplit
        return Problem(f"{sentence} {advice}", Fix.GALLERY)
    if row.without_scale:
        advice = _("%d have no scale: give their pixels per micrometre.") % row.without_scale
        return Problem(f"{sentence} {advice}", Fix.GALLERY)
    if row.not_ready:
        advice = _("%d are still being read: try again in a moment.") % row.not_ready
        return Problem(f"{sentence} {advice}", Fix.GALLERY)
    return Problem(f"{sentence} {_('Upload or label more of it, or remove the class.')}", Fix.LABEL)
