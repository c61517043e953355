"""Signing the truth of a draft, opening the quiz, and closing it."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from microdb.accounts.models import User
from microdb.errors import MicroDBError
from microdb.micrographs.models import NONE_OF_THESE
from microdb.micrographs.services import freeze_dataset
from microdb.quizzes.composition import integrity, readiness
from microdb.quizzes.composition.rules import check_micrographs, refuse_leaks
from microdb.quizzes.models import ModelAnswer, Option, Question, Quiz, SignOff


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
def open_quiz(*, quiz: Quiz) -> Quiz:
    """Fix options, questions, truth and the models' answers, hash them and let readers in; repeatable."""
    row = Quiz.objects.select_for_update().get(pk=quiz.pk)
    if row.opened_at is None:
        _check_signed(row)
        questions = _freeze_questions(row)
        answers = _freeze_model_answers(row, questions)
        row.dataset_version = freeze_dataset(dataset=row.dataset)
        row.frozen_sha256 = integrity.frozen_sha256(row, questions, answers)
        row.opened_at = timezone.now()
        row.save()
    quiz.refresh_from_db()
    return quiz


def close_quiz(*, quiz: Quiz) -> Quiz:
    """Take no more answers. Submitted ballots stay; the others do not count."""
    if quiz.opened_at is None:
        raise MicroDBError(_("This quiz is not open yet."), code="quiz_not_open")
    Quiz.objects.filter(pk=quiz.pk, opened_at__isnull=False, closed_at=None).update(closed_at=timezone.now())
    quiz.refresh_from_db()
    return quiz


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
    options = [Option(quiz=quiz, position=n, label=c.name, material_class=c) for n, c in enumerate(classes)]
    if quiz.offers_none_of_these:
        options.append(Option(quiz=quiz, position=len(classes), label=NONE_OF_THESE))
    return Option.objects.bulk_create(options)


def _freeze_model_answers(quiz: Quiz, questions: list[Question]) -> list[ModelAnswer]:
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
    return ModelAnswer.objects.bulk_create(answers)
