"""Pictures of a quiz by opaque keys; responses differ from one another in the pixels alone."""

import uuid

from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET

from microdb.micrographs.models import Micrograph, Role
from microdb.quizzes.access import has_role, known_ballot, may_see_truth
from microdb.quizzes.models import Exemplar, ModelAnswer, Question, Quiz


@require_GET
def question_image(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
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
    if not _may_see_map(request, answer.question):
        raise Http404
    with default_storage.open(answer.saliency) as file:
        return _png(file.read())


def _may_see_map(request: HttpRequest, question: Question) -> bool:
    quiz = question.quiz
    ballot = known_ballot(request, quiz)
    if ballot is not None and quiz.teaching and ballot.answers.filter(question=question).exists():
        return True
    return may_see_truth(request.user, quiz, ballot if ballot is not None and ballot.submitted_at else None)


def _picture(request: HttpRequest, quiz: Quiz, micrograph: Micrograph) -> HttpResponse:
    if quiz.opened_at is None and not has_role(request.user, quiz, Role.VIEWER):
        raise Http404
    # The display image is MicroDB's own re-encoding, so it carries no metadata of the master.
    with micrograph.display.open() as file:
        return _png(file.read())


def _png(content: bytes) -> HttpResponse:
    return HttpResponse(content, content_type="image/png", headers={"Cache-Control": "private, max-age=86400"})
