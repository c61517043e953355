"""Trainings as work."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from microdb.activity.viewers import Viewer
from microdb.activity.work import Counts, Kind, Work
from microdb.jobs import Job
from microdb.training.models import ModelVersion

COUNTED: dict[str, str] = {
    Job.State.QUEUED: "waiting",
    Job.State.RUNNING: "running",
    Job.State.DONE: "done",
    Job.State.FAILED: "failed",
    Job.State.CANCELLED: "failed",
}
"""As what a job in a state counts."""
LARGE = ("descriptor_map", "metrics", "config", "classes", "live", "imported", "asked")


def trainings(viewer: Viewer) -> QuerySet[ModelVersion]:
    """The versions of the person's datasets, without their large columns."""
    return ModelVersion.objects.filter(dataset__in=viewer.datasets, model_import=None).defer(*LARGE)


def work_of_trainings(viewer: Viewer, versions: list[ModelVersion]) -> list[Work]:
    """With the place of the queued ones in the queue, which they share with all datasets."""
    if any(version.state == Job.State.QUEUED for version in versions):
        active: list[Any] = list(ModelVersion.objects.active().values_list("pk", "state", "created_at"))
    else:
        active = []
    return [_work(viewer, version, _ahead(version, active)) for version in versions]


def _work(viewer: Viewer, version: ModelVersion, ahead: int | None) -> Work:
    dataset = viewer.datasets[version.dataset_id]
    return Work(
        kind=Kind.TRAINING,
        key=version.pk,
        dataset=dataset,
        title=_("Training of version %d") % version.number,
        page=reverse("training:model_version", args=[dataset.slug, version.number]),
        state=version.state,
        created_at=version.created_at,
        counts=Counts(**{COUNTED[version.state]: 1}, total=1),
        progress=version.progress,
        message=version.progress_message,
        ahead=ahead,
        started_at=version.started_at,
        heartbeat_at=version.heartbeat_at,
        finished_at=version.finished_at,
        seconds_left=version.seconds_left,
        error=version.error,
        error_id=version.error_id,
        requested_by=version.requested_by_id,
        may_change=version.dataset_id in viewer.curated,
    )


def _ahead(version: ModelVersion, active: list[tuple[int, str, datetime]]) -> int | None:
    if version.state != Job.State.QUEUED:
        return None
    others = [(state, created_at) for pk, state, created_at in active if pk != version.pk]
    return sum(state == Job.State.RUNNING or created_at < version.created_at for state, created_at in others)
