"""The learning curve on the page of a version: asking for it, watching it, cancelling it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import HttpResponseClientRefresh

from microdb.accounts.requests import SignedInRequest
from microdb.live import live
from microdb.micrographs.access.abilities import abilities_in
from microdb.micrographs.models import Role
from microdb.micrographs.views.pages import mistakes_shown
from microdb.training import curves
from microdb.training.access import trained_or_404
from microdb.training.models import LearningCurve
from microdb.training.tasks import enqueue_curve


@login_required
@require_GET
def curve_progress(request: SignedInRequest, slug: str, number: int) -> HttpResponse:
    """The live part; when the curve has ended, the whole page is loaded anew."""
    version = trained_or_404(request, slug, number)
    curve = LearningCurve.objects.filter(model_version=version).first()
    if curve is None or not curve.is_active:
        return HttpResponseClientRefresh()
    context = {
        "version": version,
        "dataset": version.dataset,
        "curve": curve,
        "may_train": abilities_in(version.dataset, request.user).curate,
    }
    shown = (curve.state, curve.progress, curve.progress_message)
    return live(request, "training/_learning_curve_progress.html", context, shown=shown)


@login_required
@require_POST
def curve_request(request: SignedInRequest, slug: str, number: int) -> HttpResponse:
    version = trained_or_404(request, slug, number, Role.CURATOR)
    with mistakes_shown(request), transaction.atomic():
        enqueue_curve(curves.request_curve(model_version=version, by=request.user))
    return redirect("training:model_version", slug, number)


@login_required
@require_POST
def curve_cancel(request: SignedInRequest, slug: str, number: int) -> HttpResponse:
    version = trained_or_404(request, slug, number, Role.CURATOR)
    if curves.cancel_curve(curve=get_object_or_404(LearningCurve, model_version=version)):
        messages.success(request, _("Cancelled. The worker stops within seconds."))
    return redirect("training:model_version", slug, number)
