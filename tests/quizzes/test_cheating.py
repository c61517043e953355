"""A reader who wants to know truths before answering, or to count twice."""

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test import Client

from microdb.accounts.models import Panel
from microdb.micrographs.models import Dataset
from microdb.quizzes.models import Ballot, Quiz, TruthsShown
from microdb.quizzes.services import (
    close_quiz,
    copy_quiz,
    open_quiz,
    record_answer,
    reopen_quiz,
    start_ballot,
    submit_ballot,
    withdraw_ballot,
)

BROWSER = "0123456789abcdef" * 2
JSON = {"HTTP_ACCEPT": "application/json"}


def begin(quiz: Quiz, name: str) -> Ballot:
    return start_ballot(quiz=quiz, nickname=name, panel=Panel.EXPERT, consents=True, browser=BROWSER)


def partial(quiz: Quiz, name: str) -> Ballot:
    ballot = begin(quiz, name)
    record_answer(ballot=ballot, question=quiz.questions.first(), choice="unsure")
    return submit_ballot(ballot=ballot)


@pytest.fixture
def finish(answer_all: Callable[..., None]) -> Callable[[Ballot], Ballot]:
    def answer_and_submit(ballot: Ballot) -> Ballot:
        answer_all(ballot)
        return submit_ballot(ballot=ballot)

    return answer_and_submit


@pytest.fixture
def late_truths(quiz: Quiz) -> Quiz:
    """The quiz, which shows truths when it closes."""
    Quiz.objects.filter(pk=quiz.pk).update(truths_shown=TruthsShown.AFTER_CLOSING)
    quiz.refresh_from_db()
    return quiz


@pytest.mark.parametrize("withdraws", [False, True])
def test_whoever_saw_truths_when_the_quiz_closed_does_not_count_after_it_opens_again(
    late_truths, owner, finish, withdraws
):
    first = partial(late_truths, "Ada")
    close_quiz(quiz=late_truths)
    assert 'class="card compared"' in Client().get(f"/quiz/{late_truths.slug}/{first.key}/compare/").content.decode()
    if withdraws:
        withdraw_ballot(ballot=first)
    reopen_quiz(quiz=late_truths, by=owner, reason="Two readers were ill.")
    assert finish(begin(late_truths, "Not Ada")).repeat_of == first


def test_a_sitting_that_was_open_when_the_quiz_closed_goes_on_and_counts(late_truths, owner, finish):
    going = begin(late_truths, "Ada")
    close_quiz(quiz=late_truths)
    reopen_quiz(quiz=late_truths, by=owner, reason="Two readers were ill.")
    assert finish(going).counts


def test_a_partial_sitting_of_a_quiz_that_opened_again_hinders_nobody_who_saw_no_truth(quiz, owner, finish):
    partial(quiz, "Ada")
    close_quiz(quiz=quiz)
    reopen_quiz(quiz=quiz, by=owner, reason="Two readers were ill.")
    assert finish(begin(quiz, "Ada")).counts


@pytest.mark.django_db(transaction=True)
def test_of_two_sittings_submitted_at_the_same_moment_one_counts(quiz, answer_all):
    ballots = [begin(quiz, f"Ada {number}") for number in range(4)]
    for ballot in ballots:
        answer_all(ballot)

    def submit(ballot: Ballot) -> int:
        try:
            return Client().post(f"/quiz/{quiz.slug}/{ballot.key}/submit/").status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(ballots)) as pool:
        assert list(pool.map(submit, ballots)) == [302] * 4
    assert quiz.ballots.submitted().count() == 4
    assert quiz.ballots.counted().count() == 1


def test_a_submitted_ballot_refuses_another_answer_and_keeps_the_first(quiz, choice):
    ballot = partial(quiz, "Ada")
    question = quiz.questions.first()
    data = {"question": question.key, "choice": str(question.truth_id), "stamp": "8f:99"}
    refused = Client().post(f"/quiz/{quiz.slug}/{ballot.key}/answer/", data, **JSON)
    assert (refused.status_code, refused.json()["code"]) == (400, "ballot_submitted")
    assert ballot.answers.get().label == "unsure"


def test_a_key_opens_nothing_of_another_quiz(quiz, owner, finish):
    other = open_quiz(quiz=copy_quiz(quiz=quiz, by=owner))
    ballot = finish(begin(quiz, "Ada"))
    question = other.questions.first()
    for path in ("", "1/", "submit/", "compare/", "withdraw/", f"truth/{question.key}/"):
        assert Client().get(f"/quiz/{other.slug}/{ballot.key}/{path}").status_code == 404
    for path in ("results/", "record/", "results/accuracy.csv"):
        assert Client().get(f"/quizzes/{other.slug}/{path}?ballot={ballot.key}").status_code == 404
    assert Client().get(f"/quiz/saliency/{question.key}/1.png?ballot={ballot.key}").status_code == 404


@pytest.mark.parametrize("key", ["", "x", str(uuid.UUID(int=0)), "%00", "going"])
def test_without_a_finished_sitting_the_public_sees_neither_results_nor_record(quiz, key):
    given = begin(quiz, "Ada").key if key == "going" else key
    for path in ("results/", "record/", "results/accuracy.csv"):
        assert Client().get(f"/quizzes/{quiz.slug}/{path}?ballot={given}").status_code == 404
    for path in ("readers/", "record.json", "compare/", "results.csv"):
        assert Client().get(f"/quizzes/{quiz.slug}/{path}?ballot={given}").status_code == 302


def test_a_curator_of_another_dataset_decides_about_no_repeat_here(quiz, finish, owner, stranger):
    finish(begin(quiz, "Ada"))
    repeat = finish(begin(quiz, "Bo"))
    elsewhere = Dataset.objects.create(name="Elsewhere", slug="elsewhere", created_by=stranger)
    elsewhere.memberships.create(user=stranger, role="owner")
    curator = Client()
    curator.force_login(stranger)
    data = {"counts": "1", "reason": "They share a computer."}
    other = open_quiz(quiz=copy_quiz(quiz=quiz, by=owner))
    assert curator.post(f"/quizzes/{quiz.slug}/readers/{repeat.pk}/overrule/", data).status_code == 404
    curator.force_login(owner)
    assert curator.post(f"/quizzes/{other.slug}/readers/{repeat.pk}/overrule/", data).status_code == 404
    repeat.refresh_from_db()
    assert not repeat.counted_anyway
