"""A dataset with a trained version, and jobs in every state."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from microdb.accounts.models import User
from microdb.activity.tallies import forget_tallies
from microdb.jobs import Job
from microdb.micrographs import services
from microdb.micrographs.models import Dataset, Micrograph, Reading, Role
from microdb.scoring.models import Batch, BatchItem, Score
from microdb.training.models import ModelVersion

MakeVersion = Callable[..., ModelVersion]
MakeScores = Callable[..., list[Score]]


@pytest.fixture(autouse=True)
def counted_anew(db) -> None:
    """No test sees what another one counted."""
    forget_tallies()


@pytest.fixture
def viewer(dataset: Dataset, owner: User) -> User:
    user = User.objects.create_user("viewer", password="correct horse")
    services.set_member(dataset=dataset, user=user, role=Role.VIEWER, by=owner)
    return user


@pytest.fixture
def version(dataset: Dataset, owner: User) -> MakeVersion:
    """``version(state="queued", **fields)``: the next model version."""

    def make(state: str = Job.State.QUEUED, **fields: Any) -> ModelVersion:
        frozen = services.freeze_dataset(dataset=dataset)
        number = dataset.model_versions.count() + 1
        ended = timezone.now() if state in ("done", "failed", "cancelled") else None
        about = {"finished_at": ended, "requested_by": owner, **fields}
        return ModelVersion.objects.create(
            dataset=dataset, dataset_version=frozen, number=number, state=state, classes=["ferrite"], **about
        )

    return make


def micrograph(dataset: Dataset, name: str = "one.png", **fields: Any) -> Micrograph:
    about = {
        "sha256": uuid.uuid4().hex * 2,
        "pixels_per_micrometre": 2.0,
        "scale_source": "by_hand",
        "state": Micrograph.State.READY,
        "width": 64,
        "height": 48,
        "bit_depth": 8,
        **fields,
    }
    return Micrograph.objects.create(dataset=dataset, filename=name, **about)


def scores(version: ModelVersion, count: int, **fields: Any) -> list[Score]:
    """Scores of so many micrographs of their own, which belong to no batch."""
    if fields.get("state") in ("failed", "done"):
        fields = {"finished_at": timezone.now(), **fields}
    if fields.get("state") == "done":
        fields = {"predicted": "ferrite", "probability": 0.9, **fields}
    return [
        Score.objects.create(
            model_version=version,
            micrograph=micrograph(version.dataset, f"{number}.png"),
            pixels_per_micrometre=2.0,
            **fields,
        )
        for number in range(count)
    ]


def batch(version: ModelVersion, *given: Score, **fields: Any) -> Batch:
    """A started batch of these scores."""
    made = Batch.objects.create(
        model_version=version, **{"started_at": timezone.now() - timedelta(minutes=5), **fields}
    )
    for position, score in enumerate(given):
        BatchItem.objects.create(
            batch=made, position=position, filename=f"{position}.png", micrograph=score.micrograph, score=score
        )
    Batch.objects.filter(pk=made.pk).update(counts={"total": len(given)})
    return made


def reading(dataset: Dataset, **fields: Any) -> Reading:
    state = Micrograph.State.REFUSED if fields.get("state") == "failed" else Micrograph.State.READING
    one = micrograph(dataset, state=state, master="masters/one.png")
    return Reading.objects.create(micrograph=one, **fields)
