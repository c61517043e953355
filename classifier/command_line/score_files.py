"""Scores files one by one into the table that pipelines read; a file that fails gets a row with the reason."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from PIL import Image

from classifier.command_line.manifest import Entry
from classifier.errors import ClassifierError
from classifier.estimator import Classifier
from classifier.progress import Callback, Progress
from classifier.samples import gray_values
from classifier.scoring.overlay import saliency_overlay

Task = tuple[Entry, ClassifierError | None]
"""A micrograph to score, or what is already known to be wrong with it."""


@dataclass(frozen=True)
class Scoring:
    """How to score: see Classifier.score; `saliency` is the folder for the maps, if they are wanted."""

    seed: int = 0
    crops: int | None = None
    exact: bool = False
    saliency: Path | None = None


def score_files(
    classifier: Classifier, tasks: Sequence[Task], how: Scoring, file: IO[str], callback: Callback | None = None
) -> int:
    """Write the table to `file`, a row as soon as it is known; returns how many could not be scored."""
    writer = csv.writer(file, lineterminator="\n")
    first = ("filename", "pixels_per_micrometre", "predicted", "probability", "none_of_these")
    writer.writerow([*first, *classifier.classes_, "crops", "seed", "warning"])
    failed = 0
    for index, (entry, problem) in enumerate(tasks):
        if callback is not None:
            callback(Progress("scoring", index / len(tasks), entry.filename))
        try:
            if problem is not None:
                raise problem
            cells = _cells(classifier, entry, how)
        except ClassifierError as error:
            failed += 1
            cells = [*[""] * (len(classifier.classes_) + 4), how.seed, error]
        scale = "" if entry.pixels_per_micrometre is None else entry.pixels_per_micrometre
        writer.writerow([entry.filename, scale, *cells])
        file.flush()
    if callback is not None:
        callback(Progress("scored", 1.0, f"{len(tasks) - failed} of {len(tasks)} micrographs"))
    return failed


def _cells(classifier: Classifier, entry: Entry, how: Scoring) -> list[object]:
    """The cells from `predicted` on; writes the class map where it is wanted."""
    pixels = entry.sample().pixels()
    verdict = classifier.score(
        pixels,
        entry.pixels_per_micrometre,
        seed=how.seed,
        crops=how.crops,
        exact=how.exact,
        saliency=how.saliency is not None,
    )
    if verdict.saliency is not None and how.saliency is not None:
        how.saliency.mkdir(parents=True, exist_ok=True)
        picture = Image.fromarray(saliency_overlay(gray_values(pixels), verdict.saliency))
        picture.save(how.saliency / f"{entry.filename.strip('/').replace('/', '__')}.png")
    shares = [verdict.probability, verdict.none_of_these, *verdict.probabilities.values()]
    return [verdict.predicted, *(f"{share:.6f}" for share in shares), verdict.crops, verdict.seed, verdict.warning]
