"""The command `score`."""

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from classifier.command_line.manifest import Entry, read_entries
from classifier.command_line.progress_bar import progress_bar
from classifier.command_line.score_files import EntryOrError, ScoreOptions, score_files
from classifier.errors import ClassifierError
from classifier.estimator import Classifier


def score(options: argparse.Namespace) -> int:
    """Score micrographs and write the table; 1 if some could not be scored."""
    classifier = Classifier.load(options.model)
    how = ScoreOptions(options.seed, options.crops, options.exact, options.saliency)
    with _result_file(options.csv) as file, progress_bar() as callback:
        failed = score_files(classifier, _entries(options), how, file, callback)
    return 1 if failed else 0


def _entries(options: argparse.Namespace) -> list[EntryOrError]:
    """All micrographs of the given paths; a path without any has an entry with the error."""
    entries: list[EntryOrError] = []
    for path in options.data:
        try:
            entries += [(entry, None) for entry in read_entries(path, options.split, options.scale)]
        except ClassifierError as error:
            entries.append((Entry(path, str(path)), error))
    return entries


@contextmanager
def _result_file(path: Path | None) -> Iterator[IO[str]]:
    if path is None:
        yield sys.stdout
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        yield file
