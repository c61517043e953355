"""The specimens of a dataset: their list, and one of them with its record, micrographs and history."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from microdb.accounts.requests import SignedInRequest
from microdb.errors import MicroDBError
from microdb.micrographs import services
from microdb.micrographs.access import dataset_or_404
from microdb.micrographs.forms.specimens import SpecimenForm, specimen_initial
from microdb.micrographs.gallery.filter import GalleryFilter
from microdb.micrographs.gallery.specimen_filter import SpecimenFilter
from microdb.micrographs.gallery.specimen_list import SpecimenEntry, facets_of_list, specimen_entries, specimen_entry
from microdb.micrographs.gallery.warnings import with_warnings
from microdb.micrographs.models import Dataset, Micrograph, Role, Specimen, SpecimenChange
from microdb.micrographs.validation.fields import checked_specimen
from microdb.micrographs.validation.specimens import changes_sentence
from microdb.micrographs.views.pages import dataset_page, fresh_sentence, mistakes_shown
from microdb.micrographs.views.specimens_csv import UNDO

PER_PAGE = 100
TILES = 12
HISTORY = 100


@login_required
@require_safe
def specimen_list(request: SignedInRequest, slug: str) -> HttpResponse:
    """The specimens under the filters of the address."""
    dataset = dataset_or_404(request, slug)
    chosen = SpecimenFilter.from_query(request.GET)
    found = specimen_entries(dataset, chosen)
    context = {
        "page": Paginator(found, PER_PAGE).get_page(request.GET.get("page")),
        "chosen": chosen,
        "query": chosen.query(),
        "facets": facets_of_list(dataset, chosen),
        "micrographs": found.micrographs,
        "list_url": reverse("micrographs:specimen_list", args=[slug]),
        "undo": fresh_sentence(request, dataset, UNDO),
        "undo_url": reverse("micrographs:specimens_undo", args=[slug]),
    }
    return dataset_page(request, "micrographs/specimen_list.html", dataset, "specimens", context)


@login_required
def specimen(request: SignedInRequest, slug: str, name: str) -> HttpResponse:
    """The page of a specimen; a POST changes its record."""
    dataset = dataset_or_404(request, slug, role=Role.LABELLER if request.method == "POST" else Role.VIEWER)
    entry = _entry_or_404(dataset, name)
    form = SpecimenForm(request.POST or None, initial=specimen_initial(entry.specimen))
    if request.method == "POST" and form.is_valid():
        changed = {field: form.cleaned_data[field] for field in form.changed_data}
        try:
            services.update_specimens(dataset=dataset, records={name: changed}, by=request.user)
        except MicroDBError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, _("Saved."))
            return redirect("micrographs:specimen", slug, name)
    context = {
        "entry": entry,
        "specimen": entry.specimen,
        "form": form,
        "tiles": _tiles(dataset, name),
        "gallery_query": GalleryFilter(dataset, specimen=name).query(),
        "changes": _history(entry.specimen),
    }
    status = 400 if form.errors else 200
    return dataset_page(request, "micrographs/specimen_detail.html", dataset, "specimens", context, status=status)


@login_required
@require_POST
def specimen_rename(request: SignedInRequest, slug: str) -> HttpResponse:
    """Give a specimen another name, in its record and in all its micrographs."""
    dataset = dataset_or_404(request, slug, role=Role.CURATOR)
    entry = _entry_or_404(dataset, request.POST.get("name", ""))
    name = entry.specimen.name
    with mistakes_shown(request):
        wanted = checked_specimen(request.POST.get("new_name", ""))
        count = services.rename_specimen(dataset=dataset, name=name, new_name=wanted, by=request.user)
        text = ngettext("Renamed, with %d micrograph.", "Renamed, with %d micrographs.", count)
        messages.success(request, text % count)
        name = wanted
    return redirect("micrographs:specimen", slug, name)


@login_required
@require_POST
def specimen_change_revert(request: SignedInRequest, slug: str, pk: int) -> HttpResponse:
    """Put back what one change of the history replaced."""
    dataset = dataset_or_404(request, slug, role=Role.LABELLER)
    changes = SpecimenChange.objects.select_related("specimen__dataset").filter(specimen__dataset=dataset)
    change = get_object_or_404(changes, pk=pk)
    with mistakes_shown(request):
        if services.revert_specimen_changes(changes=[change], by=request.user):
            messages.success(request, _("Reverted: the values are as they were."))
        else:
            messages.info(request, _("It has these values already."))
    if specimen_entry(dataset, change.specimen.name) is None:
        return redirect("micrographs:specimen_list", slug)
    return redirect("micrographs:specimen", slug, change.specimen.name)


def _entry_or_404(dataset: Dataset, name: str) -> SpecimenEntry:
    entry = specimen_entry(dataset, name)
    if entry is None:
        raise Http404(_("There is no specimen “%s” in this dataset.") % name)
    return entry


def _tiles(dataset: Dataset, name: str) -> list[Micrograph]:
    """The first micrographs of a specimen."""
    kept = dataset.shown().kept().filter(specimen=name).select_related("material_class", "dataset")
    return list(with_warnings(kept).order_by("created_at", "id")[:TILES])


def _history(specimen: Specimen) -> list[dict[str, Any]]:
    """The latest changes first, each as a sentence."""
    if specimen.pk is None:
        return []
    changes = specimen.changes.select_related("by")[:HISTORY]
    return [{"change": one, "sentence": changes_sentence(one.before, one.after)} for one in changes]
