"""Pictures of a quiz by opaque keys; responses differ from one another in the pixels alone."""

import io
import uuid
from functools import lru_cache

from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET
from PIL import Image

from microdb.micrographs.models import Role
from microdb.quizzes.access import has_role, known_ballot, may_see_truth_of
from microdb.quizzes.models import Exemplar, ModelAnswer, Question

PICTURES_AT_HAND = 10_000
"""Names cached in each process, because 200 readers request each picture of a quiz within minutes."""
EXAMPLES_AT_HAND = 500
EXAMPLE_SIDE, EXAMPLE_QUALITY = 256, 55
FOR_GOOD = "private, max-age=31536000, immutable"
PictureModel = type[Question] | type[Exemplar]


@require_GET
def question_image(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    return _picture(request, Question, key)


@require_GET
def exemplar_image(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    return _picture(request, Exemplar, key)


@require_GET
def question_thumbnail(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    display, thumbnail = _names(request, Question, key)
    return _kept_for_good(thumbnail, "image/webp") if thumbnail else _kept_for_good(display, "image/png")


@require_GET
def exemplar_thumbnail(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    display, thumbnail = _names(request, Exemplar, key)
    return _for_good(_small_webp(thumbnail or display), "image/webp")


@require_GET
def question_saliency(request: HttpRequest, key: uuid.UUID, number: int) -> HttpResponse:
    """A competitor's saliency map of a question, for people who may see its answer."""
    answers = ModelAnswer.objects.select_related("question__quiz__dataset").defer("question__quiz__record")
    answer = get_object_or_404(answers.exclude(saliency=""), question__key=key, model_version__number=number)
    question = answer.question
    if not may_see_truth_of(request.user, question, known_ballot(request, question.quiz)):
        raise Http404
    return _kept_for_good(answer.saliency, "image/png")


def _picture(request: HttpRequest, model: PictureModel, key: uuid.UUID) -> HttpResponse:
    display, _thumbnail = _names(request, model, key)
    return _kept_for_good(display, "image/png")


def _names(request: HttpRequest, model: PictureModel, key: uuid.UUID) -> tuple[str, str]:
    """Storage names of the picture that readers see and of its thumbnail, empty for micrographs without one."""
    try:
        return _opened_names(model, key)
    except Http404:
        draft = model.objects.select_related("micrograph", "quiz").filter(key=key).first()
        if draft is None or not has_role(request.user, draft.quiz, Role.VIEWER):
            raise
        return str(draft.micrograph.display.name), str(draft.micrograph.thumbnail.name or "")


@lru_cache(maxsize=PICTURES_AT_HAND)
def _opened_names(model: PictureModel, key: uuid.UUID) -> tuple[str, str]:
    """Storage names of a picture and its thumbnail in an opened quiz, which never change; 404 for a draft's, which are
    not kept in memory.

    Both are MicroDB's own re-encoding, so they carry no metadata of the master.
    """
    opened = model.objects.filter(quiz__opened_at__isnull=False)
    names = opened.filter(key=key).values_list("micrograph__display", "micrograph__thumbnail").first()
    if names is None:
        raise Http404
    return str(names[0]), str(names[1] or "")


@lru_cache(maxsize=EXAMPLES_AT_HAND)
def _small_webp(name: str) -> bytes:
    """A stored picture as a small WebP, because a first page shows a dozen of them, often on a phone."""
    with default_storage.open(name) as file, Image.open(file) as image:
        image.thumbnail((EXAMPLE_SIDE, EXAMPLE_SIDE))
        small = io.BytesIO()
        image.save(small, "WEBP", quality=EXAMPLE_QUALITY)
    return small.getvalue()


def _kept_for_good(name: str, content_type: str) -> HttpResponse:
    with default_storage.open(name) as file:
        return _for_good(file.read(), content_type)


def _for_good(content: bytes, content_type: str) -> HttpResponse:
    return HttpResponse(content, content_type=content_type, headers={"Cache-Control": FOR_GOOD})
