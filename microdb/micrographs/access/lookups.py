"""Who may reach a dataset or a micrograph: the one door of pages and API alike."""

from typing import Protocol
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext as _

from microdb.micrographs.models import Dataset, Membership, Micrograph, MicrographQuerySet, Role, reason_withheld


class HasUser(Protocol):
    """A request of Django or of the REST framework."""

    @property
    def user(self) -> object: ...


def dataset_or_404(request: HasUser, slug: str, role: str = Role.VIEWER) -> Dataset:
    """The dataset, for somebody with at least ``role`` in it; ``shown()`` has the micrographs that they may see.

    Raises Http404 where they may not even know of it, PermissionDenied where their role is too low.
    """
    dataset = Dataset.objects.visible_to(request.user).filter(slug=slug).first()
    if dataset is None:
        raise Http404(_("There is no dataset “%s” among yours.") % slug)
    _demand(request.user, dataset, role)
    dataset.viewer = request.user
    return dataset


def readable_or_404(request: HasUser, slug: str) -> Dataset:
    """The dataset, for a member, or for everybody where it is public. Raises Http404 for others."""
    dataset = Dataset.objects.visible_to(request.user).filter(slug=slug).first()
    if dataset is None:
        dataset = Dataset.objects.public().filter(slug=slug).first()
        if dataset is None:
            raise Http404(_("There is no dataset “%s” among yours.") % slug)
        dataset.visited = True
    dataset.viewer = request.user
    return dataset


def micrograph_or_404(request: HasUser, pk: UUID | str, role: str = Role.VIEWER) -> Micrograph:
    """The micrograph outside the trash, with its dataset and class; raises like ``dataset_or_404``, and
    PermissionDenied where it is withheld."""
    stored = Micrograph.objects.stored().filter(dataset__in=Dataset.objects.visible_to(request.user))
    micrograph = shown_or_404(request, stored.select_related("dataset", "material_class"), pk)
    _demand(request.user, micrograph.dataset, role)
    micrograph.dataset.viewer = request.user
    return micrograph


def shown_or_404(request: HasUser, micrographs: MicrographQuerySet, pk: UUID | str) -> Micrograph:
    """One of ``micrographs``, which are those of datasets that the person sees.

    Raises Http404 where it is none of them, PermissionDenied with the reason where it is withheld.
    """
    found = micrographs.filter(pk=pk)
    if micrograph := found.shown_to(request.user).first():
        return micrograph
    if found.exists():
        raise PermissionDenied(reason_withheld())
    raise Http404(_("There is no such micrograph among yours."))


def _demand(user: object, dataset: Dataset, role: str) -> None:
    if role == Role.VIEWER or Dataset.objects.visible_to(user, role).filter(pk=dataset.pk).exists():
        return
    own = Membership.objects.filter(dataset=dataset, user=user).values_list("role", flat=True).first()  # type: ignore[misc] # visible_to let only users through
    raise PermissionDenied(
        _("This needs the role %(needed)s in “%(dataset)s”; yours is %(own)s. Ask an owner of the dataset.")
        % {"needed": role, "dataset": dataset.name, "own": own}
    )
