"""Scores files one by one into a CSV table. A file that cannot be scored has a row with the reason."""

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

EntryOrError = tuple[Entry, ClassifierError | None]
"""A micrograph to score, with the error if it cannot be."""


@dataclass(frozen=True)
class ScoreOptions:
    """The options of Classifier.score; `saliency` is the folder for the maps, if they are to be written."""

    seed: int = 0
    crops: int | None = None
    exact: bool = False
    saliency: Path | None = None


def score_files(
    classifier: Classifier,
    entries: Sequence[EntryOrError],
    options: ScoreOptions,
    file: IO[str],
    callback: Callback | None = None,
) -> int:
    """Write the table to `file`, each row as soon as it is scored; returns how many could not be scored."""
    writer = csv.writer(file, lineterminator="\n")
    first = ("filename", "pixels_per_micrometre", "predicted", "probability", "none_of_these")
    writer.writerow([*first, *classifier.classes_, "crops", "seed", "warning", "outside_rank", "nearest"])
    failed = 0
    for index, (entry, problem) in enumerate(entries):
        if callback is not None:
            callback(Progress("scoring", index / len(entries), entry.filename))
        try:
            if problem is not None:
                raise problem
            cells = _cells(classifier, entry, options)
        except ClassifierError as error:
            failed += 1
            cells = [*[""] * (len(classifier.classes_) + 4), options.seed, error, "", ""]
        scale = "" if entry.pixels_per_micrometre is None else entry.pixels_per_micrometre
        writer.writerow([entry.filename, scale, *cells])
        file.flush()
    if callback is not None:
        callback(Progress("scored", 1.0, f"{len(entries) - failed} of {len(entries)} micrographs"))
    return failed


def _cells(classifier: Classifier, entry: Entry, options: ScoreOptions) -> list[object]:
    """The cells from `predicted` on; also writes the saliency map, if asked for."""
    pixels = entry.sample().pixels()
    verdict = classifier.score(
        pixels,
        entry.pixels_per_micrometre,
        seed=options.seed,
        crops=options.crops,
        exact=options.exact,
        saliency=options.saliency is not None,
    )
    if verdict.saliency is not None and options.saliency is not None:
        options.saliency.mkdir(parents=True, exist_ok=True)
        picture = Image.fromarray(saliency_overlay(gray_values(pixels), verdict.saliency))
        picture.save(options.saliency / f"{entry.filename.strip('/').replace('/', '__')}.png")
    shares = [verdict.probability, verdict.none_of_these, *verdict.probabilities.values()]
    rank = "" if verdict.outside_rank is None else f"{verdict.outside_rank:.4f}"
    settings = (verdict.crops, verdict.seed, verdict.warning)
    return [verdict.predicted, *(f"{share:.6f}" for share in shares), *settings, rank, verdict.nearest]
