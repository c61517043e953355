"""The one seam between rows and the classifier; imported by workers only, never by the web process."""

import hashlib
import io
import json
import tempfile
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
from django.conf import settings
from django.core.files.storage import default_storage
from numpy.typing import NDArray
from PIL import Image

from classifier import (
    DRAWN_CLASSES,
    NONE_OF_THESE,
    SCALE_RANGES,
    Cancelled,
    Classifier,
    ClassifierError,
    Config,
    Progress,
    Sample,
    Verdict,
    draw_micrograph,
    draw_other,
)
from microdb.errors import MicroDBError
from microdb.jobs import JobCancelled
from microdb.micrographs.files.decoding import gray_pixels
from microdb.micrographs.models import DatasetVersionEntry, Micrograph, Split
from microdb.training.checkpoints import checkpoint_folder
from microdb.training.models import ModelVersion
from microdb.training.saliency import saliency_png

Heartbeat = Callable[[float, str], bool]
"""Takes progress (0 to 1) and a message; False means stop."""

SECONDS_BETWEEN_HEARTBEATS = 0.5
CLASSIFIERS_KEPT = 3
"""Loaded classifiers that a worker keeps: a batch of thousands must not load its model for each file."""


@dataclass(frozen=True)
class Trained:
    """What a training leaves: the fields of its row, the artifact as the bytes of a zip file, and by micrograph what
    was said of it out of fold: the probability of each outcome."""

    fields: dict[str, Any]
    artifact: bytes
    out_of_fold: dict[UUID, dict[str, float]]


@dataclass(frozen=True)
class Scored:
    """What a scoring leaves: the fields of its row, and the saliency map as a PNG."""

    fields: dict[str, Any]
    saliency: bytes


def train(model_version: ModelVersion, heartbeat: Heartbeat) -> Trained:
    """Train on the frozen dataset version, going on from the checkpoint that an earlier worker left, if any.

    Raises MicroDBError for what a person can mend, JobCancelled on request.
    """
    pulse = _Pulse(heartbeat)
    micrographs, samples = _samples(model_version)
    try:
        classifier = Classifier(_config(model_version), model_version.seed, None)
        classifier.fit(samples, pulse.training, checkpoint_folder(model_version))
    except ClassifierError as error:
        raise MicroDBError(str(error), code="classifier") from error
    except Cancelled as error:
        raise JobCancelled from error
    classes = [name for name in model_version.classes if name in classifier.classes_]
    fields = {
        "classes": classes,
        "metrics": {**_ordered(classifier.metrics_, classes), "scale_range": _scale_range(model_version, classifier)},
        "descriptor_map": {**classifier.descriptor_map(), "classes": classes},
        "config": classifier.config.to_dict(),
    }
    out_of_fold = {micrographs[place]: said for place, said in classifier.out_of_fold_.items()}
    return Trained(fields, _packed(classifier), out_of_fold)


def score(
    model_version: ModelVersion,
    pixels: NDArray[np.generic],
    pixels_per_micrometre: float | None,
    seed: int,
    heartbeat: Heartbeat,
    data_bar_top: int | None = None,
) -> Scored:
    """Recognise gray pixels (H, W) above the data bar, which begins at row ``data_bar_top``.

    Raises MicroDBError for pixels or a scale that can't be scored, JobCancelled.
    """
    classifier = _load(model_version.artifact.name, model_version.artifact_sha256)
    try:
        verdict = classifier.score(
            pixels[:data_bar_top], pixels_per_micrometre, seed=seed, saliency=True, callback=_Pulse(heartbeat).scoring
        )
    except ClassifierError as error:
        raise MicroDBError(str(error), code="classifier") from error
    except Cancelled as error:
        raise JobCancelled from error
    above_bar = len(pixels[:data_bar_top]) / len(pixels)
    saliency = _saliency(verdict, classifier, model_version, above_bar)
    return Scored(_verdict_fields(verdict, model_version.classes), saliency)


def draw_demo_micrograph(material: str, *, specimen: int, seed: int) -> tuple[bytes, float]:
    """A drawn micrograph as PNG bytes, with its pixels per micrometre, which ``seed`` and ``specimen`` settle."""
    low, high = SCALE_RANGES[material]
    spread = np.random.default_rng([seed, specimen]).uniform(np.log(low), np.log(high))
    scale = round(float(np.exp(spread)), 3)
    draw = draw_micrograph if material in DRAWN_CLASSES else draw_other
    pixels = draw(material, pixels_per_micrometre=scale, seed=seed, specimen=specimen)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue(), scale


