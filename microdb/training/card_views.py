"""The model card of a version, as a page and as a PDF."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.views.decorators.http import require_GET, require_safe

from microdb.accounts.requests import SignedInRequest
from microdb.micrographs.views.pages import dataset_page
from microdb.training.access import trained_or_404
from microdb.training.model_card import card_pdf, model_card


@login_required
@require_GET
def card(request: SignedInRequest, slug: str, number: int) -> HttpResponse:
    version = trained_or_404(request, slug, number)
    context = {"version": version, "card": model_card(version)}
    return dataset_page(request, "training/model_card.html", version.dataset, "training", context)


@login_required
@require_safe
def card_as_pdf(request: SignedInRequest, slug: str, number: int) -> HttpResponse:
    version = trained_or_404(request, slug, number)
    name = f"model-card-{slug}-{number}.pdf"
    return HttpResponse(
        card_pdf(model_card(version)),
        content_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
