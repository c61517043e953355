"""Taking a quiz by its link, without an account.

Until a ballot is submitted, nothing here may tell a question's truth or a model's answer: not the page, its JSON, an
address, a header or a file name. Only in teaching mode does an answered question tell its own (``comparing``).
"""

import uuid
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from microdb.accounts.models import Panel, User
from microdb.errors import MicroDBError
from microdb.quizzes import services
from microdb.quizzes.access import ballot_or_404, cookie_name, known_ballot
from microdb.quizzes.forms import AnswerForm, ReaderForm
from microdb.quizzes.models import UNSURE, Ballot, Exemplar, Invitation, Question, Quiz
from microdb.quizzes.simulation import CONFIDENCES

SECONDS_PER_QUESTION = 12
"""For the time estimate."""
COOKIE_SECONDS = 180 * 24 * 3600


def quiz_take(request: HttpRequest, slug: str) -> HttpResponse:
    """The first page: what it is, how long it takes, who the reader is."""
    return _first_page(request, _open_to_readers(slug), None)


def quiz_invited(request: HttpRequest, slug: str, key: uuid.UUID) -> HttpResponse:
    """The first page by an invitation's link; a used single-use link leads its reader back to the ballot."""
    quiz = _open_to_readers(slug)
    invitation = get_object_or_404(quiz.invitations, key=key)
    if invitation.single_use and (ballot := invitation.ballots.filter(withdrawn_at=None).first()):
        return redirect("quizzes:ballot", slug, ballot.key)
    return _first_page(request, quiz, invitation)


@require_GET
def ballot(request: HttpRequest, slug: str, key: uuid.UUID) -> HttpResponse:
    """A reader's own link: on to the first unanswered question, or to the comparison when all is submitted."""
    ballot = ballot_or_404(slug, key)
    if ballot.submitted_at:
        return remembering(ballot, redirect("quizzes:ballot_compare", slug, key))
    answered = set(ballot.answers.values_list("question", flat=True))
    open_numbers = [n for n, q in enumerate(ballot.questions_in_order(), start=1) if q.pk not in answered]
    if not open_numbers or _is_over(ballot):
        return remembering(ballot, redirect("quizzes:ballot_submit", slug, key))
    return remembering(ballot, redirect("quizzes:ballot_question", slug, key, open_numbers[0]))


@require_GET
def ballot_question(request: HttpRequest, slug: str, key: uuid.UUID, number: int) -> HttpResponse:
    """One image a screen; the script moves between questions without loading the page again."""
    ballot = ballot_or_404(slug, key)
    if ballot.submitted_at:
        return redirect("quizzes:ballot_compare", slug, key)
    if _is_over(ballot):
        return redirect("quizzes:ballot_submit", slug, key)
    sheet = _sheet(ballot)
    if not 1 <= number <= len(sheet):
        raise Http404
    seconds_left = (ballot.deadline - timezone.now()).total_seconds() if ballot.deadline else None
    context = {
        "quiz": ballot.quiz,
        "ballot": ballot,
        "number": number,
        "question": sheet[number - 1],
        "count": len(sheet),
        "answered": sum(bool(question["choice"]) for question in sheet),
        "options": ballot.quiz.options.all(),
        "confidences": CONFIDENCES if ballot.quiz.asks_confidence else (),
        "exemplars": exemplars_of(ballot.quiz),
        "sheet": {"ballot": str(ballot.key), "questions": sheet, "secondsLeft": seconds_left},
    }
    return remembering(ballot, render(request, "quizzes/ballot_question.html", context))


@require_POST
def ballot_answer(request: HttpRequest, slug: str, key: uuid.UUID) -> HttpResponseBase:
    """Save one answer: acknowledged in JSON to the script, by moving on to a plain form."""
    wants_json = request.headers.get("Accept", "").startswith("application/json")
    try:
        ballot = ballot_or_404(slug, key)
        form = AnswerForm(request.POST)
        question = _answered_question(ballot, form)
        given = {name: form.cleaned_data[name] for name in ("choice", "confidence", "active_ms")}
        answer = services.record_answer(ballot=ballot, question=question, **given)
    except MicroDBError as error:
        if wants_json:
            return JsonResponse({"code": error.code, "message": error.message}, status=400)
        raise
    if wants_json:
        return JsonResponse({"saved": answer.choice, "confidence": answer.confidence})
    keys = [q.pk for q in ballot.questions_in_order()]
    following = keys.index(question.pk) + 2
    if ballot.quiz.teaching:
        return redirect("quizzes:ballot_question", slug, key, following - 1)
    if following > len(keys):
        return redirect("quizzes:ballot_submit", slug, key)
    return redirect("quizzes:ballot_question", slug, key, following)


