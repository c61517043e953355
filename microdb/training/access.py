"""The version that an address names, for whoever may see it."""

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from microdb.jobs import Job
from microdb.micrographs.access import dataset_or_404, readable_or_404
from microdb.micrographs.access.lookups import HasUser
from microdb.micrographs.models import Dataset, Role
from microdb.training.models import ModelVersion


def version_or_404(request: HasUser, slug: str, number: int, role: str = Role.VIEWER) -> ModelVersion:
    """A version in any state; its dataset knows who looks."""
    return _version(dataset_or_404(request, slug, role=role), number)


def readable_version_or_404(request: HasUser, slug: str, number: int) -> ModelVersion:
    """A version for a member, or a trained one of a public dataset for everybody."""
    version = _version(readable_or_404(request, slug), number)
    return trained(version) if version.dataset.visited else version


def _version(dataset: Dataset, number: int) -> ModelVersion:
    rows = ModelVersion.objects.select_related("dataset_version", "requested_by")
    version = get_object_or_404(rows, dataset=dataset, number=number)
    version.dataset = dataset
    return version


def trained_or_404(request: HasUser, slug: str, number: int, role: str = Role.VIEWER) -> ModelVersion:
    """A version that is trained. Raises Http404 for others."""
    return trained(version_or_404(request, slug, number, role))


def trained(version: ModelVersion) -> ModelVersion:
    """The version itself. Raises Http404 where it is not trained."""
    if version.state != Job.State.DONE:
        raise Http404(_("Version %d is not trained.") % version.number)
    return version
