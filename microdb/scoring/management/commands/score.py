"""``manage.py score DATASET_SLUG [FILE_OR_MANIFEST...]``: score through the queue, like an upload."""

import time
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from microdb.csv_lines import csv_lines
from microdb.errors import MicroDBError
from microdb.micrographs.import_export.source import SourceRow, read_sources
from microdb.micrographs.models import Dataset, ScaleSource, Split
from microdb.micrographs.services import read_at_once
from microdb.scoring.batch_results import accuracy_pairs, batch_items, csv_rows, reason, verdict
from microdb.scoring.intake import store_for_scoring
from microdb.scoring.models import Batch
from microdb.scoring.services import BatchInput, create_batch
from microdb.scoring.tasks import enqueue_batch
from microdb.statistics import wilson_interval
from microdb.training.management.commands.train import find_dataset
from microdb.training.models import ModelVersion
from microdb.training.services import scoring_version
from microdb.training.waiting import NoWorkerError, wait_for

SECONDS_BETWEEN_LINES = 5.0


class Command(BaseCommand):
    help = "Score files with a dataset's active model version; without files, the dataset's micrographs of split quiz."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("dataset", metavar="DATASET_SLUG")
        parser.add_argument("files", metavar="FILE_OR_MANIFEST", nargs="*", type=Path)
        parser.add_argument("--add", action="store_true", help="also make the files part of the dataset")
        parser.add_argument("--csv", type=Path, help="where to write the results; without it they go to stdout")

    def handle(self, *, dataset: str, files: list[Path], csv: Path | None, add: bool, **_: Any) -> None:
        chosen = find_dataset(dataset)
        if csv and not csv.absolute().parent.is_dir():
            raise CommandError(f"There is no folder {csv.parent} to write {csv.name} to; make it, or choose another.")
        try:
            version = scoring_version(dataset=chosen)
            inputs = list(self._files(chosen, files, add)) if files else _held_out(chosen)
            batch = create_batch(model_version=version, items=inputs, by=chosen.created_by)
        except MicroDBError as error:
            raise CommandError(error.message) from error
        enqueue_batch(batch)
        self._wait(batch)
        self._write(batch, csv)
        self._print_accuracy(batch)
        unscored = [item for item in batch_items(batch) if not verdict(item.score)]
        if unscored:
            reasons = "\n".join(f"  {item.filename}: {reason(item)}" for item in unscored[:20])
            raise CommandError(f"{len(unscored)} of {len(inputs)} files could not be scored:\n{reasons}")

    def _files(self, dataset: Dataset, paths: list[Path], add: bool) -> Iterator[BatchInput]:
        """Every image file given, and every row of the manifests and folders given."""
        source = read_sources(paths, classes=dataset.material_classes.values_list("name", flat=True))
        for note in source.notes:
            self.stderr.write(note)
        return (_stored(dataset, row, add) for row in source.rows)

    def _wait(self, batch: Batch) -> None:
        try:
            wait_for(self._follower(batch), queue="batch", seconds=0.3)
        except KeyboardInterrupt:
            raise CommandError(f"The scoring goes on without this command: batch {batch.pk}.") from None
        except NoWorkerError as error:
            raise CommandError(str(error)) from error

    def _follower(self, batch: Batch) -> Any:
        """A function that returns whether the batch has ended, and prints the progress every few seconds."""
        printed_at = time.monotonic()

        def ended() -> bool:
            nonlocal printed_at
            state: Any = Batch.objects.with_counts().get(pk=batch.pk)
            if time.monotonic() - printed_at > SECONDS_BETWEEN_LINES:
                printed_at = time.monotonic()
                self.stderr.write(f"{state.settled} of {state.total} scored")
            return bool(state.waiting == 0)

        return ended

    def _write(self, batch: Batch, csv: Path | None) -> None:
        lines = csv_lines(csv_rows(batch_items(batch), batch.model_version))
        if csv is None:
            for line in lines:
                self.stdout.write(line, ending="")
            return
        with csv.open("w", encoding="utf-8", newline="") as file:
            file.writelines(lines)
        self.stderr.write(f"wrote {csv}")

    def _print_accuracy(self, batch: Batch) -> None:
        """On stderr, so that stdout stays a table."""
        rows = accuracy_pairs(batch_items(batch))
        if not rows:
            return
        labels = [label for label, _predicted, _scale in rows]
        right = sum(label == predicted for label, predicted, _scale in rows)
        interval = wilson_interval(right, len(rows))
        name, count = Counter(labels).most_common(1)[0]
        self.stderr.write(
            f"accuracy {right}/{len(rows)} = {right / len(rows):.3f} "
            f"(95 % Wilson interval {interval.low:.3f} to {interval.high:.3f})\n"
            f"majority class ({name}, as often as it is here): {count / len(rows):.3f}"
        )
        self._print_scale_only(batch.model_version, rows)

    def _print_scale_only(self, version: ModelVersion, rows: list[tuple[str, str, float | None]]) -> None:
        scaled = [(label, scale) for label, _predicted, scale in rows if scale is not None]
        if not scaled:
            self.stderr.write("scale-only control: not possible, the dataset is scale-free")
            return
        from microdb.training.bridge.controls import scale_only_predictions

        answers = scale_only_predictions(version, [scale for _label, scale in scaled])
        right = sum(label == answer for (label, _scale), answer in zip(scaled, answers, strict=True))
        self.stderr.write(
            f"scale-only control (training micrographs vote by nearness in log2 scale): {right / len(scaled):.3f}"
        )


def _held_out(dataset: Dataset) -> list[BatchInput]:
    """The micrographs of split quiz, by filename."""
    rows = dataset.micrographs.ready().filter(split=Split.QUIZ).select_related("material_class")
    inputs = [BatchInput(micrograph.filename, micrograph) for micrograph in rows.order_by("filename", "pk")]
    if not inputs:
        raise CommandError(f"{dataset} has no micrograph of split quiz: give files, or put some in that split.")
    return inputs


def _stored(dataset: Dataset, row: SourceRow, add: bool) -> BatchInput:
    try:
        entry = row.entry
        with row.path.open("rb") as file:
            micrograph = store_for_scoring(
                dataset=dataset,
                file=file,
                filename=entry.filename,
                by=dataset.created_by,
                pixels_per_micrometre=entry.pixels_per_micrometre,
                scale_source=ScaleSource.SIDECAR,
                sidecar=row.sidecar,
                label=entry.label,
                specimen=entry.specimen,
                modality=entry.modality,
                split=entry.split,
                add_to_dataset=add,
            )
            micrograph = read_at_once(micrograph=micrograph)
    except MicroDBError as error:
        return BatchInput(row.entry.filename, error=error.message)
    except OSError as error:
        return BatchInput(row.entry.filename, error=f"The file could not be opened: {error.strerror}.")
    return BatchInput(row.entry.filename, micrograph)
