"""The front page, the guide, and a sample dataset of one's own."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from microdb.accounts.requests import SignedInRequest
from microdb.front import doors
from microdb.front.sample import make_own_sample, unfinished
from microdb.front.tasks import enqueue_drawing

GUIDE = {
    "start": gettext_lazy("Ten minutes to a quiz"),
    "scale": gettext_lazy("Scale"),
    "specimens": gettext_lazy("Specimens and splits"),
    "none-of-these": gettext_lazy("None of these"),
    "results": gettext_lazy("Reading the results"),
}
"""The pages of the guide, in their order."""


def home(request: HttpRequest) -> HttpResponse:
    """To the datasets for people who are signed in, else the front page."""
    if request.user.is_authenticated:
        return redirect("micrographs:dataset_list")
    datasets = doors.public_datasets()
    context = {
        "datasets": datasets,
        "finished": datasets[0] if datasets else None,
        "thumbnails": doors.thumbnails(datasets[0], request.user) if datasets else [],
        "quiz": doors.sample_quiz(),
    }
    return render(request, "front/home.html", context)


@require_safe
def guide(request: HttpRequest, page: str) -> HttpResponse:
    """One page of the guide."""
    if page not in GUIDE:
        raise Http404(_("The guide has no page “%s”.") % page)
    return render(request, f"guide/{page}.html", {"page": page, "pages": GUIDE, "title": GUIDE[page]})


@login_required
@require_POST
def sample_create(request: SignedInRequest) -> HttpResponse:
    """A sample dataset for this person, which a worker draws; the one that they have already, where they have one."""
    dataset = make_own_sample(by=request.user)
    enqueue_drawing(dataset)
    if dataset.pk in unfinished():
        messages.success(request, _("Your sample dataset is being drawn. Reload this page to see more of it."))
    return redirect("micrographs:gallery", dataset.slug)
