"""The version that an address names, for whoever may see it."""

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from microdb.jobs import Job
from microdb.micrographs.access import dataset_or_404
from microdb.micrographs.access.lookups import HasUser
from microdb.micrographs.models import Role
from microdb.training.models import ModelVersion


def version_or_404(request: HasUser, slug: str, number: int, role: str = Role.VIEWER) -> ModelVersion:
    """A version in any state; its dataset knows who looks."""
    dataset = dataset_or_404(request, slug, role=role)
    rows = ModelVersion.objects.select_related("dataset_version", "requested_by")
    version = get_object_or_404(rows, dataset=dataset, number=number)
    version.dataset = dataset
    return version


def trained_or_404(request: HasUser, slug: str, number: int, role: str = Role.VIEWER) -> ModelVersion:
    """A version that is trained. Raises Http404 for others."""
    version = version_or_404(request, slug, number, role)
    if version.state != Job.State.DONE:
        raise Http404(_("Version %d is not trained.") % number)
    return version
