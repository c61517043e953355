"""Two quizzes side by side."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from microdb.accounts.requests import SignedInRequest
from microdb.quizzes.access import member_quiz_or_404
from microdb.quizzes.models import Quiz
from microdb.quizzes.reports.side_by_side import same_questions, side_by_side

QUIZZES_OFFERED = 200


@login_required
@require_GET
def quiz_compare(request: SignedInRequest, slug: str) -> HttpResponse:
    """This quiz beside another opened one that the person may see; without a choice, the form alone."""
    first = member_quiz_or_404(request, slug)
    others = Quiz.objects.visible_to(request.user).filter(opened_at__isnull=False).exclude(pk=first.pk)
    context = {
        "quiz": first,
        "dataset": first.dataset,
        "tab": "quizzes",
        "others": others.select_related("dataset")[:QUIZZES_OFFERED],
    }
    if first.opened_at and (wanted := request.GET.get("with")):
        second = get_object_or_404(others.select_related("dataset"), slug=wanted)
        context |= {
            "other": second,
            "same_questions": same_questions(first, second),
            "lines": side_by_side(first, second),
        }
        context["counts"] = [(one, one.questions.count()) for one in (first, second)]
    return render(request, "quizzes/quiz_compare.html", context)
