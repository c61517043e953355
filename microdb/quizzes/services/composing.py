"""Drafting, changing and copying a quiz, and requesting the answers of its competitors."""

from collections.abc import Iterable
from datetime import datetime
from typing import TypedDict, Unpack
from uuid import UUID

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from microdb.accounts.models import User
from microdb.audit_log.recording import record, together
from microdb.audit_log.verbs import Verb
from microdb.errors import MicroDBError
from microdb.jobs import Job
from microdb.micrographs.models import Dataset, Micrograph, withheld_from
from microdb.quizzes.composition.candidates import choose_exemplars
from microdb.quizzes.composition.leakage import leaking_micrographs
from microdb.quizzes.composition.prior_answers import answers_known
from microdb.quizzes.composition.readiness import quiz_scores
from microdb.quizzes.composition.rules import (
    can_be_asked,
    check_composition,
    check_exemplars,
    check_settings,
    is_there,
    refuse_leaks,
)
from microdb.quizzes.models import Exemplar, PrimaryEndpoint, Question, Quiz
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
    truths_shown: str
    completeness_percent: int
    analysis_plan: str


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
    quiz = Quiz(dataset=dataset, title=title, slug=_free_slug(title), created_by=by, **settings)
    _compose(quiz, list(micrographs), list(competitors), list(exemplars))
    return quiz


@transaction.atomic
def change_draft(
    *,
    quiz: Quiz,
    title: str,
    micrographs: Iterable[Micrograph],
    competitors: Iterable[ModelVersion],
    exemplars: Iterable[Micrograph] = (),
    **settings: Unpack[QuizSettings],
) -> Quiz:
    """Replace questions, competitors, examples and settings of a quiz that has not been opened.

    A primary endpoint stays as long as its version competes.
    """
    row = Quiz.objects.select_for_update().get(pk=quiz.pk)
    if row.opened_at:
        raise MicroDBError(
            _("This quiz has been opened, so it can't be changed. Copy it to a new draft instead."), code="quiz_opened"
        )
    for name, value in {"title": title, **settings}.items():
        setattr(row, name, value)
    versions = list(competitors)
    PrimaryEndpoint.objects.filter(quiz=row).exclude(model_version__in=versions).delete()
    with together(Verb.QUIZ_CHANGED, about=row):
        record(Verb.QUIZ_CHANGED, about=row)
        _compose(row, list(micrographs), versions, list(exemplars))
    quiz.refresh_from_db()
    return quiz


@transaction.atomic
def copy_quiz(*, quiz: Quiz, by: User | None) -> Quiz:
    """A new draft with the questions, competitors, examples and settings of a quiz, without its times.

    What can no longer be asked or shown, leaks by now, or is withheld from ``by``, is left out.
    """
    row = Quiz.objects.get(pk=quiz.pk)
    shown = [exemplar.micrograph for exemplar in row.exemplars.select_related("micrograph")]
    may_know = row.questions.filter(~withheld_from(by, "micrograph"))
    asked = [question.micrograph for question in may_know.select_related("micrograph")]
    versions = list(row.competitors.select_related("dataset"))
    title = _("%s (copy)") % row.title[:90]
    copied = {
        name: getattr(row, name) for name in QuizSettings.__annotations__ if name not in ("opens_at", "closes_at")
    }
    copy = Quiz(dataset=row.dataset, title=title, slug=_free_slug(title), created_by=by, **copied)
    askable = [m for m in asked if can_be_asked(m, row.dataset, offers_none_of_these=row.offers_none_of_these)]
    leaking = leaking_micrographs(askable, versions)
    _compose(
        copy, [m for m in askable if m.pk not in leaking], versions, [m for m in shown if is_there(m, row.dataset)]
    )
    if endpoint := PrimaryEndpoint.objects.filter(quiz=row, model_version__in=versions).first():
        endpoint.pk, endpoint.quiz = None, copy
        endpoint.save()
    return copy


def _compose(quiz: Quiz, asked: list[Micrograph], versions: list[ModelVersion], shown: list[Micrograph]) -> None:
    """Check a draft and save it with exactly these questions, competitors and examples."""
    check_settings(quiz)
    check_composition(quiz.dataset, asked, versions, offers_none_of_these=quiz.offers_none_of_these)
    check_exemplars(quiz.dataset, shown, asked)
    refuse_leaks(asked, versions)
    if not quiz.pk or _chosen(quiz) != ({m.pk for m in asked}, {version.pk for version in versions}):
        quiz.answers_known = answers_known(asked, versions)
    quiz.save()
    quiz.competitors.set(versions)
    quiz.questions.all().delete()
    quiz.exemplars.all().delete()
    Question.objects.bulk_create(
        Question(quiz=quiz, position=position, micrograph=m, pixels_per_micrometre=m.pixels_per_micrometre)
        for position, m in enumerate(asked)
    )
    Exemplar.objects.bulk_create(
        Exemplar(quiz=quiz, material_class=m.material_class, micrograph=m)
        for m in _with_every_class(shown, choose_exemplars(quiz.dataset, asked))
        if m.material_class
    )


def _chosen(quiz: Quiz) -> tuple[set[UUID], set[int]]:
    """Keys of the draft's micrographs and competitors."""
    return set(quiz.questions.values_list("micrograph", flat=True)), set(quiz.competitors.values_list("pk", flat=True))


def delete_draft(*, quiz: Quiz) -> None:
    """Delete a quiz that never opened; an opened one is a record and stays."""
    if quiz.opened_at:
        raise MicroDBError(_("This quiz has been opened: its answers are kept. Close it instead."), code="quiz_opened")
    with together(Verb.QUIZ_DELETED, about=quiz):
        quiz.delete()


def request_model_answers(*, quiz: Quiz) -> list[Score]:
    """Ask every competitor about every question that it has not answered; the new scores, to be enqueued."""
    scores = quiz_scores(quiz)
    micrographs = [question.micrograph for question in quiz.questions.select_related("micrograph__dataset")]
    refuse_leaks(micrographs, quiz.competitors.select_related("dataset"))
    requested = []
    with together(Verb.QUIZ_MODELS_ASKED, about=quiz):
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
