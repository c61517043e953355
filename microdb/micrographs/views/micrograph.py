"""One micrograph: viewer, what is known of it, what is wrong with it, and its history."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from microdb.accounts.models import User
from microdb.accounts.requests import SignedInRequest
from microdb.audit_log.recording import together
from microdb.errors import MicroDBError
from microdb.micrographs import services
from microdb.micrographs.access import dataset_or_404, open_to_visitors, readable_or_404, shown_or_404
from microdb.micrographs.access.abilities import abilities_in
from microdb.micrographs.curation.dependants import dependants_sentence
from microdb.micrographs.forms import (
    DataBarForm,
    MaskedForm,
    MicrographForm,
    MicronBarForm,
    micrograph_initial,
    micron_bar_initial,
)
from microdb.micrographs.gallery.bar_scale import lettering_of
from microdb.micrographs.gallery.filter import GalleryFilter
from microdb.micrographs.gallery.near_duplicates import near_duplicates
from microdb.micrographs.gallery.specimen_filter import conditions
from microdb.micrographs.gallery.warning_sentences import warning_sentences
from microdb.micrographs.models import Acquisition, Dataset, Micrograph, Role, ScaleSource
from microdb.micrographs.scale.bar_check import written_length
from microdb.micrographs.views.pages import dataset_page

HISTORY = 100
"""Changes shown of one micrograph, the latest first."""


@open_to_visitors
def micrograph(request: SignedInRequest, slug: str, pk: uuid.UUID) -> HttpResponse:
    """The page of a micrograph; a POST changes what people enter about it."""
    if request.method == "POST":
        dataset = dataset_or_404(request, slug, role=Role.LABELLER)
    else:
        dataset = readable_or_404(request, slug)
    shown = stored_micrograph_or_404(request, dataset, pk)
    curator = abilities_in(dataset, request.user).curate
    form = MicrographForm(request.POST or None, initial=micrograph_initial(shown), dataset=dataset, curator=curator)
    if request.method == "POST" and form.is_valid():
        try:
            _save(shown, form, by=request.user)
        except MicroDBError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, _("Saved."))
            return redirect(request.get_full_path())
    lettering = lettering_of(shown)
    context = {
        "micrograph": shown,
        "form": form,
        "bar_form": MicronBarForm(initial=micron_bar_initial(shown, lettering)),
        "lettering": lettering,
        "bar_stands_for": "" if lettering else _bar_stands_for(shown),
        "bar_edge_form": DataBarForm(initial={"data_bar_top": shown.data_bar_top}),
        "masked_form": MaskedForm(auto_id="id_masked_%s"),
        "warnings": warning_sentences(shown),
        "specimen_condition": _specimen_condition(shown),
        "acquisition": Acquisition.objects.filter(pk=shown.pk).first(),
        "near_duplicates": _near_duplicates(dataset, shown),
        "used_in": dependants_sentence(Micrograph.objects.filter(pk=shown.pk)),
        "changes": shown.changes.select_related("by")[:HISTORY],
        **_neighbours(request, dataset, shown),
    }
    status = 400 if form.errors else 200
    return dataset_page(request, "micrographs/micrograph_detail.html", dataset, "gallery", context, status=status)


def _bar_stands_for(shown: Micrograph) -> str:
    """The length of the found bar by the scale on record, to compare with what is written beside the bar."""
    if not shown.bar_pixels or not shown.pixels_per_micrometre:
        return ""
    return written_length(shown.bar_pixels / shown.pixels_per_micrometre)


def _specimen_condition(shown: Micrograph) -> str:
    """For example “0.9 % C, 970 °C, quenched”; empty where the record of the specimen does not say."""
    record = shown.dataset.specimens.filter(name=shown.specimen).first() if shown.specimen else None
    return next((text for text, _filters in conditions(record)), "") if record else ""


def _near_duplicates(dataset: Dataset, shown: Micrograph) -> list[Any]:
    """Pairs of this one with another that is kept, each with ``other``."""
    pairs: list[Any] = list(near_duplicates(dataset, of=shown))
    for pair in pairs:
        pair.other = pair.second if pair.first_id == shown.pk else pair.first
    return pairs


def stored_micrograph_or_404(request: SignedInRequest, dataset: Dataset, pk: uuid.UUID) -> Micrograph:
    stored = dataset.micrographs.stored().select_related("material_class", "uploaded_by", "lettering")
    return shown_or_404(request, stored, pk)


@together()
def _save(shown: Micrograph, form: MicrographForm, *, by: User) -> None:
    """Save what was changed, so that the history shows no change that was none."""
    data = form.cleaned_data
    one = [shown]
    for name in form.changed_data:
        match name:
            case "label":
                services.set_label(micrographs=one, label=data[name], by=by)
            case "pixels_per_micrometre":
                set_scale_by_hand(shown, data[name], by=by)
            case "specimen":
                services.set_specimen(micrographs=one, specimen=data[name], by=by)
            case "modality":
                services.set_modality(micrographs=one, modality=data[name], by=by)
            case "split":
                services.set_split(micrographs=one, split=data[name], by=by)


def set_scale_by_hand(scaled: Micrograph, pixels_per_micrometre: float | None, *, by: User) -> None:
    source = "" if pixels_per_micrometre is None else ScaleSource.BY_HAND
    services.set_scale(micrographs=[scaled], pixels_per_micrometre=pixels_per_micrometre, source=source, by=by)


def _neighbours(request: SignedInRequest, dataset: Dataset, shown: Micrograph) -> dict[str, str]:
    """The addresses before and after this one in the gallery from which the person came, filters kept."""
    chosen = GalleryFilter.from_query(request.GET, dataset)
    query = f"?{chosen.query()}" if chosen.query() else ""
    addresses = {"query": query}
    for side, backwards in (("before", True), ("after", False)):
        found = chosen.beside(shown, dataset.shown().kept(), backwards=backwards)
        addresses[side] = reverse("micrographs:micrograph", args=[dataset.slug, found.pk]) + query if found else ""
    return addresses
