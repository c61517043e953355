"""Signing the truth of a draft; opening, closing and reopening a quiz."""

from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from microdb.accounts.models import User
from microdb.errors import MicroDBError
from microdb.micrographs.models import NONE_OF_THESE
from microdb.micrographs.services import freeze_dataset
from microdb.quizzes.composition import integrity, readiness
from microdb.quizzes.composition.record import record_of, record_text
from microdb.quizzes.composition.rules import check_micrographs, refuse_leaks
from microdb.quizzes.composition.specimens import unknown_specimens
from microdb.quizzes.models import ModelAnswer, Option, Question, Quiz, QuizEvent, SignOff
from microdb.quizzes.services.noting import clean_reason, note_event
from microdb.quizzes.sitting.guides import often_confused
from microdb.webhooks.models import EventKind
from microdb.webhooks.services import record_event


@transaction.atomic
def sign_truth(*, quiz: Quiz, by: User) -> SignOff:
    """A curator's sign-off of the truth as it is now; it replaces an earlier one."""
    row = Quiz.objects.select_for_update().get(pk=quiz.pk)
    if row.opened_at:
        raise MicroDBError(_("This quiz has been opened: its truth is fixed already."), code="quiz_opened")
    sign_off, _made = SignOff.objects.update_or_create(
        quiz=row, user=by, defaults={"truth_sha256": integrity.truth_sha256(row)}
    )
    return sign_off


@transaction.atomic
def open_quiz(*, quiz: Quiz, by: User | None = None, accepts_unknown_specimens: bool = False) -> Quiz:
    """Fix options, questions, truth and the models' answers in a record, hash it and let readers in; repeatable.

    ``accepts_unknown_specimens``: the organiser states that no question shows a specimen of the training, although
    micrographs without a specimen leave that open. The record and the results repeat it.
    """
    row = Quiz.objects.select_for_update().get(pk=quiz.pk)
    if row.opened_at is None:
        _check_signed(row)
        row.unknown_specimens = _accepted_specimens(row, by, accepted=accepts_unknown_specimens)
        questions = _freeze_questions(row)
        _freeze_model_answers(row, questions)
        row.dataset_version = freeze_dataset(dataset=row.dataset)
        row.record = record_text(record_of(row))
        row.frozen_sha256 = integrity.text_sha256(row.record)
        row.opened_at = timezone.now()
        row.save()
        note_event(quiz=row, kind=QuizEvent.Kind.OPENED, by=by)
    quiz.refresh_from_db()
    return quiz


@transaction.atomic
def close_quiz(*, quiz: Quiz, by: User | None = None) -> Quiz:
    """Take no more answers. Submitted ballots stay; the others do not count."""
    if quiz.opened_at is None:
        raise MicroDBError(_("This quiz is not open yet."), code="quiz_not_open")
    still_open = Quiz.objects.filter(pk=quiz.pk, opened_at__isnull=False, closed_at=None)
    if still_open.update(closed_at=timezone.now()):
        note_event(quiz=quiz, kind=QuizEvent.Kind.CLOSED, by=by)
        quiz.refresh_from_db()
        _announce(quiz)
    return quiz


def close_overdue() -> int:
    """Close the quizzes whose time is over; returns how many. They take no answers from that time on anyway."""
    overdue = Quiz.objects.filter(opened_at__isnull=False, closed_at=None, closes_at__lte=timezone.now())
    return sum(_close_overdue(pk) for pk in list(overdue.values_list("pk", flat=True)))


@transaction.atomic
def _close_overdue(pk: int) -> bool:
    if not Quiz.objects.filter(pk=pk, closed_at=None).update(closed_at=F("closes_at")):
        return False
    _announce(Quiz.objects.select_related("dataset").get(pk=pk))
    return True


def _announce(quiz: Quiz) -> None:
    """Tell those who want to hear that the quiz was closed."""
    closed = quiz.closed_at.isoformat() if quiz.closed_at else ""
    record_event(
        kind=EventKind.QUIZ_CLOSED,
        dataset=quiz.dataset,
        subject=f"quiz {quiz.pk} {closed}",
        data={
            "quiz": quiz.slug,
            "title": quiz.title,
            "closed_at": closed,
            "api": f"/api/v1/quizzes/{quiz.slug}/results/",
            "page": reverse("quizzes:quiz_results", args=[quiz.slug]),
        },
    )


