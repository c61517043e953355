"""The page of labels that a model version contradicts."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from microdb.accounts.requests import SignedInRequest
from microdb.micrographs.access import dataset_or_404
from microdb.micrographs.models import Role
from microdb.scoring.label_issues import PLACES, label_issues

PER_PAGE = 48


@login_required
@require_safe
def issue_list(request: SignedInRequest, slug: str) -> HttpResponse:
    """The dataset's label issues with their evidence."""
    dataset = dataset_or_404(request, slug, role=Role.LABELLER)
    page = PLACES.page(label_issues(dataset), request.GET, PER_PAGE)
    return render(request, "scoring/label_issues.html", {"dataset": dataset, "tab": "labelling", "page": page})