class _Pulse:
    """Turns the classifier's many progress calls into a few heartbeats; remembers an order to stop."""

    def __init__(self, heartbeat: Heartbeat) -> None:
        self._heartbeat, self._alive, self._last = heartbeat, True, -SECONDS_BETWEEN_HEARTBEATS

    def beat(self, fraction: float, message: str) -> bool:
        now = time.monotonic()
        if self._alive and now - self._last >= SECONDS_BETWEEN_HEARTBEATS:
            self._last = now
            self._alive = self._heartbeat(fraction, message)
        return self._alive

    def training(self, progress: Progress) -> bool:
        loss = "" if progress.loss is None else f", loss {progress.loss:.3f}"
        return self.beat(progress.fraction, f"{progress.stage}: {progress.message}{loss}")

    def scoring(self, progress: Progress) -> bool:
        return self.beat(progress.fraction, progress.message)


def _samples(model_version: ModelVersion) -> tuple[list[UUID], list[Sample]]:
    """The training micrographs of the frozen version: their keys, and samples that read a master when asked."""
    entries = model_version.dataset_version.entries.filter(split=Split.TRAIN, label__in=model_version.classes)
    if not model_version.dataset.scale_free:
        entries = entries.filter(pixels_per_micrometre__isnull=False)
    chosen = list(entries.select_related("micrograph").order_by("micrograph__created_at", "micrograph"))
    return [entry.micrograph_id for entry in chosen], [_sample(entry) for entry in chosen]


def _sample(entry: DatasetVersionEntry) -> Sample:
    def read() -> NDArray[np.generic]:
        return _pixels(entry.micrograph)[: entry.data_bar_top]

    return Sample(read, entry.label, entry.pixels_per_micrometre, entry.specimen, entry.micrograph.filename)


def _pixels(micrograph: Micrograph) -> NDArray[np.generic]:
    """The master's gray pixels (H, W); an error names the micrograph, for it is one of many."""
    try:
        with micrograph.master.open("rb") as master:
            return gray_pixels(master)
    except MicroDBError as error:
        raise MicroDBError(f"{micrograph.filename}: {error.message}", code=error.code) from error


def _config(model_version: ModelVersion) -> Config:
    """The classifier's defaults, then the installation's file, then what this version asks for."""
    chosen: dict[str, Any] = {"scale_free": model_version.dataset.scale_free}
    if settings.CLASSIFIER_CONFIG:
        chosen |= json.loads(Path(settings.CLASSIFIER_CONFIG).read_text())
    return Config.from_dict(chosen | model_version.config)


def _scale_range(model_version: ModelVersion, classifier: Classifier) -> list[float] | None:
    return None if model_version.dataset.scale_free else list(classifier.scale_range_)


def _ordered(metrics: dict[str, Any], classes: list[str]) -> dict[str, Any]:
    """The metrics with their confusion in the dataset's order of classes, none-of-these last."""
    if not metrics.get("outcomes"):
        return metrics
    outcomes = [*classes, NONE_OF_THESE]
    places = [metrics["outcomes"].index(name) for name in outcomes]
    confusion = [[metrics["confusion"][row][column] for column in places] for row in places]
    return {**metrics, "outcomes": outcomes, "confusion": confusion}


def _verdict_fields(verdict: Verdict, classes: list[str]) -> dict[str, Any]:
    return {
        "predicted": verdict.predicted,
        "probability": verdict.probability,
        "none_of_these": verdict.none_of_these,
        "probabilities": {name: verdict.probabilities[name] for name in classes},
        "monte_carlo_error": verdict.monte_carlo_error,
        "crops": verdict.crops,
        "warning": verdict.warning,
    }


def _saliency(verdict: Verdict, classifier: Classifier, model_version: ModelVersion, above_bar: float) -> bytes:
    places = [list(classifier.classes_).index(name) for name in model_version.classes]
    assert verdict.saliency is not None  # asked for
    return saliency_png(verdict.saliency[:, :, [*places, -1]], above_bar)


def _packed(classifier: Classifier) -> bytes:
    """The artifact's files as a zip, with fixed dates so that equal models have equal bytes."""
    file = io.BytesIO()
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(file, "w") as archive:
        classifier.save(folder)
        for path in sorted(Path(folder).iterdir()):
            archive.writestr(zipfile.ZipInfo(path.name), path.read_bytes())
    return file.getvalue()


@lru_cache(maxsize=CLASSIFIERS_KEPT)
def _load(name: str, sha256: str) -> Classifier:
    """The classifier of a stored artifact, checked against its hash and kept for the next call."""
    try:
        with default_storage.open(name) as file:
            packed = file.read()
    except FileNotFoundError as error:
        raise MicroDBError("The model's file is gone from the storage: train again.", code="artifact") from error
    if hashlib.sha256(packed).hexdigest() != sha256:
        raise MicroDBError("The model's file was changed since it was trained: train again.", code="artifact")
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(io.BytesIO(packed)) as archive:
        archive.extractall(folder)
        try:
            return Classifier.load(folder)
        except ClassifierError as error:
            raise MicroDBError(str(error), code="artifact") from error
