"""Taking a quiz by its link, without an account.

Until a ballot is submitted, no page, JSON, address, header or file name may give away a question's truth or a model's
answer. Only teaching mode shows those of a question that is answered (see ``feedback``).
"""

import secrets
import uuid
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from microdb.accounts.models import User
from microdb.errors import MicroDBError
from microdb.quizzes import services
from microdb.quizzes.access import ballot_or_404, browser_cookie, cookie_name, known_ballot
from microdb.quizzes.forms import AnswerForm, ReaderForm, known_reader
from microdb.quizzes.models import UNSURE, Answer, Ballot, Invitation, Question, Quiz
from microdb.quizzes.sitting.frozen import frozen
from microdb.quizzes.sitting.pace import usual_minutes
from microdb.quizzes.views.sheet import guides_html, question_context, sheet

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
    """A reader's own link: on to the first unanswered question, or to the feedback after submitting."""
    ballot = ballot_or_404(slug, key)
    if ballot.submitted_at:
        return remembering(ballot, redirect("quizzes:ballot_compare", slug, key))
    if ballot.quiz.is_closed:
        return remembering(ballot, redirect("quizzes:quiz_take", slug))
    answered = set(ballot.answers.values_list("question", flat=True))
    questions = ballot.in_order(frozen(ballot.quiz).questions)
    open_numbers = [number for number, question in enumerate(questions, start=1) if question.pk not in answered]
    if not open_numbers or _is_over(ballot):
        return remembering(ballot, redirect("quizzes:ballot_submit", slug, key))
    return remembering(ballot, redirect("quizzes:ballot_question", slug, key, open_numbers[0]))


@require_GET
def ballot_question(request: HttpRequest, slug: str, key: uuid.UUID, number: int) -> HttpResponse:
    """One question per screen; the script moves between questions without loading the page again."""
    ballot = ballot_or_404(slug, key)
    if ballot.submitted_at:
        return redirect("quizzes:ballot_compare", slug, key)
    if ballot.quiz.is_closed:
        return remembering(ballot, redirect("quizzes:quiz_take", slug))
    if _is_over(ballot):
        return redirect("quizzes:ballot_submit", slug, key)
    lines = sheet(ballot)
    if not 1 <= number <= len(lines):
        raise Http404
    seconds_left = (ballot.deadline - timezone.now()).total_seconds() if ballot.deadline else None
    context = question_context(ballot.quiz, lines, number, seconds_left) | {
        "ballot": ballot,
        "options": frozen(ballot.quiz).options,
        "guides_html": guides_html(ballot.quiz),
        "answer_address": reverse("quizzes:ballot_answer", args=[slug, key]),
        "finish_address": reverse("quizzes:ballot_submit", args=[slug, key]),
    }
    context["sheet"]["ballot"] = str(ballot.key)
    return remembering(ballot, render(request, "quizzes/ballot_question.html", context))


@require_POST
def ballot_answer(request: HttpRequest, slug: str, key: uuid.UUID) -> HttpResponseBase:
    """Save one answer: acknowledged in JSON to the script, by moving on to a plain form."""
    wants_json = request.headers.get("Accept", "").startswith("application/json")
    try:
        ballot = ballot_or_404(slug, key)
        form = AnswerForm(request.POST)
        question = _answered_question(ballot, form)
        given = {name: value for name, value in form.cleaned_data.items() if name != "question"}
        answer = services.record_answer(ballot=ballot, question=question, **given)
    except MicroDBError as error:
        if wants_json:
            return JsonResponse({"code": error.code, "message": error.message}, status=400)
        raise
    if wants_json:
        return JsonResponse(_acknowledgement(answer, given["choice"]))
    keys = [asked.key for asked in ballot.in_order(frozen(ballot.quiz).questions)]
    following = keys.index(question.key) + 2
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
    lines = sheet(ballot)
    answered = sum(bool(line["choice"]) for line in lines)
    context = {
        "quiz": ballot.quiz,
        "ballot": ballot,
        "count": len(lines),
        "answered": answered,
        "missing": max(0, ballot.quiz.answers_needed(len(lines)) - answered),
        "needed": ballot.quiz.answers_needed(len(lines)),
        "is_over": _is_over(ballot),
        "unanswered": [line for line in lines if not line["choice"]],
        "unsure": [line for line in lines if line["choice"] == UNSURE],
    }
    return render(request, "quizzes/ballot_submit.html", context)


