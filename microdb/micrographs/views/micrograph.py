"""One micrograph: viewer, what is known of it, its history, and the measuring of its micron bar."""

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q, Window
from django.db.models.functions import Lag, Lead
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from microdb.accounts.models import User
from microdb.accounts.requests import SignedInRequest
from microdb.errors import MicroDBError
from microdb.micrographs import services
from microdb.micrographs.access import dataset_or_404
from microdb.micrographs.facets import GalleryFilter
from microdb.micrographs.forms import MicrographForm, MicronBarForm, ScaleForm, micrograph_initial
from microdb.micrographs.models import Dataset, Micrograph, Role, ScaleSource
from microdb.micrographs.roles import abilities_in
from microdb.micrographs.views.pages import dataset_page, form_sentence, json_mistakes, told
from microdb.micrographs.views.upload import upload_state

HISTORY = 100
"""Changes shown of one micrograph, the latest first."""


@login_required
def micrograph(request: SignedInRequest, slug: str, pk: uuid.UUID) -> HttpResponse:
    """The page of a micrograph; a POST changes what people say about it."""
    dataset = dataset_or_404(request, slug, role=Role.LABELLER if request.method == "POST" else Role.VIEWER)
    shown = _micrograph_or_404(dataset, pk)
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
    context = {
        "micrograph": shown,
        "form": form,
        "bar_form": MicronBarForm(),
        "changes": shown.changes.select_related("by")[:HISTORY],
        **_neighbours(request, dataset, shown),
    }
    status = 400 if form.errors else 200
    return dataset_page(request, "micrographs/micrograph_detail.html", dataset, "gallery", context, status=status)


@login_required
@require_POST
def micrograph_micron_bar(request: SignedInRequest, slug: str, pk: uuid.UUID) -> HttpResponse:
    """Set the scale from the two ends of the micron bar and its length."""
    dataset = dataset_or_404(request, slug, role=Role.LABELLER)
    measured = _micrograph_or_404(dataset, pk)
    form = MicronBarForm(request.POST)
    if not form.is_valid():
        messages.error(request, form_sentence(form))
    else:
        scale = form.pixels_per_micrometre()
        with told(request):
            services.set_scale(
                micrographs=[measured], pixels_per_micrometre=scale, source=ScaleSource.MICRON_BAR, by=request.user
            )
            messages.success(request, _("The micron bar gives %.4g pixels per µm.") % scale)
    return redirect("micrographs:micrograph", slug, pk)


@login_required
@require_POST
@json_mistakes
def micrograph_scale(request: SignedInRequest, slug: str, pk: uuid.UUID) -> JsonResponse:
    """Set the scale by hand, from a row of the upload page."""
    dataset = dataset_or_404(request, slug, role=Role.LABELLER)
    scaled = _micrograph_or_404(dataset, pk)
    form = ScaleForm(request.POST)
    if not form.is_valid():
        raise MicroDBError(form_sentence(form), code="bad_scale")
    scale = form.cleaned_data["pixels_per_micrometre"]
    if scale is None:
        raise MicroDBError(_("Type how many pixels a micrometre has; nothing was given."), code="bad_scale")
    _set_scale(scaled, scale, by=request.user)
    return JsonResponse(upload_state(_micrograph_or_404(dataset, pk)))


@login_required
@require_POST
def micrograph_trash(request: SignedInRequest, slug: str, pk: uuid.UUID) -> HttpResponse:
    """Put one micrograph in the trash."""
    dataset = dataset_or_404(request, slug, role=Role.CURATOR)
    with told(request):
        services.trash_micrographs(micrographs=[_micrograph_or_404(dataset, pk)], by=request.user)
        messages.success(request, _("It is in the trash, for 30 days: open the trash to restore it."))
    return redirect("micrographs:gallery", slug)


def _micrograph_or_404(dataset: Dataset, pk: uuid.UUID) -> Micrograph:
    kept = Micrograph.objects.kept().select_related("material_class", "dataset", "uploaded_by")
    return get_object_or_404(kept, dataset=dataset, pk=pk)


def _save(shown: Micrograph, form: MicrographForm, *, by: User) -> None:
    """Save what was changed, so that the history tells no change that was none."""
    data = form.cleaned_data
    one = [shown]
    for name in form.changed_data:
        match name:
            case "label":
                services.set_label(micrographs=one, label=data[name], by=by)
            case "pixels_per_micrometre":
                _set_scale(shown, data[name], by=by)
            case "specimen":
                services.set_specimen(micrographs=one, specimen=data[name], by=by)
            case "modality":
                services.set_modality(micrographs=one, modality=data[name], by=by)
            case "split":
                services.set_split(micrographs=one, split=data[name], by=by)


def _set_scale(scaled: Micrograph, pixels_per_micrometre: float | None, *, by: User) -> None:
    source = "" if pixels_per_micrometre is None else ScaleSource.BY_HAND
    services.set_scale(micrographs=[scaled], pixels_per_micrometre=pixels_per_micrometre, source=source, by=by)


def _neighbours(request: SignedInRequest, dataset: Dataset, shown: Micrograph) -> dict[str, str]:
    """The addresses before and after this one in the gallery from which the person came, filters kept."""
    chosen = GalleryFilter.from_query(request.GET)
    found = chosen.apply(Micrograph.objects.kept().filter(dataset=dataset))
    order = chosen.order()
    rows = found.annotate(before=Window(Lag("id"), order_by=order), after=Window(Lead("id"), order_by=order))
    query = f"?{chosen.query()}" if chosen.query() else ""
    addresses = {"before": "", "after": "", "query": query}
    for pk, before in rows.filter(Q(before=shown.pk) | Q(after=shown.pk)).values_list("id", "before"):
        side = "after" if before == shown.pk else "before"
        addresses[side] = reverse("micrographs:micrograph", args=[dataset.slug, pk]) + query
    return addresses
