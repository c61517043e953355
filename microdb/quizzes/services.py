"""Writes to quizzes: composing, opening and closing them, and readers' ballots."""

import random
from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from microdb.accounts.models import User
from microdb.errors import MicroDBError
from microdb.jobs import Job
from microdb.micrographs.models import NONE_OF_THESE, Dataset, Micrograph
from microdb.micrographs.services import freeze_dataset
from microdb.quizzes import opening
from microdb.quizzes.composition import choose_exemplars
from microdb.quizzes.models import Answer, Ballot, Exemplar, ModelAnswer, Question, Quiz
from microdb.quizzes.rules import (
    check_composition,
    check_micrographs,
    check_reader,
    check_takes_answers,
    chosen_fields,
    clean_nickname,
    refuse_leaks,
)
from microdb.quizzes.simulation import SimulatedReader, draw_readers
from microdb.scoring.models import Score
from microdb.scoring.services import request_score
from microdb.training.models import ModelVersion

ACTIVE_MS_AT_MOST = 24 * 3600 * 1000


@transaction.atomic
def create_quiz(
    *,
    dataset: Dataset,
    title: str,
    micrographs: Iterable[Micrograph],
    competitors: Iterable[ModelVersion],
    by: User | None,
    exemplars: Iterable[Micrograph] = (),
    instructions: str = "",
    offers_none_of_these: bool = True,
    shuffled: bool = True,
) -> Quiz:
    """A draft with its questions in the order given; without ``exemplars``, some of each class are chosen."""
    asked, versions = list(micrographs), list(competitors)
    check_composition(dataset, asked, versions, offers_none_of_these=offers_none_of_these)
    refuse_leaks(asked, versions)
    quiz = Quiz.objects.create(
        dataset=dataset,
        title=title,
        slug=_free_slug(title),
        instructions=instructions,
        offers_none_of_these=offers_none_of_these,
        shuffled=shuffled,
        created_by=by,
    )
    quiz.competitors.set(versions)
    Question.objects.bulk_create([_question(quiz, position, m) for position, m in enumerate(asked)])
    shown = list(exemplars) or choose_exemplars(dataset, asked)
    Exemplar.objects.bulk_create(
        [Exemplar(quiz=quiz, material_class=m.material_class, micrograph=m) for m in shown if m.material_class]
    )
    return quiz


def delete_draft(*, quiz: Quiz) -> None:
    """Throw away a quiz that never opened; an opened one is a record, and stays."""
    if quiz.opened_at:
        raise MicroDBError(_("This quiz has been opened: its answers are kept. Close it instead."), code="quiz_opened")
    quiz.delete()


def request_model_answers(*, quiz: Quiz) -> list[Score]:
    """Ask every competitor about every question that it has not answered; the new scores, to be enqueued."""
    scores = opening.quiz_scores(quiz)
    micrographs = [question.micrograph for question in quiz.questions.select_related("micrograph__dataset")]
    refuse_leaks(micrographs, quiz.competitors.select_related("dataset"))
    requested = []
    for version in quiz.competitors.all():
        for micrograph in micrographs:
            known = scores.get((version.pk, micrograph.pk))
            if known is None or known.state == Job.State.FAILED:
                requested.append(request_score(model_version=version, micrograph=micrograph))
    return requested


@transaction.atomic
def open_quiz(*, quiz: Quiz) -> Quiz:
    """Fix questions, truth and the models' answers, hash them, and let readers in. Twice does nothing more."""
    row = Quiz.objects.select_for_update().get(pk=quiz.pk)
    if row.opened_at is None:
        questions = _freeze_questions(row)
        answers = _freeze_model_answers(row, questions)
        row.dataset_version = freeze_dataset(dataset=row.dataset)
        row.frozen_sha256 = opening.frozen_sha256(row, questions, answers)
        row.opened_at = timezone.now()
        row.save()
    quiz.refresh_from_db()
    return quiz


def close_quiz(*, quiz: Quiz) -> Quiz:
    """Take no more answers; what was submitted stays, what was not is not counted."""
    if quiz.opened_at is None:
        raise MicroDBError(_("This quiz is not open yet."), code="quiz_not_open")
    Quiz.objects.open().filter(pk=quiz.pk).update(closed_at=timezone.now())
    quiz.refresh_from_db()
    return quiz


def start_ballot(
    *, quiz: Quiz, nickname: str, panel: str, years_of_experience: int | None = None, user: User | None = None
) -> Ballot:
    """A new reader's ballot, with an order of questions of its own."""
    check_takes_answers(quiz)
    check_reader(panel, years_of_experience)
    return Ballot.objects.create(
        quiz=quiz,
        user=user,
        nickname=clean_nickname(nickname),
        panel=panel,
        years_of_experience=years_of_experience,
        order_seed=random.SystemRandom().randrange(2**31),
    )