@transaction.atomic
def reopen_quiz(*, quiz: Quiz, by: User | None, reason: str) -> Quiz:
    """Take answers again, until somebody closes the quiz. The reason stays, and the results page shows it."""
    row = Quiz.objects.select_for_update().get(pk=quiz.pk)
    if not row.is_closed:
        raise MicroDBError(_("Only a closed quiz can be opened again; this one is not closed."), code="quiz_not_closed")
    note_event(quiz=row, kind=QuizEvent.Kind.REOPENED, by=by, reason=clean_reason(reason))
    row.closed_at = row.closes_at = None
    row.save(update_fields=["closed_at", "closes_at"])
    quiz.refresh_from_db()
    return quiz


def _accepted_specimens(quiz: Quiz, by: User | None, *, accepted: bool) -> dict[str, int | str] | None:
    asked = [question.micrograph for question in quiz.questions.select_related("micrograph")]
    unknown = unknown_specimens(asked, quiz.competitors.all())
    if not unknown:
        return None
    if not accepted:
        raise MicroDBError(
            unknown.sentence + " " + _("Name the specimens, or tick the sentence that none is in both."),
            code="specimens_unknown",
        )
    return {"questions": unknown.questions, "training": unknown.training, "by": by.get_username() if by else ""}


def _check_signed(quiz: Quiz) -> None:
    signed = len(integrity.valid_sign_offs(quiz))
    if quiz.needs_sign_off and signed < integrity.SIGN_OFFS:
        raise MicroDBError(
            _("The truth of this quiz needs the signatures of %(wanted)d curators; it has %(given)d. Sign it first.")
            % {"wanted": integrity.SIGN_OFFS, "given": signed},
            code="not_signed",
        )


def _freeze_questions(quiz: Quiz) -> list[Question]:
    """Take truth and scale as they are now: both may have been corrected since the draft was made."""
    questions = list(quiz.questions.select_related("micrograph__material_class", "micrograph__dataset"))
    micrographs = [question.micrograph for question in questions]
    check_micrographs(quiz.dataset, micrographs, offers_none_of_these=quiz.offers_none_of_these)
    refuse_leaks(micrographs, quiz.competitors.select_related("dataset"))
    options = {option.label: option for option in _freeze_options(quiz)}
    for question in questions:
        question.truth = options[question.micrograph.label]
        question.pixels_per_micrometre = question.micrograph.pixels_per_micrometre
    Question.objects.bulk_update(questions, ["truth", "pixels_per_micrometre"])
    return questions


def _freeze_options(quiz: Quiz) -> list[Option]:
    classes = list(quiz.dataset.material_classes.all())
    confused = often_confused(quiz.competitors.all())
    options = [
        Option(
            quiz=quiz,
            position=position,
            label=one.name,
            material_class=one,
            description=one.description,
            confused_with=confused[one.name],
        )
        for position, one in enumerate(classes)
    ]
    if quiz.offers_none_of_these:
        options.append(Option(quiz=quiz, position=len(classes), label=NONE_OF_THESE))
    return Option.objects.bulk_create(options)


def _freeze_model_answers(quiz: Quiz, questions: list[Question]) -> None:
    there = readiness.readiness(quiz)
    if not there.complete:
        raise MicroDBError(
            _("The models have answered %(answered)d of %(wanted)d; a quiz opens when they have answered all.")
            % {"answered": there.answered, "wanted": there.wanted},
            code="model_still_answering",
        )
    scores = readiness.quiz_scores(quiz)
    answers = [
        readiness.model_answer(
            question, scores[version.pk, question.micrograph_id], offers_none_of_these=quiz.offers_none_of_these
        )
        for version in quiz.competitors.all()
        for question in questions
    ]
    ModelAnswer.objects.bulk_create(answers)
