"""Readers' pages: taking a quiz by its link, without an account, and the comparison with the machine afterwards.

Until a ballot is submitted, nothing here may tell a question's truth or a model's answer: not the page, its JSON, an
address, a header or a file name.
"""

import uuid
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from microdb.accounts.models import Panel, User
from microdb.errors import MicroDBError
from microdb.micrographs.models import Micrograph, Role
from microdb.quizzes import services
from microdb.quizzes.access import ballot_or_404, cookie_name, has_role, known_ballot, may_see_truth
from microdb.quizzes.comparison import side_by_side
from microdb.quizzes.forms import AnswerForm, ReaderForm
from microdb.quizzes.models import UNSURE, Ballot, Exemplar, ModelAnswer, Question, Quiz

SECONDS_PER_QUESTION = 12
"""For the time estimate on the first page."""
COOKIE_SECONDS = 180 * 24 * 3600


def quiz_take(request: HttpRequest, slug: str) -> HttpResponse:
    """The first page: what it is, how long it takes, who the reader is."""
    quiz = get_object_or_404(
        Quiz.objects.select_related("dataset"), slug=slug, opened_at__isnull=False, dataset__trashed_at=None
    )
    user = request.user if isinstance(request.user, User) else None
    form = ReaderForm(request.POST or None, initial=_known_of(user))
    if request.method == "POST" and form.is_valid():
        try:
            ballot = services.start_ballot(quiz=quiz, user=user, **form.cleaned_data)
        except MicroDBError as error:
            form.add_error(None, error.message)
        else:
            return _remembering(ballot, redirect("quizzes:ballot_question", slug, ballot.key, 1))
    count = quiz.questions.count()
    context = {
        "quiz": quiz,
        "form": form,
        "question_count": count,
        "minutes": max(1, round(count * SECONDS_PER_QUESTION / 60)),
        "earlier": known_ballot(request, quiz),
        "exemplars": _exemplars(quiz),
    }
    return render(request, "quizzes/quiz_take.html", context)


@require_GET
def ballot(request: HttpRequest, slug: str, key: uuid.UUID) -> HttpResponse:
    """A reader's own link: on to the first unanswered question, or to the comparison when all is submitted."""
    ballot = ballot_or_404(slug, key)
    if ballot.submitted_at:
        return _remembering(ballot, redirect("quizzes:ballot_compare", slug, key))
    answered = set(ballot.answers.values_list("question", flat=True))
    open_numbers = [n for n, q in enumerate(ballot.questions_in_order(), start=1) if q.pk not in answered]
    if not open_numbers:
        return _remembering(ballot, redirect("quizzes:ballot_submit", slug, key))
    return _remembering(ballot, redirect("quizzes:ballot_question", slug, key, open_numbers[0]))


@require_GET
def ballot_question(request: HttpRequest, slug: str, key: uuid.UUID, number: int) -> HttpResponse:
    """One image a screen; the script moves between questions without loading the page again."""
    ballot = ballot_or_404(slug, key)
    if ballot.submitted_at:
        return redirect("quizzes:ballot_compare", slug, key)
    sheet = _sheet(ballot)
    if not 1 <= number <= len(sheet):
        raise Http404
    context = {
        "quiz": ballot.quiz,
        "ballot": ballot,
        "number": number,
        "question": sheet[number - 1],
        "count": len(sheet),
        "answered": sum(bool(question["choice"]) for question in sheet),
        "classes": ballot.quiz.dataset.material_classes.all(),
        "exemplars": _exemplars(ballot.quiz),
        "sheet": {"ballot": str(ballot.key), "questions": sheet},
    }
    return _remembering(ballot, render(request, "quizzes/ballot_question.html", context))


@require_POST
def ballot_answer(request: HttpRequest, slug: str, key: uuid.UUID) -> HttpResponseBase:
    """Save one answer: acknowledged in JSON to the script, by moving on to a plain form."""
    ballot = ballot_or_404(slug, key)
    form = AnswerForm(request.POST)
    wants_json = request.headers.get("Accept", "").startswith("application/json")
    try:
        question = _answered_question(ballot, form)
        choice, active_ms = form.cleaned_data["choice"], form.cleaned_data["active_ms"]
        services.record_answer(ballot=ballot, question=question, choice=choice, active_ms=active_ms)
    except MicroDBError as error:
        if wants_json:
            return JsonResponse({"code": error.code, "message": error.message}, status=400)
        raise
    if wants_json:
        return JsonResponse({"saved": choice, "answered": ballot.answers.count()})
    keys = [q.pk for q in ballot.questions_in_order()]
    following = keys.index(question.pk) + 2
    if following > len(keys):
        return redirect("quizzes:ballot_submit", slug, key)
    return redirect("quizzes:ballot_question", slug, key, following)


