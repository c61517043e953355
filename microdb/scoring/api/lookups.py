"""Looking up a batch for a request."""

from uuid import UUID

from django.shortcuts import get_object_or_404
from rest_framework.request import Request

from microdb.micrographs.access import dataset_or_404
from microdb.micrographs.models import Role
from microdb.scoring.models import Batch, BatchQuerySet


def visible_batch(request: Request, slug: str, pk: UUID, role: str = Role.VIEWER) -> Batch:
    """A batch with its counts. Raises Http404 and PermissionDenied as ``dataset_or_404`` does."""
    dataset = dataset_or_404(request, slug, role)
    return get_object_or_404(with_progress(Batch.objects.filter(model_version__dataset=dataset)), pk=pk)


def with_progress(batches: BatchQuerySet) -> BatchQuerySet:
    """With counts and what their answers need."""
    related = batches.with_counts().select_related("model_version__dataset")
    return related.defer("model_version__descriptor_map", "model_version__metrics")
