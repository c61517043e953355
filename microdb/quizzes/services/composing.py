"""Drafting a quiz, and requesting the answers of its competitors."""

from collections.abc import Iterable
from datetime import datetime
from typing import TypedDict, Unpack

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from microdb.accounts.models import User
from microdb.errors import MicroDBError
from microdb.jobs import Job
from microdb.micrographs.models import Dataset, Micrograph
from microdb.quizzes.composition.candidates import choose_exemplars
from microdb.quizzes.composition.readiness import quiz_scores
from microdb.quizzes.composition.rules import check_composition, check_exemplars, check_settings, refuse_leaks
from microdb.quizzes.models import Exemplar, Question, Quiz
from microdb.scoring.models import Score
from microdb.scoring.services import request_score
from microdb.training.models import ModelVersion


class QuizSettings(TypedDict, total=False):
    """What an organiser decides beside the questions; the defaults are the model's."""

    instructions: str
    consent_text: str
    offers_none_of_these: bool
    shuffled: bool
    asks_confidence: bool
    teaching: bool
    by_invitation: bool
    needs_sign_off: bool
    time_limit_minutes: int | None
    opens_at: datetime | None
    closes_at: datetime | None


@transaction.atomic
def create_quiz(
    *,
    dataset: Dataset,
    title: str,
    micrographs: Iterable[Micrograph],
    competitors: Iterable[ModelVersion],
    by: User | None,
    exemplars: Iterable[Micrograph] = (),
    **settings: Unpack[QuizSettings],
) -> Quiz:
    """A draft with its questions in the order given; of a class without ``exemplars``, some are chosen."""
    asked, versions, shown = list(micrographs), list(competitors), list(exemplars)
    quiz = Quiz(dataset=dataset, title=title, slug=_free_slug(title), created_by=by, **settings)
    check_settings(quiz)
    check_composition(dataset, asked, versions, offers_none_of_these=quiz.offers_none_of_these)
    check_exemplars(dataset, shown, asked)
    refuse_leaks(asked, versions)
    quiz.save()
    quiz.competitors.set(versions)
    Question.objects.bulk_create(
        Question(quiz=quiz, position=position, micrograph=m, pixels_per_micrometre=m.pixels_per_micrometre)
        for position, m in enumerate(asked)
    )
    Exemplar.objects.bulk_create(
        Exemplar(quiz=quiz, material_class=m.material_class, micrograph=m)
        for m in _with_every_class(shown, choose_exemplars(dataset, asked))
        if m.material_class
    )
    return quiz


def delete_draft(*, quiz: Quiz) -> None:
    """Delete a quiz that never opened; an opened one is a record and stays."""
    if quiz.opened_at:
        raise MicroDBError(_("This quiz has been opened: its answers are kept. Close it instead."), code="quiz_opened")
    quiz.delete()


def request_model_answers(*, quiz: Quiz) -> list[Score]:
    """Ask every competitor about every question that it has not answered; the new scores, to be enqueued."""
    scores = quiz_scores(quiz)
    micrographs = [question.micrograph for question in quiz.questions.select_related("micrograph__dataset")]
    refuse_leaks(micrographs, quiz.competitors.select_related("dataset"))
    requested = []
    for version in quiz.competitors.all():
        for micrograph in micrographs:
            known = scores.get((version.pk, micrograph.pk))
            if known is None or known.state == Job.State.FAILED:
                requested.append(request_score(model_version=version, micrograph=micrograph))
    return requested


def _with_every_class(shown: list[Micrograph], typical: list[Micrograph]) -> list[Micrograph]:
    """The organiser's exemplars, and typical ones for classes without any."""
    chosen = {micrograph.material_class_id for micrograph in shown}
    return [*shown, *(micrograph for micrograph in typical if micrograph.material_class_id not in chosen)]


def _free_slug(title: str) -> str:
    stem = slugify(title)[:90] or "quiz"
    slug, number = stem, 2
    while Quiz.objects.filter(slug=slug).exists():
        slug, number = f"{stem}-{number}", number + 1
    return slug
