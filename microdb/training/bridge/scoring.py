"""Scoring micrographs with a trained model version, several at a time."""

from collections import deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from classifier import NONE_OF_THESE, Cancelled, Classifier, ClassifierError, Sample, Verdict
from microdb.errors import MicroDBError
from microdb.jobs import JobCancelled
from microdb.micrographs.files.decoding import gray_pixels
from microdb.micrographs.models import Micrograph
from microdb.training.bridge.artifact import load
from microdb.training.bridge.heartbeats import Heartbeat, Pulse
from microdb.training.bridge.masked import rectangles
from microdb.training.models import ModelVersion
from microdb.training.overlay import overlay_png
from microdb.training.probability_planes import planes_png, points_of

THREADS = 2
"""Threads that read masters and draw maps beside the classifier."""
TOGETHER = {"cpu": 1, "cuda": 8}
"""Micrographs that the classifier gets at once."""
Pixels: TypeAlias = NDArray[np.generic]

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
    """The outcome of a scoring: the fields of its row, the saliency map as PNGs, one to lay over the micrograph and one
    with the probabilities of each outcome, and the micrograph's descriptor."""

    fields: dict[str, Any]
    saliency: bytes
    planes: bytes
    descriptor: list[float]


T = TypeVar("T")
RowT = TypeVar("RowT", bound=ScoreRow)


def score(row: ScoreRow, heartbeat: Heartbeat) -> Scored:
    """Score the row's micrograph above its data bar and outside its masked rectangles, at the row's scale.

    Raises MicroDBError for pixels or a scale that can't be scored, JobCancelled on request.
    """
    ((_row, outcome),) = score_all([row], lambda _rows: heartbeat, lambda _row, scored: scored, lambda _rows: None)
    return outcome.result()


def score_all(
    rows: Sequence[RowT],
    heartbeat_of: Callable[[Sequence[RowT]], Heartbeat],
    keep: Callable[[RowT, Scored], T],
    between: Callable[[Sequence[RowT]], None],
) -> Generator[tuple[RowT, "Future[T]"], None, None]:
    """Score rows of one model version in order, each with its outcome, whose ``result()`` returns or raises as above.

    Threads read the next masters, draw the last maps and ``keep`` the outcomes while the classifier works, so ``keep``
    must not touch the database; what it returns is the result. A graphics card gets several micrographs at once.
    ``heartbeat_of`` gives the heartbeat of those that are scored together. Whenever some have been scored and others
    follow, ``between`` is called with these; it may score something else first.
    """
    with ThreadPoolExecutor(THREADS, thread_name_prefix="scoring") as threads:
        masters = deque(threads.submit(_pixels, row) for row in rows)
        version = rows[0].model_version
        classifier = load(version.artifact.name, version.artifact_sha256)
        together = TOGETHER.get(classifier.device.type, 1)
        drawn: list[tuple[RowT, Future[T]]] = []

        def finished(row: RowT, master: Future[Pixels], verdict: Verdict | Exception) -> T:
            return keep(row, _scored(row, classifier, master, verdict))

        for start in range(0, len(rows), together):
            group = rows[start : start + together]
            read = [masters.popleft() for _row in group]
            verdicts = _verdicts(classifier, group, read, heartbeat_of(group))
            yield from drawn
            drawn = [
                (row, threads.submit(finished, row, master, verdict))
                for row, master, verdict in zip(group, read, verdicts, strict=True)
            ]
            if rest := rows[start + together :]:
                between(rest)
        yield from drawn


def _verdicts(
    classifier: Classifier, rows: Sequence[ScoreRow], masters: Sequence["Future[Pixels]"], heartbeat: Heartbeat
) -> list[Verdict | Exception]:
    """A verdict for each row, or the exception in its place."""
    outcomes: dict[int, Verdict | Exception] = {}
    readable = []
    for index, master in enumerate(masters):
        if error := master.exception():
            outcomes[index] = error if isinstance(error, Exception) else RuntimeError(str(error))
        else:
            readable.append(index)
    samples = [_sample(rows[index], masters[index].result()) for index in readable]
    seeds = [rows[index].seed for index in readable]
    found: Sequence[Verdict | Exception]
    try:
        found = classifier.score_together(samples, seeds=seeds, saliency=True, callback=Pulse(heartbeat).scoring)
    except Cancelled:
        found = [JobCancelled() for _ in readable]
    except Exception as error:  # noqa: BLE001 # raised again by the outcomes that it belongs to
        found = [error for _ in readable]
    return [outcome for _index, outcome in sorted((outcomes | dict(zip(readable, found, strict=True))).items())]


def _pixels(row: ScoreRow) -> Pixels:
    with row.micrograph.open_master() as master:
        return gray_pixels(master)


def _sample(row: ScoreRow, pixels: Pixels) -> Sample:
    above_bar = pixels[: row.data_bar_top]
    return Sample(above_bar, None, row.pixels_per_micrometre, masked=rectangles(row.masked))


def _scored(row: ScoreRow, classifier: Classifier, master: "Future[Pixels]", verdict: Verdict | Exception) -> Scored:
    """The outcome of a verdict; runs in a thread, so it must not touch the database."""
    if isinstance(verdict, ClassifierError):
        raise MicroDBError(str(verdict), code="classifier") from verdict
    if isinstance(verdict, Exception):
        raise verdict
    height, width = master.result().shape[:2]
    top = min(height, row.data_bar_top or height)
    classes = row.model_version.classes
    shown = _map(verdict, classifier, classes)
    fields = _fields(verdict, classes) | {"points": points_of(shown, [*classes, NONE_OF_THESE])}
    masked = [
        (one.x / width, one.y / top, (one.x + one.width) / width, (one.y + one.height) / top)
        for one in rectangles(row.masked)
    ]
    return Scored(fields, overlay_png(shown, top / height, masked), planes_png(shown), verdict.descriptor.tolist())


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
        "window": verdict.saliency_window,
        "descriptors": _places(verdict),
    }


def _places(verdict: Verdict) -> list[list[float]]:
    """At most ``MOST_POINTS`` crops, evenly spaced: their places on the map, and 1 for those that are none of these."""
    rows: list[list[float]] = np.column_stack((verdict.descriptors, verdict.outside)).astype(float).round(4).tolist()
    return rows[:: -(-len(rows) // MOST_POINTS) or 1]


def _map(verdict: Verdict, classifier: Classifier, classes: list[str]) -> NDArray[np.float32]:
    """The verdict's map with the planes in the version's order of classes, none of these last."""
    planes = [list(classifier.classes_).index(name) for name in classes]
    assert verdict.saliency is not None  # asked for
    return verdict.saliency[:, :, [*planes, -1]]
