"""Readers' ballots: begun, answered, submitted, withdrawn."""

import random
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from microdb.accounts.models import User
from microdb.errors import MicroDBError
from microdb.quizzes.models import Answer, Ballot, Invitation, Question, Quiz
from microdb.quizzes.models.stamps import is_later
from microdb.quizzes.sitting.frozen import frozen
from microdb.quizzes.sitting.identity import earlier_sitting, marks_of, may_know_truths, same_person
from microdb.quizzes.sitting.rules import (
    check_reader,
    check_stamps,
    check_takes_answers,
    chosen_fields,
    clean_nickname,
    kept_confidence,
)

ACTIVE_MS_AT_MOST = 24 * 3600 * 1000
GRACE = timedelta(seconds=30)
"""After the time is over: for answers that were on their way."""


@transaction.atomic
def start_ballot(
    *,
    quiz: Quiz,
    nickname: str,
    panel: str,
    consents: bool,
    years_of_experience: int | None = None,
    user: User | None = None,
    invitation: Invitation | None = None,
    browser: str = "",
) -> Ballot:
    """A new reader's ballot, with an order of questions of its own. A panel that the invitation fixes goes first.

    ``browser`` is the random token of the browser's cookie, if there is one. A repeat begins like any other ballot, is
    marked, and does not count.
    """
    check_takes_answers(quiz)
    panel = invitation.panel or panel if invitation else panel
    check_reader(panel, years_of_experience)
    if not consents:
        raise MicroDBError(_("Nobody takes part without consent. Agree to it, or close this page."), code="no_consent")
    _take_invitation(quiz, invitation)
    name = clean_nickname(nickname)
    ballot = Ballot(
        quiz=quiz,
        invitation=invitation,
        user=user,
        nickname=name,
        panel=panel,
        years_of_experience=years_of_experience,
        consented_at=timezone.now(),
        order_seed=random.SystemRandom().randrange(2**31),
        **marks_of(quiz, nickname=name, user=user, browser=browser),
    )
    ballot.repeat_of = earlier_sitting(ballot)
    ballot.save()
    return ballot


@transaction.atomic
def record_answer(
    *,
    ballot: Ballot,
    question: Question,
    choice: str,
    confidence: int | None = None,
    active_ms: int = 0,
    stamp: str = "",
    over: str = "",
) -> Answer:
    """Keep the reader's choice: an option's primary key or ``unsure``; ``confidence`` in per cent, if given.

    Returns what is kept then. Safe to send twice, late and from two tabs: there is one row per ballot and question,
    and the choice that the reader made last counts, which ``stamps`` decides by ``stamp`` and ``over``.
    ``active_ms`` is the whole time so far with the question in view; it never shrinks.
    """
    locked = _locked(ballot)
    _check_may_answer(locked, question)
    check_stamps(stamp, over)
    chosen = chosen_fields(locked.quiz, choice)
    before = Answer.objects.filter(ballot=locked, question=question).first()
    if before and locked.quiz.teaching:
        return _unchanged(before, chosen)
    if before and not is_later(stamp, over=over, kept=before.stamp):
        return before
    answer = Answer(
        ballot=locked,
        question=question,
        confidence=kept_confidence(locked.quiz, chosen, confidence),
        active_ms=max(before.active_ms if before else 0, min(active_ms, ACTIVE_MS_AT_MOST)),
        stamp=stamp,
        **chosen,
    )
    Answer.objects.bulk_create(
        [answer],
        update_conflicts=True,
        unique_fields=["ballot", "question"],
        update_fields=["option", "unsure", "confidence", "active_ms", "stamp", "answered_at"],
    )
    return answer


@transaction.atomic
def submit_ballot(*, ballot: Ballot) -> Ballot:
    """End the sitting; questions without an answer stay unanswered. A second call changes nothing.

    Here it is decided whether the ballot is complete, and whether it repeats another that was submitted before.
    """
    # All ballots of one person in one order: of two that are submitted at once, the second sees the first.
    list(Ballot.objects.select_for_update().filter(same_person(ballot)).order_by("pk"))
    locked = _locked(ballot)
    if locked.submitted_at is None:
        check_takes_answers(locked.quiz)
        answered = locked.answers.count()
        if not answered:
            raise MicroDBError(_("Answer at least one question before you submit."), code="empty_ballot")
        locked.submitted_at = timezone.now()
        locked.complete = answered >= locked.quiz.answers_needed(len(frozen(locked.quiz).questions))
        locked.repeat_of = locked.repeat_of or earlier_sitting(locked)
        locked.save(update_fields=["submitted_at", "complete", "repeat_of"])
    ballot.refresh_from_db()
    return ballot


@transaction.atomic
def withdraw_ballot(*, ballot: Ballot) -> None:
    """Take back consent at any time, also after the quiz: all answers and the name are deleted for good.

    Of a reader who may know truths the codes stay, so that another sitting is recognised as a repeat.
    """
    locked = Ballot.objects.select_for_update().get(pk=ballot.pk)
    knows = Ballot.objects.filter(may_know_truths(ballot.quiz), pk=locked.pk).exists()
    if not (knows or (ballot.quiz.teaching and locked.answers.exists())):
        locked.browser_mark = locked.account_mark = locked.name_mark = ""
    locked.answers.all().delete()
    locked.user, locked.nickname, locked.years_of_experience = None, "", None
    locked.complete, locked.counted_anyway = False, False
    locked.submitted_at, locked.withdrawn_at = None, timezone.now()
    locked.save()
    ballot.refresh_from_db()


def _locked(ballot: Ballot) -> Ballot:
    """The ballot as it is now, kept for this transaction, so that two requests about it follow each other.

    Its quiz is the caller's, read within the same request: an answer is asked for too often to read it twice.
    """
    locked = Ballot.objects.select_for_update().get(pk=ballot.pk)
    locked.quiz = ballot.quiz
    if locked.withdrawn_at:
        raise MicroDBError(_("This ballot has been withdrawn; its answers are deleted."), code="ballot_withdrawn")
    return locked


def _check_may_answer(ballot: Ballot, question: Question) -> None:
    check_takes_answers(ballot.quiz)
    if ballot.submitted_at:
        raise MicroDBError(_("This ballot is submitted: its answers can't change any more."), code="ballot_submitted")
    if ballot.deadline and timezone.now() > ballot.deadline + GRACE:
        raise MicroDBError(
            _("Your time is over. The answers that you gave in time are kept: submit them."), code="time_over"
        )
    if question.quiz_id != ballot.quiz_id:
        raise MicroDBError(_("This question belongs to another quiz."), code="unknown_question")


def _unchanged(before: Answer, chosen: dict[str, object]) -> Answer:
    """In teaching mode the truth has been shown: the same answer again is harmless, another one is refused."""
    if (before.option, before.unsure) != (chosen["option"], chosen["unsure"]):
        raise MicroDBError(
            _("You have seen the truth of this question: your first answer, “%s”, stays.") % before.label,
            code="answer_final",
        )
    return before


def _take_invitation(quiz: Quiz, invitation: Invitation | None) -> None:
    if invitation is None:
        if quiz.by_invitation:
            raise MicroDBError(_("This quiz is by invitation. Ask its organiser for a link."), code="not_invited")
        return
    if invitation.quiz_id != quiz.pk:
        raise MicroDBError(_("This invitation is for another quiz."), code="not_invited")
    if not invitation.single_use:
        return
    unused = Invitation.objects.filter(pk=invitation.pk, used_at=None)
    if not unused.update(used_at=timezone.now()):
        raise MicroDBError(_("This invitation has been used already. Ask for another one."), code="invitation_used")
