"""Who may see what of a quiz: members by their role in the dataset, readers by their ballot's secret key."""

import uuid

from django.db.models import Exists
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from microdb.micrographs.access import dataset_or_404
from microdb.micrographs.models import Dataset, Role, withheld_from
from microdb.quizzes.models import Ballot, Question, Quiz, TruthsShown


def member_quiz_or_404(request: HttpRequest, slug: str, role: str = Role.VIEWER) -> Quiz:
    """The quiz for a member of its dataset; 404 for others, 403 when the role is too low."""
    quiz = get_object_or_404(Quiz.objects.select_related("dataset"), slug=slug)
    quiz.dataset = dataset_or_404(request, quiz.dataset.slug, role=role)
    return quiz


def quiz_with_truth_or_404(request: HttpRequest, slug: str) -> Quiz:
    """An opened quiz for a member who may know its truths; 404 for others."""
    quiz = member_quiz_or_404(request, slug)
    if quiz.opened_at is None or not may_see_truth(request.user, quiz):
        raise Http404
    return quiz


def has_role(user: object, quiz: Quiz, role: str) -> bool:
    return Dataset.objects.visible_to(user, role).filter(pk=quiz.dataset_id).exists()


def cookie_name(quiz: Quiz) -> str:
    return f"ballot-{quiz.pk}"


def browser_cookie(quiz: Quiz) -> str:
    """Holds a random token, by which the quiz recognises a second sitting of the same browser."""
    return f"quiz-browser-{quiz.pk}"


def known_ballot(request: HttpRequest, quiz: Quiz) -> Ballot | None:
    """The ballot whose key is in the query (``?ballot=``) or the cookie, else the latest of the signed-in person, which
    may have begun on another device.
    """
    for given in (request.GET.get("ballot", ""), request.COOKIES.get(cookie_name(quiz), "")):
        try:
            key = uuid.UUID(given)
        except ValueError:
            continue
        if ballot := quiz.ballots.filter(key=key, withdrawn_at=None).first():
            return ballot
    if not request.user.is_authenticated:
        return None
    return quiz.ballots.filter(user=request.user, withdrawn_at=None).order_by("-started_at").first()


def ballot_or_404(slug: str, key: uuid.UUID) -> Ballot:
    there = Ballot.objects.filter(quiz__dataset__trashed_at=None, simulated=False, withdrawn_at=None)
    return get_object_or_404(there.select_related("quiz").defer("quiz__record"), key=key, quiz__slug=slug)


def readable_quiz_or_404(request: HttpRequest, slug: str) -> tuple[Quiz, Ballot | None]:
    """An opened quiz whose results the person may see: a member, or a reader who has finished; with that ballot."""
    quiz = get_object_or_404(Quiz.objects.select_related("dataset"), slug=slug, opened_at__isnull=False)
    ballot = known_ballot(request, quiz)
    finished = ballot is not None and may_see_results(ballot)
    if not finished and not has_role(request.user, quiz, Role.VIEWER):
        raise Http404
    return quiz, ballot if finished else None


def may_see_results(ballot: Ballot) -> bool:
    """Readers see results when they have finished; where truths wait for the end of the quiz, results do too."""
    if ballot.quiz.truths_shown == TruthsShown.AFTER_SITTING:
        return ballot.complete
    return ballot.submitted_at is not None and ballot.quiz.is_closed


def sees_own_truths(ballot: Ballot) -> bool:
    """Whether a reader sees the truth and the models' answers, of the questions that this ballot answered."""
    return ballot.quiz.truths_shown != TruthsShown.NEVER and may_see_results(ballot)


def may_see_truth(user: object, quiz: Quiz, finished: Ballot | None = None) -> bool:
    """Whether somebody sees the truth of every question: readers who have answered all and see their own truths;
    curators of a draft; of an opened quiz its organisers, and after its closing all members.

    A member who could still take this quiz, or another one with some of its questions, must not read them first.
    """
    if finished is not None and sees_own_truths(finished) and not _unanswered(finished):
        return True
    datasets = Dataset.objects.visible_to(user, Role.VIEWER if quiz.is_closed else Role.CURATOR)
    withheld = quiz.questions.filter(withheld_from(user, "micrograph"))
    return datasets.filter(~Exists(withheld), pk=quiz.dataset_id).exists()


def may_see_truth_of(user: object, question: Question, ballot: Ballot | None) -> bool:
    """Whether somebody sees the truth of one question; in teaching mode, readers do as soon as it is answered."""
    quiz = question.quiz
    own = ballot is not None and ballot.answers.filter(question=question).exists()
    if ballot is not None and own and (quiz.teaching or sees_own_truths(ballot)):
        return True
    return may_see_truth(user, quiz)


def _unanswered(ballot: Ballot) -> bool:
    return ballot.quiz.questions.exclude(answers__ballot=ballot).exists()
