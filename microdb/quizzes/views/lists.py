"""Lists of quizzes."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from microdb.accounts.requests import SignedInRequest
from microdb.micrographs.access import dataset_or_404
from microdb.micrographs.models import Dataset, Role
from microdb.quizzes.models import Quiz

PER_PAGE = 50


@login_required
@require_GET
def quiz_list(request: SignedInRequest) -> HttpResponse:
    quizzes = Quiz.objects.visible_to(request.user).select_related("dataset").with_counts()
    page = Paginator(quizzes, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "quizzes/quiz_list.html", {"page": page})


@login_required
@require_GET
def dataset_quizzes(request: SignedInRequest, slug: str) -> HttpResponse:
    dataset = dataset_or_404(request, slug)
    quizzes = dataset.quizzes.select_related("dataset").with_counts()
    page = Paginator(quizzes, PER_PAGE).get_page(request.GET.get("page"))
    may_compose = Dataset.objects.visible_to(request.user, Role.CURATOR).filter(pk=dataset.pk).exists()
    context = {"dataset": dataset, "tab": "quizzes", "page": page, "may_compose": may_compose}
    return render(request, "quizzes/dataset_quizzes.html", context)
