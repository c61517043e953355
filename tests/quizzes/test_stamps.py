"""Which of two answers counts: the one that the reader gave later, whenever it arrives and whatever clocks say."""

import itertools

import pytest
from django.test import Client

from microdb.quizzes.models.stamps import is_later
from microdb.quizzes.services import record_answer

JSON = {"HTTP_ACCEPT": "application/json"}


@pytest.fixture
def question(ballot):
    return ballot.quiz.questions.first()


@pytest.fixture
def say(ballot, question, choice):
    """``say(label, stamp, over)``: record it; the label that is kept then."""

    def record(label: str, stamp: str, over: str = "") -> str:
        chosen = "unsure" if label == "unsure" else choice(label)
        return record_answer(ballot=ballot, question=question, choice=chosen, stamp=stamp, over=over).label

    return record


def test_an_older_answer_that_arrives_late_does_not_win(say, ballot):
    say("ferrite", "a:1")
    say("pearlite", "a:2", "a:1")
    assert say("ferrite", "a:1") == "pearlite"
    assert ballot.answers.get().stamp == "a:2"


def test_an_answer_overtaken_on_its_way_by_a_newer_one_does_not_win(say):
    say("pearlite", "a:2")
    assert say("ferrite", "a:1") == "pearlite"


def test_a_newer_answer_wins_also_where_the_acknowledgement_of_the_one_before_was_lost(say):
    say("ferrite", "a:1")
    assert say("pearlite", "a:2", "") == "pearlite"


def test_another_device_changes_the_answer_that_it_shows_and_no_other(say):
    say("ferrite", "a:1")
    assert say("pearlite", "b:1", "a:1") == "pearlite"
    assert say("unsure", "a:9", "a:1") == "pearlite"  # chosen offline, before the other device's was seen
    assert say("unsure", "a:10", "b:1") == "unsure"


def test_in_whatever_order_and_how_often_answers_arrive_the_last_of_a_browser_is_kept(ballot, choice):
    labels = ["ferrite", "pearlite", "none-of-these"]
    for question, order in zip(ballot.quiz.questions.all(), itertools.permutations(range(3)), strict=False):
        for place in (*order, *order):
            record_answer(ballot=ballot, question=question, choice=choice(labels[place]), stamp=f"a:{place}")
        assert ballot.answers.get(question=question).label == "none-of-these"


def test_a_page_without_script_answers_last_come_last_kept(say):
    say("ferrite", "a:5")
    assert say("pearlite", "") == "pearlite"
    assert say("unsure", "") == "unsure"


def test_whoever_is_overruled_is_told_in_a_sentence_what_stays(ballot, question, choice):
    address = f"/quiz/{ballot.quiz.slug}/{ballot.key}/answer/"

    def send(label: str, stamp: str) -> dict[str, object]:
        data = {"question": question.key, "choice": choice(label), "stamp": stamp}
        return Client().post(address, data, **JSON).json()

    assert "message" not in send("pearlite", "b:1")
    told = send("ferrite", "a:1")
    assert told["saved"] == choice("pearlite")
    assert told["stamp"] == "b:1"
    assert "another device, so “pearlite” stays" in str(told["message"])


@pytest.mark.parametrize("stamp", ["a", "1:a", "a:-1", "a:1e9", "g:1", f"{'a' * 33}:1", "a:1\n"])
def test_forged_stamps_are_refused_in_a_sentence(ballot, question, stamp):
    address = f"/quiz/{ballot.quiz.slug}/{ballot.key}/answer/"
    data = {"question": question.key, "choice": "unsure", "stamp": stamp}
    refused = Client().post(address, data, **JSON)
    assert refused.status_code == 400
    assert "Reload the page" in refused.json()["message"]
    assert not ballot.answers.exists()


def test_counts_are_compared_as_numbers():
    assert is_later("a:10", over="", kept="a:9")
    assert not is_later("a:9", over="", kept="a:10")