@transaction.atomic
def record_answer(*, ballot: Ballot, question: Question, choice: str, active_ms: int = 0) -> Answer:
    """Keep the reader's choice: a class's primary key, ``none-of-these`` or ``unsure``.

    Safe to send twice and from two tabs: there is one row per ballot and question, and the last choice counts.
    ``active_ms`` is the whole time so far with the question in view; it never shrinks.
    """
    locked = Ballot.objects.select_for_update(of=["self"]).select_related("quiz").get(pk=ballot.pk)
    check_takes_answers(locked.quiz)
    if locked.submitted_at:
        raise MicroDBError(_("This ballot is submitted: its answers can't change any more."), code="ballot_submitted")
    if question.quiz_id != locked.quiz_id:
        raise MicroDBError(_("This question belongs to another quiz."), code="unknown_question")
    before = Answer.objects.filter(ballot=locked, question=question).values_list("active_ms", flat=True).first() or 0
    answer = Answer(
        ballot=locked,
        question=question,
        active_ms=max(before, min(active_ms, ACTIVE_MS_AT_MOST)),
        **chosen_fields(locked.quiz, choice),
    )
    Answer.objects.bulk_create(
        [answer],
        update_conflicts=True,
        unique_fields=["ballot", "question"],
        update_fields=["material_class", "none_of_these", "unsure", "active_ms", "answered_at"],
    )
    return answer


@transaction.atomic
def submit_ballot(*, ballot: Ballot) -> Ballot:
    """End the sitting; questions without an answer stay unanswered. Twice does nothing more."""
    locked = Ballot.objects.select_for_update(of=["self"]).select_related("quiz").get(pk=ballot.pk)
    if locked.submitted_at is None:
        check_takes_answers(locked.quiz)
        if not locked.answers.exists():
            raise MicroDBError(_("Answer at least one question before you submit."), code="empty_ballot")
        locked.submitted_at = timezone.now()
        locked.save(update_fields=["submitted_at"])
    ballot.refresh_from_db()
    return ballot


@transaction.atomic
def simulate_readers(*, quiz: Quiz, experts: int, non_experts: int, seed: int) -> list[Ballot]:
    """Submitted ballots of made-up readers, marked as such, for demonstrations; never to be mixed with people."""
    check_takes_answers(quiz)
    questions = list(quiz.questions.select_related("truth"))
    options = [str(c.pk) for c in quiz.dataset.material_classes.all()]
    options += [NONE_OF_THESE] if quiz.offers_none_of_these else []
    truths = [NONE_OF_THESE if question.truth_none_of_these else str(question.truth_id) for question in questions]
    readers = draw_readers(truths, options, experts=experts, non_experts=non_experts, seed=seed)
    ballots = [_simulated_ballot(quiz, reader, order_seed=number) for number, reader in enumerate(readers)]
    Ballot.objects.bulk_create(ballots)
    Answer.objects.bulk_create(
        Answer(ballot=ballot, question=question, active_ms=active_ms, **chosen_fields(quiz, choice))
        for ballot, reader in zip(ballots, readers, strict=True)
        for question, choice, active_ms in zip(questions, reader.choices, reader.active_ms, strict=True)
    )
    return ballots


def _simulated_ballot(quiz: Quiz, reader: SimulatedReader, *, order_seed: int) -> Ballot:
    return Ballot(
        quiz=quiz,
        nickname=reader.nickname,
        panel=reader.panel,
        simulated=True,
        order_seed=order_seed,
        submitted_at=timezone.now(),
    )


def _question(quiz: Quiz, position: int, micrograph: Micrograph) -> Question:
    return Question(
        quiz=quiz,
        position=position,
        micrograph=micrograph,
        pixels_per_micrometre=micrograph.pixels_per_micrometre,
        truth=micrograph.material_class,
        truth_none_of_these=micrograph.none_of_these,
    )


def _freeze_questions(quiz: Quiz) -> list[Question]:
    """Take truth and scale as they are now: both may have been corrected since the draft was made."""
    questions = list(quiz.questions.select_related("micrograph__material_class", "micrograph__dataset"))
    micrographs = [question.micrograph for question in questions]
    check_micrographs(quiz.dataset, micrographs, offers_none_of_these=quiz.offers_none_of_these)
    refuse_leaks(micrographs, quiz.competitors.select_related("dataset"))
    for question in questions:
        question.truth = question.micrograph.material_class
        question.truth_none_of_these = question.micrograph.none_of_these
        question.pixels_per_micrometre = question.micrograph.pixels_per_micrometre
    Question.objects.bulk_update(questions, ["truth", "truth_none_of_these", "pixels_per_micrometre"])
    return questions


def _freeze_model_answers(quiz: Quiz, questions: list[Question]) -> list[ModelAnswer]:
    there = opening.readiness(quiz)
    if not there.complete:
        raise MicroDBError(
            _("The models have answered %(answered)d of %(wanted)d; a quiz opens when they have answered all.")
            % {"answered": there.answered, "wanted": there.wanted},
            code="model_still_answering",
        )
    scores = opening.quiz_scores(quiz)
    answers = [
        opening.model_answer(
            question, scores[version.pk, question.micrograph_id], offers_none_of_these=quiz.offers_none_of_these
        )
        for version in quiz.competitors.all()
        for question in questions
    ]
    return ModelAnswer.objects.bulk_create(answers)


def _free_slug(title: str) -> str:
    stem = slugify(title)[:90] or "quiz"
    slug, number = stem, 2
    while Quiz.objects.filter(slug=slug).exists():
        slug, number = f"{stem}-{number}", number + 1
    return slug
