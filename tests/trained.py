"""Fixtures with drawn micrographs and a really trained, tiny model; a room's conftest imports what it needs."""

import copy
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from django.core.files.base import ContentFile
from PIL import Image

from classifier import draw_micrograph
from microdb.accounts.models import User
from microdb.jobs import Job
from microdb.micrographs.models import Dataset, Micrograph
from microdb.micrographs.services import add_and_read_micrograph, freeze_dataset
from microdb.micrographs.tasks import read_micrograph
from microdb.training.models import ModelVersion, OutOfFold
from microdb.training.services import request_training
from microdb.training.tasks import train_model_version

DRAWN = {"ferrite": "equiaxed-ferrite", "pearlite": "pearlite"}
SCALE = 10.0
TINY = {
    "recipe": "paper",
    "crop_size": 48,
    "widths": [8, 16, 24],
    "depths": [1, 1, 1],
    "hidden": 16,
    "steps": 10,
    "crops_per_class": 4,
    "mixture_crops": 64,
    "crops_per_image": 64,
    "round_crops": 32,
}

AddDrawn = Callable[..., Micrograph]
_kept: dict[str, Any] = {}


def drawn_png(label: str, seed: int) -> bytes:
    """A small drawn micrograph of a class of the fixtures' dataset."""
    pixels = draw_micrograph(DRAWN[label], pixels_per_micrometre=SCALE, seed=seed, specimen=seed, width=160, height=120)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def read_all() -> None:
    """What the workers of the reading queue do with what was sent."""
    for pk in Micrograph.objects.filter(state=Micrograph.State.READING).values_list("pk", flat=True):
        read_micrograph(str(pk))


@pytest.fixture(autouse=True)
def tiny_classifier(settings, tmp_path: Path) -> None:
    """Every training of these tests takes a second or two."""
    settings.CLASSIFIER_CONFIG = str(tmp_path / "classifier.json")
    Path(settings.CLASSIFIER_CONFIG).write_text(json.dumps(TINY))
    torch.set_num_threads(1)  # networks as tiny as these lose by sharing their work


@pytest.fixture
def add_drawn(dataset: Dataset, owner: User) -> AddDrawn:
    """``add_drawn(label, seed, **fields)``: a drawn micrograph in the dataset."""

    def add(label: str, seed: int, **fields: object) -> Micrograph:
        given = {"pixels_per_micrometre": SCALE, "label": label, "specimen": f"{label}-{seed}", **fields}
        file = io.BytesIO(drawn_png(label, seed))
        return add_and_read_micrograph(dataset=dataset, file=file, filename=f"{label}-{seed}.png", by=owner, **given)

    return add


@pytest.fixture
def drawn(dataset: Dataset, add_drawn: AddDrawn) -> Dataset:
    """The dataset with three micrographs of each class to train on and one of each kept for a quiz."""
    for label in DRAWN:
        for seed in range(4):
            add_drawn(label, seed, split="train" if seed < 3 else "quiz")
    return dataset


@pytest.fixture
def trained(drawn: Dataset, owner: User) -> ModelVersion:
    """An active model version; trained once in a run of tests, then made of what that training left."""
    if not _kept:
        version = request_training(dataset=drawn, by=owner)
        train_model_version(version.pk)
        version.refresh_from_db()
        assert version.state == Job.State.DONE, version.error
        fields = ("classes", "metrics", "descriptor_map", "config", "artifact_sha256")
        _kept["fields"] = copy.deepcopy({name: getattr(version, name) for name in fields})
        _kept["artifact"] = version.artifact.read()
        _kept["names"] = {str(pk): name for pk, name in drawn.micrographs.values_list("pk", "filename")}
        answers = version.out_of_fold.values_list("micrograph__filename", "label", "probabilities")
        _kept["out_of_fold"] = list(answers)
        return version
    version = ModelVersion(dataset=drawn, dataset_version=freeze_dataset(dataset=drawn), number=1, requested_by=owner)
    for name, value in copy.deepcopy(_kept["fields"]).items():
        setattr(version, name, value)
    keys = dict(drawn.micrographs.values_list("filename", "pk"))
    mapped = version.descriptor_map
    mapped["micrographs"] = [str(keys[_kept["names"][pk]]) for pk in mapped["micrographs"]]
    version.state, version.progress, version.is_active = Job.State.DONE, 1.0, True
    version.artifact.save("artifact.zip", ContentFile(_kept["artifact"]), save=False)
    version.save()
    for filename, label, probabilities in _kept["out_of_fold"]:
        OutOfFold.answered(version, keys[filename], label, probabilities).save()
    return version
