"""Learning curves and imports of models as work."""

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from microdb.activity.trainings import COUNTED, LARGE
from microdb.activity.viewers import Viewer
from microdb.activity.work import Counts, Kind, Work
from microdb.micrographs.models import Dataset
from microdb.training.models import LearningCurve, ModelImport


def curves(viewer: Viewer) -> QuerySet[LearningCurve]:
    """Those of the person's datasets."""
    found = LearningCurve.objects.filter(model_version__dataset__in=viewer.datasets).select_related("model_version")
    return found.defer("result", *(f"model_version__{name}" for name in LARGE))


def imports(viewer: Viewer) -> QuerySet[ModelImport]:
    """Those of the person's datasets."""
    return ModelImport.objects.filter(dataset__in=viewer.datasets).defer("trained_on")


def work_of_curves(viewer: Viewer, found: list[LearningCurve]) -> list[Work]:
    return [_work_of_curve(viewer, one) for one in found]


def work_of_imports(viewer: Viewer, found: list[ModelImport]) -> list[Work]:
    return [_work_of_import(viewer, one) for one in found]


def _work_of_curve(viewer: Viewer, curve: LearningCurve) -> Work:
    version = curve.model_version
    dataset = viewer.datasets[version.dataset_id]
    title = _("Learning curve of version %d") % version.number
    page = reverse("training:model_version", args=[dataset.slug, version.number])
    return _work(viewer, Kind.CURVE, curve, dataset, title, page)


def _work_of_import(viewer: Viewer, job: ModelImport) -> Work:
    dataset = viewer.datasets[job.dataset_id]
    page = reverse("training:model_version_list", args=[dataset.slug])
    return _work(viewer, Kind.IMPORT, job, dataset, _("Import of %s") % job.filename, page)


def _work(viewer: Viewer, kind: Kind, job: Any, dataset: Dataset, title: str, page: str) -> Work:
    return Work(
        kind=kind,
        key=job.pk,
        dataset=dataset,
        title=title,
        page=page,
        state=job.state,
        created_at=job.created_at,
        counts=Counts(**{COUNTED[job.state]: 1}, total=1),
        progress=job.progress,
        message=job.progress_message,
        started_at=job.started_at,
        heartbeat_at=job.heartbeat_at,
        finished_at=job.finished_at,
        error=job.error,
        error_id=job.error_id,
        requested_by=job.requested_by_id,
        may_change=dataset.pk in viewer.curated,
    )
