"""Corrections of one micrograph: scale, data bar, masked rectangles, an old change, a false duplicate; its trashing."""

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from microdb.accounts.requests import SignedInRequest
from microdb.errors import MicroDBError
from microdb.micrographs import services
from microdb.micrographs.access import OF_LABELLERS, dataset_or_404
from microdb.micrographs.forms import DataBarForm, MaskedForm, MicronBarForm, ScaleForm
from microdb.micrographs.models import Change, Micrograph, NearDuplicate, Role, ScaleSource
from microdb.micrographs.scale.bar_check import agree
from microdb.micrographs.services.near_duplicates import dismiss_near_duplicate
from microdb.micrographs.views.bulk import keys
from microdb.micrographs.views.micrograph import set_scale_by_hand, stored_micrograph_or_404
from microdb.micrographs.views.pages import form_sentence, json_mistakes, mistakes_shown
from microdb.micrographs.views.upload import upload_state


@login_required
@require_POST
def micrograph_micron_bar(request: SignedInRequest, slug: str, pk: uuid.UUID) -> HttpResponse:
    """Set the scale from the two ends of the micron bar and its length."""
    dataset = dataset_or_404(request, slug, role=Role.LABELLER)
    measured = stored_micrograph_or_404(request, dataset, pk)
    form = MicronBarForm(request.POST)
    if not form.is_valid():
        messages.error(request, form_sentence(form))
    else:
        bar = form.measured()
        scale = bar.pixels_per_micrometre
        _warn_of_another_scale(request, measured, scale, bar.pixels)
        with mistakes_shown(request):
            services.set_scale(
                micrographs=[measured],
                pixels_per_micrometre=scale,
                source=ScaleSource.MICRON_BAR,
                by=request.user,
                note=bar.note,
            )
            messages.success(request, _("The micron bar gives %.4g pixels per µm.") % scale)
    return redirect("micrographs:micrograph", slug, pk)


def _warn_of_another_scale(request: SignedInRequest, measured: Micrograph, scale: float, bar_pixels: float) -> None:
    """Warn if the bar and the scale on record differ; the bar is taken, and the history keeps the other."""
    recorded = measured.pixels_per_micrometre
    if recorded is None or agree(recorded, scale, bar_pixels):
        return
    messages.warning(
        request,
        _(
            "The bar gives %(bar).4g pixels per µm; the scale until now was %(recorded).4g (%(source)s). "
            "Check the length that you typed. The history puts the old scale back."
        )
        % {"bar": scale, "recorded": recorded, "source": measured.get_scale_source_display()},
    )


@login_required
@require_POST
@json_mistakes
def micrograph_scale(request: SignedInRequest, slug: str, pk: uuid.UUID) -> JsonResponse:
    """Set the scale by hand, from a row of the upload page."""
    dataset = dataset_or_404(request, slug, role=Role.LABELLER)
    scaled = stored_micrograph_or_404(request, dataset, pk)
    form = ScaleForm(request.POST)
    if not form.is_valid():
        raise MicroDBError(form_sentence(form), code="bad_scale")
    scale = form.cleaned_data["pixels_per_micrometre"]
    if scale is None:
        raise MicroDBError(_("Type how many pixels a micrometre has; nothing was given."), code="bad_scale")
    set_scale_by_hand(scaled, scale, by=request.user)
    return JsonResponse(upload_state(stored_micrograph_or_404(request, dataset, pk)))


@login_required
@require_POST
def micrograph_trash(request: SignedInRequest, slug: str, pk: uuid.UUID) -> HttpResponse:
    """Put one micrograph in the trash."""
    dataset = dataset_or_404(request, slug, role=Role.CURATOR)
    with mistakes_shown(request):
        services.trash_micrographs(micrographs=[stored_micrograph_or_404(request, dataset, pk)], by=request.user)
        messages.success(request, _("The micrograph is in the trash for 30 days. Open the trash to restore it."))
    return redirect("micrographs:gallery", slug)


@login_required
@require_POST
def micrograph_take(request: SignedInRequest, slug: str, pk: uuid.UUID) -> HttpResponse:
    """Make a file that was only scored part of the dataset."""
    dataset = dataset_or_404(request, slug, role=Role.CURATOR)
    services.take_into_dataset(micrograph=stored_micrograph_or_404(request, dataset, pk), by=request.user)
    messages.success(request, _("The micrograph is now part of the dataset."))
    return redirect("micrographs:micrograph", slug, pk)


@login_required
@require_POST
def micrograph_data_bar(request: SignedInRequest, slug: str, pk: uuid.UUID) -> HttpResponse:
    """Move the upper edge of the data bar, or remove it."""
    dataset = dataset_or_404(request, slug, role=Role.LABELLER)
    form = DataBarForm(request.POST)
    with mistakes_shown(request):
        if not form.is_valid():
            raise MicroDBError(form_sentence(form))
        top = None if "none" in request.POST else form.cleaned_data["data_bar_top"]
        if services.set_data_bar(
            micrographs=[stored_micrograph_or_404(request, dataset, pk)], top=top, by=request.user
        ):
            messages.success(request, _("Saved. Trainings and scores use the new edge from now on."))
    return redirect("micrographs:micrograph", slug, pk)


@login_required
@require_POST
def micrograph_masked(request: SignedInRequest, slug: str, pk: uuid.UUID) -> HttpResponse:
    """Mask one rectangle, or remove it from the masked ones."""
    dataset = dataset_or_404(request, slug, role=Role.LABELLER)
    change = services.remove_masked if "remove" in request.POST else services.add_masked
    form = MaskedForm(request.POST)
    with mistakes_shown(request):
        if not form.is_valid():
            raise MicroDBError(form_sentence(form))
        masked = [stored_micrograph_or_404(request, dataset, pk)]
        if change(micrographs=masked, rectangle=form.cleaned_data, by=request.user):
            messages.success(request, _("Saved. Trainings and scores use the masked rectangles from now on."))
    return redirect("micrographs:micrograph", slug, pk)


@login_required
@require_POST
def change_revert(request: SignedInRequest, slug: str, pk: int) -> HttpResponse:
    """Put back what one change of the history replaced."""
    dataset = dataset_or_404(request, slug, role=Role.LABELLER)
    changes = Change.objects.select_related("micrograph__dataset").filter(micrograph__in=dataset.shown())
    change = get_object_or_404(changes, pk=pk)
    if change.field not in OF_LABELLERS:
        dataset_or_404(request, slug, role=Role.CURATOR)
    with mistakes_shown(request):
        if services.revert_change(change=change, by=request.user):
            messages.success(request, _("Reverted: the %s is as it was.") % change.get_field_display())
        else:
            messages.info(request, _("It has that value already."))
    return redirect("micrographs:micrograph", slug, change.micrograph_id)


@login_required
@require_POST
def near_duplicate_dismiss(request: SignedInRequest, slug: str, pk: int) -> HttpResponse:
    """Record that two micrographs are not near-duplicates of one another."""
    dataset = dataset_or_404(request, slug, role=Role.CURATOR)
    pair = get_object_or_404(NearDuplicate, pk=pk, first__in=dataset.shown(), second__in=dataset.shown())
    dismiss_near_duplicate(pair=pair, by=request.user)
    messages.success(request, _("They now count as two different micrographs."))
    shown = keys([request.POST.get("shown", "")]) or [pair.first_id]
    return redirect("micrographs:micrograph", slug, shown[0])
