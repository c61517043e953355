"""Readers' ballots: what is kept, what is refused, and that nothing is doubled."""

import threading

import pytest
from django.db import connection

from microdb.accounts.models import Panel
from microdb.errors import MicroDBError
from microdb.micrographs.models import NONE_OF_THESE
from microdb.quizzes.models import Answer
from microdb.quizzes.services import (
    close_quiz,
    create_quiz,
    open_quiz,
    record_answer,
    simulate_readers,
    start_ballot,
    submit_ballot,
)


def test_the_same_answer_twice_is_one_row(ballot):
    question = ballot.quiz.questions.first()
    for _ in range(2):
        record_answer(ballot=ballot, question=question, choice="unsure", active_ms=1500)
    assert ballot.answers.get().active_ms == 1500


def test_the_last_choice_counts_and_time_never_shrinks(ballot, choice):
    question = ballot.quiz.questions.first()
    record_answer(ballot=ballot, question=question, choice="unsure", active_ms=4000)
    record_answer(ballot=ballot, question=question, choice=choice(NONE_OF_THESE), active_ms=100)
    answer = ballot.answers.get()
    assert (answer.label, answer.active_ms) == (NONE_OF_THESE, 4000)


def test_unsure_and_none_of_these_are_two_answers(ballot, choice):
    first, second = ballot.quiz.questions.all()[:2]
    record_answer(ballot=ballot, question=first, choice="unsure")
    record_answer(ballot=ballot, question=second, choice=choice(NONE_OF_THESE))
    assert [a.label for a in ballot.answers.order_by("question__position")] == ["unsure", NONE_OF_THESE]


@pytest.mark.django_db(transaction=True)
def test_twenty_answers_at_once_are_one_row(ballot, choice):
    question = ballot.quiz.questions.first()
    choices = ["unsure", choice(NONE_OF_THESE)] * 10

    def answer(chosen):
        record_answer(ballot=ballot, question=question, choice=chosen)
        connection.close()

    threads = [threading.Thread(target=answer, args=[chosen]) for chosen in choices]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Answer.objects.filter(ballot=ballot, question=question).count() == 1


@pytest.mark.parametrize("forged", ["", "999999", "ferrite", "1 OR 1=1", "99999999999999999999", "none-of-these"])
def test_forged_options_are_refused(ballot, forged):
    with pytest.raises(MicroDBError, match="not one of the quiz's options"):
        record_answer(ballot=ballot, question=ballot.quiz.questions.first(), choice=forged)


def test_an_option_of_another_quiz_is_refused(ballot, dataset, owner, version, held_out):
    other = create_quiz(dataset=dataset, title="Other", micrographs=held_out, competitors=[version], by=owner)
    foreign = open_quiz(quiz=other).options.first()
    with pytest.raises(MicroDBError, match="not one of the quiz's options"):
        record_answer(ballot=ballot, question=ballot.quiz.questions.first(), choice=foreign.choice)


def test_a_question_of_another_quiz_is_refused(ballot, dataset, owner, version, held_out):
    other = create_quiz(dataset=dataset, title="Other", micrographs=held_out, competitors=[version], by=owner)
    with pytest.raises(MicroDBError, match="belongs to another quiz"):
        record_answer(ballot=ballot, question=other.questions.first(), choice="unsure")


def test_a_submitted_ballot_takes_no_more_answers_and_submits_twice_safely(ballot, answer_all):
    answer_all(ballot)
    first = submit_ballot(ballot=ballot).submitted_at
    assert submit_ballot(ballot=ballot).submitted_at == first
    with pytest.raises(MicroDBError, match="submitted"):
        record_answer(ballot=ballot, question=ballot.quiz.questions.first(), choice="unsure")


def test_an_empty_ballot_is_not_submitted(ballot):
    with pytest.raises(MicroDBError, match="at least one question"):
        submit_ballot(ballot=ballot)


def test_a_closed_quiz_takes_no_answers_no_ballots_and_no_submission(ballot):
    question = ballot.quiz.questions.first()
    record_answer(ballot=ballot, question=question, choice="unsure")
    close_quiz(quiz=ballot.quiz)
    for refused in (
        lambda: record_answer(ballot=ballot, question=question, choice="unsure"),
        lambda: submit_ballot(ballot=ballot),
        lambda: start_ballot(consents=True, quiz=ballot.quiz, nickname="Late", panel=Panel.EXPERT),
    ):
        with pytest.raises(MicroDBError, match="closed"):
            refused()


def test_a_draft_takes_no_ballots(draft):
    with pytest.raises(MicroDBError, match="not open yet"):
        start_ballot(consents=True, quiz=draft, nickname="Early", panel=Panel.EXPERT)


@pytest.mark.parametrize("nickname", ["", "  \n ", "x" * 51, "\0"])
def test_nicknames_have_1_to_50_characters(quiz, nickname):
    with pytest.raises(MicroDBError, match="1 to 50 characters"):
        start_ballot(consents=True, quiz=quiz, nickname=nickname, panel=Panel.EXPERT)


def test_unknown_panels_and_impossible_years_are_refused(quiz):
    with pytest.raises(MicroDBError, match="expert or a non-expert"):
        start_ballot(consents=True, quiz=quiz, nickname="Ada", panel="oracle")
    with pytest.raises(MicroDBError, match="0 to 80; 900"):
        start_ballot(consents=True, quiz=quiz, nickname="Ada", panel=Panel.EXPERT, years_of_experience=900)


def test_each_reader_has_an_order_of_their_own_that_stays(quiz):
    ballots = [start_ballot(consents=True, quiz=quiz, nickname=f"R{n}", panel=Panel.EXPERT) for n in range(6)]
    orders = [[q.pk for q in ballot.in_order(ballot.quiz.questions.all())] for ballot in ballots]
    assert len({tuple(order) for order in orders}) > 1
    assert [q.pk for q in ballots[0].in_order(ballots[0].quiz.questions.all())] == orders[0]
    quiz.shuffled = False
    quiz.save()
    ballots[0].quiz.refresh_from_db()
    assert [q.position for q in ballots[0].in_order(ballots[0].quiz.questions.all())] == list(range(7))


def test_simulated_readers_are_marked_submitted_and_the_same_for_a_seed(quiz):
    ballots = simulate_readers(quiz=quiz, experts=3, non_experts=4, seed=7)
    assert quiz.ballots.submitted().filter(simulated=True).count() == 7
    assert Answer.objects.filter(ballot__in=ballots).count() == 49
    again = simulate_readers(quiz=quiz, experts=3, non_experts=4, seed=7)
    labels = [[a.label for a in b.answers.order_by("question__position")] for b in (ballots[0], again[0])]
    assert labels[0] == labels[1]
