"""The organiser's list of readers: how far each is, which sittings count, and decisions about repeats."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from microdb.accounts.requests import SignedInRequest
from microdb.errors import MicroDBError
from microdb.micrographs.models import Role
from microdb.quizzes import services
from microdb.quizzes.access import member_quiz_or_404
from microdb.quizzes.models import Ballot
from microdb.quizzes.sitting.progress import reader_row, sittings

PER_PAGE = 200


@login_required
@require_GET
def quiz_readers(request: SignedInRequest, slug: str) -> HttpResponse:
    """Every real reader; the table alone for htmx, which asks again while the quiz is open."""
    quiz = member_quiz_or_404(request, slug, role=Role.CURATOR)
    page = Paginator(sittings(quiz), PER_PAGE).get_page(request.GET.get("page"))
    count = quiz.questions.count()
    context = {
        "quiz": quiz,
        "dataset": quiz.dataset,
        "tab": "quizzes",
        "page": page,
        "rows": [reader_row(ballot) for ballot in page],
        "count": count,
        "needed": quiz.answers_needed(count),
    }
    if request.headers.get("HX-Request"):
        return render(request, "quizzes/_readers_table.html", context)
    repeats = sittings(quiz).filter(repeat_of__isnull=False, withdrawn_at=None)
    context |= {
        "repeats": [reader_row(ballot) for ballot in repeats.prefetch_related("events")],
        "events": quiz.events.all(),
    }
    return render(request, "quizzes/quiz_readers.html", context)


@login_required
@require_POST
def ballot_overrule(request: SignedInRequest, slug: str, pk: int) -> HttpResponse:
    """Count a repeat after all, or leave it out again, with a reason."""
    quiz = member_quiz_or_404(request, slug, role=Role.CURATOR)
    counts = request.POST.get("counts") == "1"
    try:
        ballot = services.overrule_repeat(
            ballot=get_object_or_404(quiz.ballots, pk=pk),
            counts=counts,
            reason=request.POST.get("reason", ""),
            by=request.user,
        )
    except MicroDBError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _decided(ballot) % ballot)
    return redirect("quizzes:quiz_readers", slug)


def _decided(ballot: Ballot) -> str:
    if not ballot.counted_anyway:
        return _("The sitting of %s is left out again.")
    if ballot.complete:
        return _("The sitting of %s counts now.")
    return _("The sitting of %s is no longer left out as a repeat. It counts only if it is complete.")