def ballot_withdraw(request: HttpRequest, slug: str, key: uuid.UUID) -> HttpResponse:
    """Explains withdrawing, then deletes the reader's data."""
    ballot = ballot_or_404(slug, key)
    if request.method != "POST":
        return render(request, "quizzes/ballot_withdraw.html", {"quiz": ballot.quiz, "ballot": ballot})
    services.withdraw_ballot(ballot=ballot)
    response = render(request, "quizzes/ballot_withdrawn.html", {"quiz": ballot.quiz})
    response.delete_cookie(cookie_name(ballot.quiz))
    return response


def remembering(ballot: Ballot, response: HttpResponse) -> HttpResponse:
    """Let the browser find its ballot again at the quiz's plain link."""
    _set_cookie(response, cookie_name(ballot.quiz), str(ballot.key))
    response["Cache-Control"] = "no-store"
    return response


def _set_cookie(response: HttpResponse, name: str, value: str) -> None:
    secure = settings.BEHIND_TLS
    response.set_cookie(name, value, max_age=COOKIE_SECONDS, httponly=True, samesite="Lax", secure=secure)


def _open_to_readers(slug: str) -> Quiz:
    opened = Quiz.objects.select_related("dataset").filter(opened_at__isnull=False, dataset__trashed_at=None)
    return get_object_or_404(opened, slug=slug)


def _first_page(request: HttpRequest, quiz: Quiz, invitation: Invitation | None) -> HttpResponse:
    user = request.user if isinstance(request.user, User) else None
    fixed_panel = invitation.panel if invitation else ""
    form = ReaderForm(request.POST or None, initial=known_reader(user), fixed_panel=fixed_panel)
    if request.method == "POST" and form.is_valid():
        reader = {"panel": fixed_panel} | form.cleaned_data
        browser = request.COOKIES.get(browser_cookie(quiz), "") or secrets.token_hex(16)
        try:
            ballot = services.start_ballot(quiz=quiz, user=user, invitation=invitation, browser=browser, **reader)
        except MicroDBError as error:
            form.add_error(None, error.message)
        else:
            begun = remembering(ballot, redirect("quizzes:ballot_question", quiz.slug, ballot.key, 1))
            _set_cookie(begun, browser_cookie(quiz), browser)
            return begun
    count = len(frozen(quiz).questions)
    context = {
        "quiz": quiz,
        "form": form,
        "fixed_panel": fixed_panel,
        "may_begin": invitation is not None or not quiz.by_invitation,
        "question_count": count,
        "needed": quiz.answers_needed(count),
        "minutes": usual_minutes(count),
        "earlier": known_ballot(request, quiz),
        "guides_html": guides_html(quiz),
    }
    return render(request, "quizzes/quiz_take.html", context)


def _is_over(ballot: Ballot) -> bool:
    return ballot.deadline is not None and timezone.now() > ballot.deadline


def _acknowledgement(kept: Answer, choice: str) -> dict[str, Any]:
    """The kept answer for the script, with a sentence where it is not the one that was sent."""
    kept_answer = {"saved": kept.choice, "confidence": kept.confidence, "stamp": kept.stamp}
    if kept.choice == choice:
        return kept_answer
    sentence = _("You answered it later in another tab or on another device, so “%s” stays. Choose again to change it.")
    return kept_answer | {"message": sentence % kept.label}


def _answered_question(ballot: Ballot, form: AnswerForm) -> Question:
    """The question that a valid form answers; MicroDBError with a sentence for any other form."""
    form.is_valid()
    key = form.cleaned_data.get("question")
    question = frozen(ballot.quiz).question_of.get(key) if key else None
    if question is None or "choice" in form.errors:
        sentence = _("This is not a question of this quiz, or no option was chosen. Reload the page and answer again.")
        raise MicroDBError(sentence, code="unknown_question")
    if form.errors:
        fields = ", ".join(form.errors)
        raise MicroDBError(
            _("The page sent a value that can't be read (%s). Reload the page and choose again.") % fields,
            code="bad_answer",
        )
    return question