def ballot_submit(request: HttpRequest, slug: str, key: uuid.UUID) -> HttpResponse:
    """Asks about unanswered questions, then ends the sitting."""
    ballot = ballot_or_404(slug, key)
    if request.method == "POST":
        services.submit_ballot(ballot=ballot)
    if ballot.submitted_at:
        return remembering(ballot, redirect("quizzes:ballot_compare", slug, key))
    sheet = _sheet(ballot)
    context = {
        "quiz": ballot.quiz,
        "ballot": ballot,
        "count": len(sheet),
        "is_over": _is_over(ballot),
        "unanswered": [question for question in sheet if not question["choice"]],
        "unsure": [question for question in sheet if question["choice"] == UNSURE],
    }
    return render(request, "quizzes/ballot_submit.html", context)


def ballot_withdraw(request: HttpRequest, slug: str, key: uuid.UUID) -> HttpResponse:
    """Says what withdrawing means, then deletes what the reader gave."""
    ballot = ballot_or_404(slug, key)
    if request.method != "POST":
        return render(request, "quizzes/ballot_withdraw.html", {"quiz": ballot.quiz, "ballot": ballot})
    services.withdraw_ballot(ballot=ballot)
    response = render(request, "quizzes/ballot_withdrawn.html", {"quiz": ballot.quiz})
    response.delete_cookie(cookie_name(ballot.quiz))
    return response


def remembering(ballot: Ballot, response: HttpResponse) -> HttpResponse:
    """Let the browser find its ballot again at the quiz's plain link."""
    name, secure = cookie_name(ballot.quiz), settings.BEHIND_TLS
    response.set_cookie(name, str(ballot.key), max_age=COOKIE_SECONDS, httponly=True, samesite="Lax", secure=secure)
    response["Cache-Control"] = "no-store"
    return response


def exemplars_of(quiz: Quiz) -> list[Exemplar]:
    return list(quiz.exemplars.select_related("material_class", "micrograph"))


def _open_to_readers(slug: str) -> Quiz:
    opened = Quiz.objects.select_related("dataset").filter(opened_at__isnull=False, dataset__trashed_at=None)
    return get_object_or_404(opened, slug=slug)


def _first_page(request: HttpRequest, quiz: Quiz, invitation: Invitation | None) -> HttpResponse:
    user = request.user if isinstance(request.user, User) else None
    fixed_panel = invitation.panel if invitation else ""
    form = ReaderForm(request.POST or None, initial=_known_of(user), fixed_panel=fixed_panel)
    if request.method == "POST" and form.is_valid():
        said = {"panel": fixed_panel} | form.cleaned_data
        try:
            ballot = services.start_ballot(quiz=quiz, user=user, invitation=invitation, **said)
        except MicroDBError as error:
            form.add_error(None, error.message)
        else:
            return remembering(ballot, redirect("quizzes:ballot_question", quiz.slug, ballot.key, 1))
    count = quiz.questions.count()
    context = {
        "quiz": quiz,
        "form": form,
        "fixed_panel": fixed_panel,
        "may_begin": invitation is not None or not quiz.by_invitation,
        "question_count": count,
        "minutes": max(1, round(count * SECONDS_PER_QUESTION / 60)),
        "earlier": known_ballot(request, quiz),
        "exemplars": exemplars_of(quiz),
    }
    return render(request, "quizzes/quiz_take.html", context)


def _is_over(ballot: Ballot) -> bool:
    return ballot.deadline is not None and timezone.now() > ballot.deadline


def _sheet(ballot: Ballot) -> list[dict[str, Any]]:
    """The questions in the reader's order, with nothing but what the reader may know."""
    answers = {answer.question_id: answer for answer in ballot.answers.all()}
    where = [ballot.quiz.slug, ballot.key]
    return [
        {
            "key": str(question.key),
            "number": number,
            "address": reverse("quizzes:ballot_question", args=[*where, number]),
            "truth": reverse("quizzes:ballot_reveal", args=[*where, question.key]) if ballot.quiz.teaching else "",
            "image": reverse("quizzes:question_image", args=[question.key]),
            "width": question.micrograph.width,
            "height": question.micrograph.height,
            "pixels_per_micrometre": question.pixels_per_micrometre,
            "micrometres_wide": question.micrometres_wide,
            "choice": answers[question.pk].choice if question.pk in answers else "",
            "confidence": answers[question.pk].confidence if question.pk in answers else None,
        }
        for number, question in enumerate(ballot.questions_in_order(), start=1)
    ]


def _answered_question(ballot: Ballot, form: AnswerForm) -> Question:
    question = None
    if form.is_valid():
        question = ballot.quiz.questions.filter(key=form.cleaned_data["question"]).first()
    if question is None:
        sentence = _("This is not a question of this quiz, or no option was chosen. Reload the page and answer again.")
        raise MicroDBError(sentence, code="unknown_question")
    return question


def _known_of(user: User | None) -> dict[str, Any]:
    if user is None:
        return {"panel": Panel.NON_EXPERT}
    years = user.years_of_experience
    return {"nickname": user.get_short_name() or user.username, "panel": user.expertise, "years_of_experience": years}
