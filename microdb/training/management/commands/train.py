"""``manage.py train DATASET_SLUG``: start a training through the queue, and follow it with --wait."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from microdb.errors import MicroDBError
from microdb.jobs import Job
from microdb.micrographs.models import Dataset
from microdb.training.models import ModelVersion
from microdb.training.services import LARGEST_SEED, AlreadyTrainingError, request_training
from microdb.training.tasks import enqueue_training
from microdb.training.waiting import NoWorkerError, wait_for

SECONDS_BETWEEN_LINES = 2.0


class Command(BaseCommand):
    help = "Train a new model version of a dataset; a worker does it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("dataset", metavar="DATASET_SLUG")
        parser.add_argument(
            "--wait",
            action="store_true",
            help="print the progress of this training, also of one under way; return when it has ended",
        )
        parser.add_argument("--seed", type=int, default=0, help=f"0 to {LARGEST_SEED}")

    def handle(self, *, dataset: str, wait: bool, seed: int, **_: Any) -> None:
        try:
            version = self._request(find_dataset(dataset), seed)
        except AlreadyTrainingError as error:
            if not wait:
                raise CommandError(error.message) from error
            version = error.model_version
            self.stdout.write(f"{version}: {version.state} already, on exactly this; following it")
        except MicroDBError as error:
            raise CommandError(error.message) from error
        if wait:
            self._follow(version)

    def _request(self, dataset: Dataset, seed: int) -> ModelVersion:
        with transaction.atomic():
            version = request_training(dataset=dataset, by=dataset.created_by, seed=seed)
            enqueue_training(version)
        self.stdout.write(f"{version}: queued, {len(version.classes)} classes")
        return version

    def _follow(self, version: ModelVersion) -> None:
        try:
            wait_for(lambda: self._ended(version), queue="train", seconds=SECONDS_BETWEEN_LINES)
        except KeyboardInterrupt:
            raise CommandError(
                f"The training goes on without this command. Watch it on the page of version {version.number}."
            ) from None
        except NoWorkerError as error:
            raise CommandError(str(error)) from error
        if version.state != Job.State.DONE:
            raise CommandError(f"{version} {version.state}: {version.error or 'somebody cancelled it'}")
        self.stdout.write(self.style.SUCCESS(f"{version}: {summary(version)}"))

    def _ended(self, version: ModelVersion) -> bool:
        """Read the row again and print what has changed."""
        before = (version.state, version.progress_message)
        version.refresh_from_db()
        if version.state == Job.State.RUNNING and (version.state, version.progress_message) != before:
            self.stdout.write(f"{version.progress:4.0%}  {version.progress_message}")
            self.stdout.flush()
        return version.has_ended


def find_dataset(slug: str) -> Dataset:
    """The dataset outside the trash; a CommandError with the known ones otherwise."""
    kept = Dataset.objects.filter(trashed_at=None)
    if found := kept.filter(slug=slug).first():
        return found
    known = ", ".join(kept.values_list("slug", flat=True)[:20]) or "none yet"
    raise CommandError(f"There is no dataset {slug!r}. Datasets: {known}.")


def summary(version: ModelVersion) -> str:
    """A trained version's metrics in one line."""
    metrics = version.metrics
    assert version.started_at
    assert version.finished_at
    seconds = (version.finished_at - version.started_at).total_seconds()
    if not metrics.get("held_out"):
        return f"trained in {seconds:.0f} s; too few specimens to hold some out, so its accuracy is not known"
    low, high = metrics["interval"]
    return (
        f"trained in {seconds:.0f} s, active; on {metrics['held_out']} held-out micrographs accuracy "
        f"{metrics['accuracy']:.3f} (95 % interval {low:.3f} to {high:.3f}), "
        f"best constant answer {metrics['majority']:.3f}, scale alone {metrics['scale_only']:.3f}"
    )
