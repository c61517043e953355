"""Scoring one micrograph with a trained model version."""

from dataclasses import dataclass
from typing import Any, Protocol

from classifier import Cancelled, Classifier, ClassifierError, Verdict
from microdb.errors import MicroDBError
from microdb.jobs import JobCancelled
from microdb.micrographs.files.decoding import gray_pixels
from microdb.micrographs.models import Micrograph
from microdb.training.bridge.artifact import load
from microdb.training.bridge.heartbeats import Heartbeat, Pulse
from microdb.training.bridge.masked import rectangles
from microdb.training.models import ModelVersion
from microdb.training.overlay import overlay_png

MOST_POINTS = 200
"""Places on the descriptor map that a score keeps."""


class ScoreRow(Protocol):
    """The part of a ``scoring.models.Score`` that scoring reads; training stands below scoring and can't import it."""

    @property
    def model_version(self) -> ModelVersion: ...
    @property
    def micrograph(self) -> Micrograph: ...
    @property
    def pixels_per_micrometre(self) -> float | None: ...
    @property
    def data_bar_top(self) -> int | None: ...
    @property
    def masked(self) -> list[dict[str, int]]: ...
    @property
    def seed(self) -> int: ...


@dataclass(frozen=True)
class Scored:
    """The outcome of a scoring: the fields of its row, and the saliency map as a PNG."""

    fields: dict[str, Any]
    saliency: bytes


def score(row: ScoreRow, heartbeat: Heartbeat) -> Scored:
    """Score the row's micrograph above its data bar and outside its masked rectangles, at the row's scale.

    Raises MicroDBError for pixels or a scale that can't be scored, JobCancelled on request.
    """
    version = row.model_version
    with row.micrograph.open_master() as master:
        pixels = gray_pixels(master)
    classifier = load(version.artifact.name, version.artifact_sha256)
    above_bar = pixels[: row.data_bar_top]
    try:
        verdict = classifier.score(
            above_bar,
            row.pixels_per_micrometre,
            masked=rectangles(row.masked),
            seed=row.seed,
            saliency=True,
            callback=Pulse(heartbeat).scoring,
        )
    except ClassifierError as error:
        raise MicroDBError(str(error), code="classifier") from error
    except Cancelled as error:
        raise JobCancelled from error
    overlay = _overlay(verdict, classifier, version, len(above_bar) / len(pixels))
    return Scored(_fields(verdict, version.classes), overlay)


def _fields(verdict: Verdict, classes: list[str]) -> dict[str, Any]:
    return {
        "predicted": verdict.predicted,
        "probability": verdict.probability,
        "none_of_these": verdict.none_of_these,
        "outside_rank": verdict.outside_rank,
        "nearest": verdict.nearest,
        "probabilities": {name: verdict.probabilities[name] for name in classes},
        "monte_carlo_error": verdict.monte_carlo_error,
        "crops": verdict.crops,
        "warning": verdict.warning,
        "descriptors": _spread(verdict.descriptors.round(4).tolist()),
    }


def _spread(points: list[list[float]]) -> list[list[float]]:
    """At most ``MOST_POINTS`` of the points, evenly spaced."""
    return points[:: -(-len(points) // MOST_POINTS) or 1]


def _overlay(verdict: Verdict, classifier: Classifier, version: ModelVersion, above_bar: float) -> bytes:
    planes = [list(classifier.classes_).index(name) for name in version.classes]
    assert verdict.saliency is not None  # asked for
    return overlay_png(verdict.saliency[:, :, [*planes, -1]], above_bar)
