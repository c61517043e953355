"""Training a model version on its frozen dataset version."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np
from django.db.models import QuerySet
from numpy.typing import NDArray

from classifier import NONE_OF_THESE, Cancelled, Classifier, ClassifierError, Sample
from microdb.errors import MicroDBError
from microdb.jobs import JobCancelled
from microdb.micrographs.files.decoding import gray_pixels
from microdb.micrographs.models import DatasetVersionEntry, Micrograph, Split
from microdb.training.bridge.artifact import pack
from microdb.training.bridge.heartbeats import Heartbeat, Show, TrainingPulse
from microdb.training.bridge.masked import rectangles
from microdb.training.bridge.settings import training_config
from microdb.training.checkpoints import checkpoint_folder
from microdb.training.models import ModelVersion, NoneOfTheseTest


@dataclass(frozen=True)
class Trained:
    """The outcome of a training: the fields of its row, the artifact as the bytes of a zip file, and by micrograph
    the out-of-fold probabilities of each outcome. ``tests``: by kind and micrograph what none of these was measured on,
    its label and margin.
    """

    fields: dict[str, Any]
    artifact: bytes
    out_of_fold: dict[UUID, dict[str, float]]
    tests: dict[str, dict[UUID, tuple[str, float]]]


def train(version: ModelVersion, heartbeat: Heartbeat, show: Show = lambda _known: None) -> Trained:
    """Train on the frozen dataset version, from the checkpoint of an earlier worker if there is one.

    ``show`` gets what is known so far, every few seconds.

    Raises MicroDBError for what a person can mend, JobCancelled on request.
    """
    keys, samples = known_samples(version)
    other_keys, others = _other_materials(version)
    try:
        config = training_config(version.config, scale_free=version.dataset.scale_free)
        classifier = Classifier(config, version.seed, None)
        pulse = TrainingPulse(heartbeat, show, version.live)
        classifier.fit([*samples, *others], pulse.training, checkpoint_folder(version))
    except ClassifierError as error:
        raise MicroDBError(str(error), code="classifier") from error
    except Cancelled as error:
        raise JobCancelled from error
    out_of_fold = {keys[index]: probabilities for index, probabilities in classifier.out_of_fold_.items()}
    labels = {key: str(sample.label) for key, sample in zip([*keys, *other_keys], [*samples, *others], strict=True)}
    tests = {}
    for kind, margins in classifier.margins_.items():
        of_kind = other_keys if kind == NoneOfTheseTest.Kind.LABELLED else keys
        tests[kind] = {of_kind[index]: (labels[of_kind[index]], margin) for index, margin in margins.items()}
    return Trained(_fields(version, classifier, keys), pack(classifier), out_of_fold, tests)


def _fields(version: ModelVersion, classifier: Classifier, keys: list[UUID]) -> dict[str, Any]:
    classes = [name for name in version.classes if name in classifier.classes_]
    scale_range = None if version.dataset.scale_free else list(classifier.scale_range_)
    return {
        "classes": classes,
        "metrics": {**ordered(classifier.metrics_, classes), "scale_range": scale_range},
        "descriptor_map": {**_owned(classifier.descriptor_map(), keys), "classes": classes},
        "config": classifier.config.to_dict(),
    }


def _owned(drawn: dict[str, Any], keys: list[UUID]) -> dict[str, Any]:
    """The map with the keys of its ``micrographs``, into which ``owners`` points."""
    indices = sorted(set(drawn["owners"]))
    places = {index: place for place, index in enumerate(indices)}
    micrographs = [str(keys[index]) for index in indices]
    return {**drawn, "micrographs": micrographs, "owners": [places[index] for index in drawn["owners"]]}


def known_samples(version: ModelVersion) -> tuple[list[UUID], list[Sample]]:
    """The training micrographs of the frozen version: their keys, and samples that read a master when needed."""
    entries = version.dataset_version.entries.filter(split=Split.TRAIN, label__in=version.classes)
    if not version.dataset.scale_free:
        entries = entries.filter(pixels_per_micrometre__isnull=False)
    chosen = _in_order(entries)
    return [entry.micrograph_id for entry in chosen], [_sample(entry) for entry in chosen]


def _other_materials(version: ModelVersion) -> tuple[list[UUID], list[Sample]]:
    """The training micrographs labelled none-of-these: examples of what the model must not recognise.

    They need no scale.
    """
    chosen = _in_order(version.dataset_version.entries.filter(split=Split.TRAIN, label=NONE_OF_THESE))
    return [entry.micrograph_id for entry in chosen], [_sample(entry) for entry in chosen]


def _in_order(entries: QuerySet[DatasetVersionEntry]) -> list[DatasetVersionEntry]:
    return list(entries.select_related("micrograph").order_by("micrograph__created_at", "micrograph"))


def _sample(entry: DatasetVersionEntry) -> Sample:
    def read() -> NDArray[np.generic]:
        return _pixels(entry.micrograph)[: entry.data_bar_top]

    masked = rectangles(entry.masked)
    return Sample(read, entry.label, entry.pixels_per_micrometre, entry.specimen, entry.micrograph.filename, masked)


def _pixels(micrograph: Micrograph) -> NDArray[np.generic]:
    """The master's gray pixels (H, W). An error names the micrograph, which is one of many."""
    with micrograph.open_master() as master:
        try:
            return gray_pixels(master)
        except MicroDBError as error:
            raise MicroDBError(f"{micrograph.filename}: {error.message}", code=error.code) from error


def ordered(metrics: dict[str, Any], classes: list[str]) -> dict[str, Any]:
    """The metrics with their confusion in the dataset's order of classes, none-of-these last."""
    if not metrics.get("outcomes"):
        return metrics
    outcomes = [*classes, NONE_OF_THESE]
    indices = [metrics["outcomes"].index(name) for name in outcomes]
    confusion = [[metrics["confusion"][row][column] for column in indices] for row in indices]
    return {**metrics, "outcomes": outcomes, "confusion": confusion}
