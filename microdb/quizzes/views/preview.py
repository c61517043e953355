"""A quiz as its readers see it, for its organisers; nothing is kept."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_GET

from microdb.accounts.requests import SignedInRequest
from microdb.micrographs.models import NONE_OF_THESE, Role
from microdb.quizzes.access import member_quiz_or_404
from microdb.quizzes.models import Option, Quiz
from microdb.quizzes.sitting.guides import class_guides
from microdb.quizzes.views.sheet import UNANSWERED, question_context, question_line


@login_required
@require_GET
def quiz_preview(request: SignedInRequest, slug: str) -> HttpResponse:
    """The question page of a draft or an opened quiz, in the quiz's own order."""
    quiz = member_quiz_or_404(request, slug, role=Role.CURATOR)
    address = reverse("quizzes:quiz_preview", args=[slug])
    questions = quiz.questions.select_related("micrograph")
    lines = [
        question_line(question)
        | {"number": number, "address": f"{address}?question={number}", "truth": ""}
        | UNANSWERED
        for number, question in enumerate(questions, start=1)
    ]
    given = request.GET.get("question", "1")
    number = int(given) if given.isascii() and given.isdigit() else 0
    if not 1 <= number <= len(lines):
        raise Http404
    context = question_context(quiz, lines, number, None) | {
        "preview": True,
        "options": _options(quiz),
        "guides_html": render_to_string("quizzes/_class_guides.html", {"guides": class_guides(quiz)}),
        "answer_address": address,
        "finish_address": reverse("quizzes:quiz", args=[slug]),
    }
    context["sheet"] |= {"ballot": f"preview-{quiz.pk}", "preview": True}
    return render(request, "quizzes/ballot_question.html", context)


def _options(quiz: Quiz) -> list[Option]:
    """The options, or for a draft what they would be, unsaved."""
    if quiz.opened_at:
        return list(quiz.options.all())
    labels = [guide.label for guide in class_guides(quiz)]
    labels += [NONE_OF_THESE] if quiz.offers_none_of_these else []
    return [Option(pk=place + 1, quiz=quiz, position=place, label=label) for place, label in enumerate(labels)]
