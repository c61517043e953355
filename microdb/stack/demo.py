"""The demo: a dataset of drawn steels that trains itself, scores its held-out micrographs and opens a quiz.

Each call of ``continue_demo`` does the next missing step. It may be called at any time, killed at any instruction, and
called again.
"""

import io
import secrets
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import transaction

from microdb.accounts.models import Panel, User
from microdb.micrographs import services as micrographs
from microdb.micrographs.models import NONE_OF_THESE, Dataset, Micrograph, ScaleSource, Split
from microdb.micrographs.services.classes import describe_material_class
from microdb.quizzes import services as quizzes
from microdb.quizzes.composition.readiness import readiness
from microdb.quizzes.models import Quiz
from microdb.scoring import services as scoring
from microdb.scoring.models import Score
from microdb.scoring.tasks import enqueue_score
from microdb.stack.private_files import write_private
from microdb.training import services as training
from microdb.training.models import ModelVersion
from microdb.training.tasks import enqueue_training

SLUG = "drawn-steels"
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
QUIZ_TITLE = "Drawn steels: people against the machine"
DRAWN_AT_ONCE = 8
"""Micrographs drawn in one step; between steps the worker takes other messages."""


@dataclass(frozen=True)
class Drawing:
    """What one micrograph of the demo shows. ``seed`` is unique, and so is the file name made from it."""

    material: str
    specimen: int
    split: str
    seed: int

    @property
    def filename(self) -> str:
        return f"drawn-{self.seed:03d}.png"

    @property
    def label(self) -> str:
        return self.material if self.material in CLASSES else NONE_OF_THESE


def drawings() -> list[Drawing]:
    """The whole demo dataset. Train and quiz share no specimen; only the quiz has None of these."""
    wanted = [
        (material, specimen, Split.TRAIN if specimen < SPECIMENS_TO_TRAIN else Split.QUIZ)
        for material in CLASSES
        for specimen in range(SPECIMENS_TO_TRAIN + SPECIMENS_IN_QUIZ)
        for _ in range(PER_TRAIN_SPECIMEN if specimen < SPECIMENS_TO_TRAIN else PER_QUIZ_SPECIMEN)
    ]
    wanted += [(material, SPECIMENS_TO_TRAIN, Split.QUIZ) for material in OTHER_MATERIALS for _ in range(2)]
    return [Drawing(material, specimen, split, seed) for seed, (material, specimen, split) in enumerate(wanted)]


def create_demo() -> None:
    """Make the user ``demo``, with a random password kept under VAR, and the empty dataset."""
    if User.objects.filter(username="demo").exists():
        return
    password = secrets.token_urlsafe(9)
    write_private(Path(settings.VAR) / "demo_password", password)
    with transaction.atomic():
        user = User.objects.create_superuser("demo", password=password, expertise=Panel.EXPERT)
        dataset = micrographs.create_dataset(
            name="Drawn steels",
            slug=SLUG,
            by=user,
            description="Five steel-like microstructures, drawn to scale by MicroDB itself.",
            source="Drawn by MicroDB: no real material was harmed.",
            class_names=list(CLASSES),
        )
        for material_class in dataset.material_classes.all():
            describe_material_class(material_class=material_class, description=CLASSES[material_class.name])


def continue_demo() -> bool:
    """Do the next missing step. Returns True where another one may follow at once."""
    with transaction.atomic():
        dataset = Dataset.objects.select_for_update(skip_locked=True).filter(slug=SLUG, trashed_at=None).first()
        if dataset is None or Quiz.objects.filter(dataset=dataset, opened_at__isnull=False).exists():
            return False
        if missing := _not_drawn(dataset):
            _draw(dataset, missing[:DRAWN_AT_ONCE])
            return True
        version = dataset.model_versions.filter(is_active=True).first()
        if version is None:
            _train(dataset)
        else:
            _continue_quiz(dataset, version)
        return False


def _not_drawn(dataset: Dataset) -> list[Drawing]:
    stored = set(Micrograph.objects.filter(dataset=dataset).values_list("filename", flat=True))
    return [drawing for drawing in drawings() if drawing.filename not in stored]


def _draw(dataset: Dataset, missing: list[Drawing]) -> None:
    from microdb.training.bridge.demo import draw_demo_micrograph

    for drawing in missing:
        png, pixels_per_micrometre = draw_demo_micrograph(
            drawing.material, specimen=drawing.specimen, seed=drawing.seed
        )
        micrograph = micrographs.add_micrograph(
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
        micrographs.read_at_once(micrograph=micrograph)


def _train(dataset: Dataset) -> None:
    """Request the first training. After a failed or cancelled one, the person decides."""
    if not dataset.model_versions.exists():
        enqueue_training(training.request_training(dataset=dataset, by=dataset.created_by))


def _all_scored(version: ModelVersion) -> bool:
    held_out = list(version.dataset.micrographs.ready().filter(split=Split.QUIZ).labelled().with_scale())
    queued = set(Score.objects.filter(model_version=version, state=Score.State.QUEUED).values_list("pk", flat=True))
    for micrograph in held_out:
        score = scoring.request_score(model_version=version, micrograph=micrograph, queue="batch")
        if score.pk not in queued:  # the sweep sends lost messages again
            enqueue_score(score)
    done = Score.objects.filter(model_version=version, micrograph__in=held_out, state=Score.State.DONE)
    return done.count() == len(held_out)


def _continue_quiz(dataset: Dataset, version: ModelVersion) -> None:
    """Draft the quiz before the model answers, so that its record is clean, and open it when all answers are there."""
    quiz = Quiz.objects.filter(dataset=dataset, title=QUIZ_TITLE).first()
    if quiz is None:
        quiz = quizzes.create_quiz(
            dataset=dataset,
            title=QUIZ_TITLE,
            micrographs=dataset.micrographs.ready().filter(split=Split.QUIZ),
            competitors=[version],
            by=dataset.created_by,
            asks_confidence=True,
        )
    if _all_scored(version) and readiness(quiz).complete:
        quizzes.open_quiz(quiz=quiz)
        quizzes.simulate_readers(quiz=quiz, experts=8, non_experts=15, seed=0)
