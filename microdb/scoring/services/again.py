"""Scoring again, with another version, what was scored before: by an old version, or in a batch."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Exists, OuterRef

from microdb.accounts.models import User
from microdb.jobs import Job
from microdb.micrographs.models import Dataset
from microdb.scoring.models import Batch, Score
from microdb.scoring.services.batches import create_batch_of
from microdb.scoring.services.items import MOST_ITEMS
from microdb.training.models import ModelVersion


def scored_by(dataset: Dataset, version: ModelVersion, *, but_by: ModelVersion) -> list[UUID]:
    """The stored micrographs of which a version has a verdict and another one has none, the oldest first.

    At most one more than a batch may have.
    """
    verdicts = Score.objects.filter(state=Job.State.DONE, micrograph=OuterRef("pk"))
    old, new = Exists(verdicts.filter(model_version=version)), Exists(verdicts.filter(model_version=but_by))
    rows = dataset.shown().stored().filter(old, ~new).order_by("created_at", "pk")
    return list(rows.values_list("pk", flat=True)[: MOST_ITEMS + 1])


def micrographs_of(dataset: Dataset, batch: Batch) -> list[UUID]:
    """The stored micrographs of a batch in its order."""
    items = batch.items.filter(micrograph__in=dataset.shown().stored()).order_by("position")
    return list(items.values_list("micrograph", flat=True))


def score_selection(*, dataset: Dataset, keys: Sequence[UUID], version: ModelVersion, by: User) -> Batch:
    """A started batch of stored micrographs; the caller enqueues it. Raises MicroDBError as ``create_batch_of``."""
    micrographs = dataset.shown().stored()
    return create_batch_of(micrographs=micrographs, keys=keys, model_version=version, by=by, start=True)
