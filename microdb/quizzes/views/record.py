"""The record of an opened quiz: whether it still holds, and the document itself."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from microdb.accounts.requests import SignedInRequest
from microdb.micrographs.models import Role
from microdb.quizzes.access import has_role, may_see_truth, member_quiz_or_404, readable_quiz_or_404
from microdb.quizzes.composition.integrity import verify
from microdb.quizzes.composition.record import classes_without_question
from microdb.quizzes.composition.specimens import accepted_specimens
from microdb.quizzes.models import PrimaryEndpoint


@require_GET
def quiz_record(request: HttpRequest, slug: str) -> HttpResponse:
    """For whoever may see the results; computed anew from the rows each time."""
    quiz, finished = readable_quiz_or_404(request, slug)
    sees_truth = may_see_truth(request.user, quiz, finished)
    questions = list(quiz.questions.select_related("truth"))
    context = {
        "quiz": quiz,
        "ballot": finished,
        "is_member": has_role(request.user, quiz, Role.VIEWER),
        "may_download": bool(quiz.record) and may_see_truth(request.user, quiz),
        "verification": verify(quiz),
        "accepted": accepted_specimens(quiz),
        "endpoint": PrimaryEndpoint.objects.of_quiz(quiz),
        "missing_classes": classes_without_question(quiz, questions) if sees_truth else [],
        "events": quiz.events.all(),
    }
    return render(request, "quizzes/quiz_record.html", context)


@login_required
@require_GET
def quiz_record_json(request: SignedInRequest, slug: str) -> HttpResponse:
    """The record, byte for byte as it was hashed. It contains the truths."""
    quiz = member_quiz_or_404(request, slug)
    if not quiz.record or not may_see_truth(request.user, quiz):
        raise Http404
    return HttpResponse(
        quiz.record.encode(),
        content_type="application/json",
        headers={"Content-Disposition": f'attachment; filename="{slug}-record.json"'},
    )