def ballot_submit(request: HttpRequest, slug: str, key: uuid.UUID) -> HttpResponse:
    """Asks about unanswered questions, then ends the sitting."""
    ballot = ballot_or_404(slug, key)
    if request.method == "POST":
        services.submit_ballot(ballot=ballot)
    if ballot.submitted_at:
        return _remembering(ballot, redirect("quizzes:ballot_compare", slug, key))
    sheet = _sheet(ballot)
    context = {
        "quiz": ballot.quiz,
        "ballot": ballot,
        "count": len(sheet),
        "unanswered": [question for question in sheet if not question["choice"]],
        "unsure": [question for question in sheet if question["choice"] == UNSURE],
    }
    return render(request, "quizzes/ballot_submit.html", context)


@require_GET
def ballot_compare(request: HttpRequest, slug: str, key: uuid.UUID) -> HttpResponse:
    """After submitting: own answer, truth and the models' answers, question by question."""
    ballot = ballot_or_404(slug, key)
    if not ballot.submitted_at:
        return redirect("quizzes:ballot", slug, key)
    context = {"quiz": ballot.quiz, "ballot": ballot, "comparison": side_by_side(ballot)}
    return _remembering(ballot, render(request, "quizzes/ballot_compare.html", context))


@require_GET
def question_image(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """The question's picture by its opaque key; its response differs from any other's in the pixels alone."""
    question = get_object_or_404(Question.objects.select_related("micrograph", "quiz"), key=key)
    return _picture(request, question.quiz, question.micrograph)


@require_GET
def exemplar_image(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    exemplar = get_object_or_404(Exemplar.objects.select_related("micrograph", "quiz"), key=key)
    return _picture(request, exemplar.quiz, exemplar.micrograph)


@require_GET
def question_saliency(request: HttpRequest, key: uuid.UUID, number: int) -> HttpResponse:
    """A competitor's map of a question, for those who may know its answer."""
    answers = ModelAnswer.objects.select_related("question__quiz__dataset").exclude(saliency="")
    answer = get_object_or_404(answers, question__key=key, model_version__number=number)
    quiz = answer.question.quiz
    ballot = known_ballot(request, quiz)
    submitted = ballot if ballot is not None and ballot.submitted_at else None
    if not may_see_truth(request.user, quiz, submitted):
        raise Http404
    with default_storage.open(answer.saliency) as file:
        return _png(file.read())


def _picture(request: HttpRequest, quiz: Quiz, micrograph: Micrograph) -> HttpResponse:
    if quiz.opened_at is None and not has_role(request.user, quiz, Role.VIEWER):
        raise Http404
    # The display image is MicroDB's own re-encoding, so it carries no metadata of the master.
    with micrograph.display.open() as file:
        return _png(file.read())


def _png(content: bytes) -> HttpResponse:
    return HttpResponse(content, content_type="image/png", headers={"Cache-Control": "private, max-age=86400"})


def _sheet(ballot: Ballot) -> list[dict[str, Any]]:
    """The questions in the reader's order, with nothing but what the reader may know."""
    choices = {answer.question_id: answer.choice for answer in ballot.answers.all()}
    return [
        {
            "key": str(question.key),
            "number": number,
            "address": reverse("quizzes:ballot_question", args=[ballot.quiz.slug, ballot.key, number]),
            "image": reverse("quizzes:question_image", args=[question.key]),
            "width": question.micrograph.width,
            "height": question.micrograph.height,
            "pixels_per_micrometre": question.pixels_per_micrometre,
            "micrometres_wide": question.micrometres_wide,
            "choice": choices.get(question.pk, ""),
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


def _exemplars(quiz: Quiz) -> list[Exemplar]:
    return list(quiz.exemplars.select_related("material_class", "micrograph"))


def _known_of(user: User | None) -> dict[str, Any]:
    if user is None:
        return {"panel": Panel.NON_EXPERT}
    years = user.years_of_experience
    return {"nickname": user.get_short_name() or user.username, "panel": user.expertise, "years_of_experience": years}


def _remembering(ballot: Ballot, response: HttpResponse) -> HttpResponse:
    """Let the browser find its ballot again at the quiz's plain link."""
    name, secure = cookie_name(ballot.quiz), settings.BEHIND_TLS
    response.set_cookie(name, str(ballot.key), max_age=COOKIE_SECONDS, httponly=True, samesite="Lax", secure=secure)
    response["Cache-Control"] = "no-store"
    return response
