"""The sample dataset: five steel-like microstructures and three other materials, drawn to scale by the classifier.

The demo's dataset is one, and everybody who is signed in can have one. A worker draws it in small steps; each may be
killed at any instruction, and repeated.
"""

import io
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext as _

from microdb.accounts.models import User
from microdb.front.models import Sample
from microdb.micrographs import services
from microdb.micrographs.models import NONE_OF_THESE, Dataset, Micrograph, Role, ScaleSource, Split
from microdb.micrographs.services.classes import describe_material_class

DEMO_SLUG = "drawn-steels"
CLASSES = {
    "equiaxed-ferrite": "Grains of about the same size in all directions, without lamellae or particles inside.",
    "pearlite": "Colonies of parallel lamellae; the direction changes from colony to colony.",
    "martensite": "Needles or laths in a few directions that cross, within former grains.",
    "spheroidite": "Round particles, apart from each other, in a smooth matrix.",
    "widmanstatten": "Long plates that grow from the grain boundaries into the grains.",
}
"""Material classes with their definitions."""
OTHER_MATERIALS = ("foam", "cast-iron", "fibres")
SPECIMENS_TO_TRAIN, SPECIMENS_IN_QUIZ = 5, 3
PER_TRAIN_SPECIMEN, PER_QUIZ_SPECIMEN = 4, 2
DRAWN_AT_ONCE = 8
"""Micrographs drawn in one step; between steps the worker takes other messages."""
SEEDS_APART = 1000
"""Between two samples: their micrographs differ, so that a quiz in one gives nothing away in another."""
DRAWN_WITHIN = timedelta(hours=1)
"""After that time nobody waits for a sample any more."""


@dataclass(frozen=True)
class Drawing:
    """What one micrograph of a sample shows. ``number`` is unique in it, and so is the file name made from it."""

    material: str
    specimen: int
    split: str
    number: int

    @property
    def filename(self) -> str:
        return f"drawn-{self.number:03d}.png"

    @property
    def label(self) -> str:
        return self.material if self.material in CLASSES else NONE_OF_THESE


def drawings() -> list[Drawing]:
    """A whole sample. Train and quiz share no specimen; only the quiz has None of these."""
    wanted = [
        (material, specimen, Split.TRAIN if specimen < SPECIMENS_TO_TRAIN else Split.QUIZ)
        for material in CLASSES
        for specimen in range(SPECIMENS_TO_TRAIN + SPECIMENS_IN_QUIZ)
        for _number in range(PER_TRAIN_SPECIMEN if specimen < SPECIMENS_TO_TRAIN else PER_QUIZ_SPECIMEN)
    ]
    wanted += [(material, SPECIMENS_TO_TRAIN, Split.QUIZ) for material in OTHER_MATERIALS for _number in range(2)]
    return [Drawing(material, specimen, split, number) for number, (material, specimen, split) in enumerate(wanted)]


@transaction.atomic
def make_sample(*, by: User, name: str, slug: str = "") -> Dataset:
    """A sample that ``by`` owns, still without micrographs."""
    dataset = services.create_dataset(
        name=name,
        slug=slug,
        by=by,
        description="Five steel-like microstructures, drawn to scale by MicroDB itself.",
        source="Drawn by MicroDB.",
        class_names=list(CLASSES),
    )
    for material_class in dataset.material_classes.all():
        describe_material_class(material_class=material_class, description=CLASSES[material_class.name])
    Sample.objects.create(dataset=dataset)
    return dataset


@transaction.atomic
def make_own_sample(*, by: User) -> Dataset:
    """The sample of ``by``: there is one for each person."""
    User.objects.select_for_update().get(pk=by.pk)  # two clicks make one dataset
    own = Dataset.objects.visible_to(by, Role.OWNER).filter(sample__isnull=False, created_by=by).first()
    return own or make_sample(by=by, name=_("Sample: drawn steels"))


def draw_some(pk: int) -> bool:
    """Draw the next few missing micrographs of a sample. False where none is missing, or somebody else draws."""
    with transaction.atomic():
        dataset = Dataset.objects.select_for_update(skip_locked=True).filter(pk=pk, trashed_at=None).first()
        if dataset is None:
            return False
        missing = _not_drawn(dataset)[:DRAWN_AT_ONCE]
        for drawing in missing:
            _draw(dataset, drawing)
    return bool(missing)


def unfinished() -> list[int]:
    """The keys of samples that somebody waits for, and that lack micrographs."""
    recent = Sample.objects.filter(dataset__trashed_at=None, dataset__created_at__gt=timezone.now() - DRAWN_WITHIN)
    counted = recent.annotate(drawn=Count("dataset__micrographs"))
    return list(counted.filter(drawn__lt=len(drawings())).values_list("pk", flat=True))


def _not_drawn(dataset: Dataset) -> list[Drawing]:
    stored = set(Micrograph.objects.filter(dataset=dataset).values_list("filename", flat=True))
    return [drawing for drawing in drawings() if drawing.filename not in stored]


def _draw(dataset: Dataset, drawing: Drawing) -> None:
    from microdb.training.bridge.demo import draw_demo_micrograph

    first_seed = 0 if dataset.slug == DEMO_SLUG else SEEDS_APART * dataset.pk
    png, pixels_per_micrometre = draw_demo_micrograph(
        drawing.material, specimen=drawing.specimen, seed=first_seed + drawing.number
    )
    micrograph = services.add_micrograph(
        dataset=dataset,
        file=io.BytesIO(png),
        filename=drawing.filename,
        by=dataset.created_by,
        pixels_per_micrometre=pixels_per_micrometre,
        scale_source=ScaleSource.SIDECAR,
        label=drawing.label,
        specimen=f"{drawing.material}-{drawing.specimen + 1}",
        modality="drawn",
        split=drawing.split,
    )
    services.read_at_once(micrograph=micrograph)
