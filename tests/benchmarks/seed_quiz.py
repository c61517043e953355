"""An opened quiz of any size with a competing model version, made of rows alone."""

import hashlib
import io
import random

import numpy as np
from django.core.files.base import ContentFile
from PIL import Image

from microdb.jobs import Job
from microdb.micrographs.models import Dataset, MaterialClass, Micrograph, ScaleSource, Split
from microdb.micrographs.services import freeze_dataset
from microdb.quizzes.models import Quiz
from microdb.quizzes.services import create_quiz, open_quiz
from microdb.scoring.models import Score
from microdb.training.models import ModelVersion

CLASSES = ("ferrite", "pearlite", "martensite", "bainite", "austenite")
WIDTH, HEIGHT = 645, 484
"""As the micrographs of UHCSDB."""
RIGHT = 0.81


def open_quiz_of(questions: int, *, slug: str) -> Quiz:
    """Every micrograph of a specimen of its own; the model is right as often as the paper's."""
    dataset = Dataset.objects.create(name=slug, slug=slug)
    classes = [MaterialClass.objects.create(dataset=dataset, name=n, position=p) for p, n in enumerate(CLASSES)]
    micrographs = [_micrograph(dataset, classes[number % len(classes)], number) for number in range(questions)]
    version = ModelVersion.objects.create(
        dataset=dataset,
        dataset_version=freeze_dataset(dataset=dataset),
        number=1,
        classes=list(CLASSES),
        state=Job.State.DONE,
        is_active=True,
    )
    chance = random.Random(0)
    Score.objects.bulk_create(_score(version, micrograph, chance) for micrograph in micrographs)
    quiz = create_quiz(
        dataset=dataset, title=slug, micrographs=micrographs, competitors=[version], by=None, asks_confidence=True
    )
    return open_quiz(quiz=quiz)


def _micrograph(dataset: Dataset, material_class: MaterialClass, number: int) -> Micrograph:
    pixels = np.random.default_rng(number).integers(0, 256, (HEIGHT, WIDTH), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    micrograph = Micrograph(
        dataset=dataset,
        filename=f"{number}.png",
        sha256=hashlib.sha256(file.getvalue()).hexdigest(),
        file_format="PNG",
        width=WIDTH,
        height=HEIGHT,
        bit_depth=8,
        state=Micrograph.State.READY,
        material_class=material_class,
        pixels_per_micrometre=3.2,
        scale_source=ScaleSource.SIDECAR,
        specimen=f"specimen {number}",
        split=Split.QUIZ,
    )
    micrograph.display.save("display.png", ContentFile(file.getvalue()), save=False)
    micrograph.save()
    return micrograph


def _score(version: ModelVersion, micrograph: Micrograph, chance: random.Random) -> Score:
    predicted = micrograph.label if chance.random() < RIGHT else chance.choice(CLASSES)
    probabilities = {name: 0.6 if name == predicted else 0.08 for name in CLASSES}
    return Score(
        model_version=version,
        micrograph=micrograph,
        pixels_per_micrometre=micrograph.pixels_per_micrometre,
        state=Job.State.DONE,
        predicted=predicted,
        probability=probabilities[predicted],
        none_of_these=0.08,
        probabilities=probabilities,
    )
