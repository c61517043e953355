"""The page of what runs, its live part, and the indicator in the header of every page."""

from collections import Counter
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from microdb.accounts.requests import SignedInRequest
from microdb.activity import actions
from microdb.activity.ended import newly_ended
from microdb.activity.forms import WorkFilterForm
from microdb.activity.listing import Wanted, find, listed
from microdb.activity.places import Place
from microdb.activity.tallies import FAILED_FOR
from microdb.activity.viewers import Viewer
from microdb.activity.work import ACTIVE, ENDED, Work
from microdb.activity.workers import machinery
from microdb.jobs import Job
from microdb.live import live
from microdb.micrographs.access import dataset_or_404
from microdb.micrographs.models import Role

PER_PAGE = 25
SHOWN = {"running": Job.State.RUNNING, "waiting": Job.State.QUEUED, "failed": Job.State.FAILED}


@login_required
@require_safe
def jobs(request: SignedInRequest) -> HttpResponse:
    """What is active, and a page of what has ended."""
    return render(request, "activity/jobs.html", _context(request))


@login_required
@require_safe
def now(request: SignedInRequest) -> HttpResponse:
    """The live part of that page."""
    context = _context(request)
    shown = (context["active"], context["ended"], context["machinery"])
    return live(request, "activity/_jobs.html", context, shown=shown)


@login_required
@require_safe
def indicator(request: SignedInRequest) -> HttpResponse:
    """How much runs, waits and has failed, and messages about what the person started and what has ended since."""
    lately = timezone.now() - FAILED_FOR
    viewer = Viewer.of(request.user)
    work = listed(viewer, Wanted(states=[*ACTIVE, Job.State.FAILED], ended_since=lately)).work
    states = Counter(one.state for one in work)
    context: dict[str, Any] = {name: states[state] for name, state in SHOWN.items()}
    context["newly_ended"] = newly_ended(request, viewer, work)
    return live(request, "activity/_indicator.html", context, shown=context)


@login_required
@require_POST
def job_cancel(request: SignedInRequest, job: str) -> HttpResponse:
    work = _changeable(request, job)
    actions.cancel(work=work)
    messages.success(request, _("Cancelled: %s.") % work.title)
    return redirect("activity:jobs")


@login_required
@require_POST
def job_retry(request: SignedInRequest, job: str) -> HttpResponse:
    work = _changeable(request, job)
    actions.retry(work=work, by=request.user)
    messages.success(request, _("Queued again: %s.") % work.title)
    return redirect("activity:jobs")


def _changeable(request: SignedInRequest, job: str) -> Work:
    work = find(Viewer.of(request.user), job)
    if work is None:
        raise Http404(_("There is no such job among yours."))
    dataset_or_404(request, work.dataset.slug, role=Role.CURATOR)
    return work


def _context(request: SignedInRequest) -> dict[str, Any]:
    viewer = Viewer.of(request.user)
    form = WorkFilterForm(request.GET, viewer=viewer)
    after = Place.read(request.GET["after"]) if request.GET.get("after") else None
    ended = listed(viewer, Wanted(**form.chosen, states=ENDED, after=after, most=PER_PAGE))
    query = request.GET.copy()
    query.pop("after", None)
    return {
        "form": form,
        "query": request.GET.urlencode(),
        "filters": query.urlencode(),
        "active": listed(viewer, Wanted(**form.chosen, states=ACTIVE)).work,
        "ended": ended.work,
        "next": ended.next,
        "is_first": after is None,
        "machinery": machinery() if request.user.is_staff else None,
    }
