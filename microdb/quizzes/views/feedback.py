"""Feedback to readers: after submitting, or after each answer in teaching mode."""

import uuid

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET

from microdb.quizzes.access import ballot_or_404, may_see_results, sees_own_truths
from microdb.quizzes.reports.feedback import ballot_feedback, question_feedback
from microdb.quizzes.sitting.identity import shared_with
from microdb.quizzes.views.taking import remembering


@require_GET
def ballot_compare(request: HttpRequest, slug: str, key: uuid.UUID) -> HttpResponse:
    """After submitting: own answer, truth, the models' answers and the panels' votes, question by question.

    A reader who does not see truths, or not yet, is told why.
    """
    ballot = ballot_or_404(slug, key)
    if not ballot.submitted_at:
        return redirect("quizzes:ballot", slug, key)
    quiz, earlier = ballot.quiz, ballot.repeat_of
    questions = quiz.questions.count()
    context = {
        "quiz": quiz,
        "ballot": ballot,
        "shared": shared_with(ballot, earlier) if earlier else [],
        "answered": ballot.answers.count(),
        "count": questions,
        "needed": quiz.answers_needed(questions),
        "sees_results": may_see_results(ballot),
        "may_start_again": quiz.is_open and not quiz.by_invitation and not ballot.complete,
    }
    if not sees_own_truths(ballot):
        return remembering(ballot, render(request, "quizzes/ballot_submitted.html", context))
    context["feedback"] = ballot_feedback(ballot)
    return remembering(ballot, render(request, "quizzes/ballot_feedback.html", context))


@require_GET
def ballot_reveal(request: HttpRequest, slug: str, key: uuid.UUID, question: uuid.UUID) -> HttpResponse:
    """In teaching mode, the same for one question that this ballot has answered; 404 for any other."""
    ballot = ballot_or_404(slug, key)
    asked = get_object_or_404(ballot.quiz.questions, key=question)
    (compared,) = question_feedback(ballot, only=asked)
    if not ballot.quiz.teaching or compared.answer is None:
        raise Http404
    context = {"quiz": ballot.quiz, "ballot": ballot, "compared": compared}
    return remembering(ballot, render(request, "quizzes/_question_feedback.html", context))
