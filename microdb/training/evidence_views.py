"""The micrographs behind the rates of none of these, and the labels that were changed since a training."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.views.decorators.http import require_GET

from microdb.accounts.requests import SignedInRequest
from microdb.micrographs.access import open_to_visitors
from microdb.micrographs.labelling.page_data import label_keys
from microdb.micrographs.views.pages import dataset_page
from microdb.training.access import readable_version_or_404, trained, trained_or_404
from microdb.training.changed_labels import changed_labels
from microdb.training.models import NoneOfTheseTest
from microdb.training.none_of_these import TEXTS, TestFilter, none_of_these_tests

PER_PAGE = 60


@open_to_visitors
@require_GET
def none_of_these(request: SignedInRequest, slug: str, number: int) -> HttpResponse:
    version = trained(readable_version_or_404(request, slug, number))
    chosen = TestFilter.from_query(request.GET)
    page = Paginator(chosen.apply(none_of_these_tests(version)), PER_PAGE)
    context = {
        "version": version,
        "chosen": chosen,
        "kinds": NoneOfTheseTest.Kind.choices,
        "outcomes": TEXTS.items(),
        "page": page.get_page(request.GET.get("page")),
        "label_keys": label_keys(version.dataset),
    }
    return dataset_page(request, "training/none_of_these.html", version.dataset, "training", context)


@login_required
@require_GET
def changed(request: SignedInRequest, slug: str, number: int) -> HttpResponse:
    version = trained_or_404(request, slug, number)
    page = Paginator(changed_labels(version), PER_PAGE)
    context = {
        "version": version,
        "page": page.get_page(request.GET.get("page")),
        "label_keys": label_keys(version.dataset),
    }
    return dataset_page(request, "training/changed_labels.html", version.dataset, "training", context)
