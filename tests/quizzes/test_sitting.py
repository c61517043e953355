"""Times, confidence, teaching, and a dataset that changes while the quiz runs."""

from datetime import timedelta

import pytest
from django.db import IntegrityError
from django.test import Client
from django.utils import timezone

from microdb.accounts.models import Panel
from microdb.errors import MicroDBError
from microdb.micrographs.models import Change, MaterialClass
from microdb.micrographs.services.classes import rename_material_class
from microdb.quizzes.models import Answer, Ballot
from microdb.quizzes.reports import quiz_report
from microdb.quizzes.services import create_quiz, record_answer, start_ballot, submit_ballot

JSON = {"HTTP_ACCEPT": "application/json"}


@pytest.fixture
def question(quiz):
    return quiz.questions.first()


def begin(quiz) -> Ballot:
    return start_ballot(quiz=quiz, nickname="Ada", panel=Panel.EXPERT, consents=True)


def change(quiz, **fields):
    type(quiz).objects.filter(pk=quiz.pk).update(**fields)
    quiz.refresh_from_db()


def test_a_quiz_takes_answers_from_its_opening_time_on(quiz):
    change(quiz, opens_at=timezone.now() + timedelta(hours=2))
    assert quiz.state == "scheduled"
    with pytest.raises(MicroDBError, match="it opens on"):
        begin(quiz)
    assert "Come back then" in Client().get(f"/quiz/{quiz.slug}/").content.decode()


def test_a_quiz_takes_no_answers_after_its_closing_time(quiz, ballot, question):
    change(quiz, closes_at=timezone.now() - timedelta(seconds=1))
    assert quiz.state == "closed"
    ballot.refresh_from_db()
    with pytest.raises(MicroDBError, match="closed"):
        record_answer(ballot=ballot, question=question, choice="unsure")


def test_times_that_leave_no_room_are_refused(dataset, owner, version, held_out):
    now = timezone.now()
    for times in (
        {"closes_at": now - timedelta(days=1)},
        {"opens_at": now + timedelta(days=2), "closes_at": now + timedelta(days=1)},
        {"time_limit_minutes": 0},
        {"time_limit_minutes": 5000},
    ):
        with pytest.raises(MicroDBError, match=r"later closing time|1 to 1440 minutes"):
            create_quiz(dataset=dataset, title="T", micrographs=held_out, competitors=[version], by=owner, **times)


def test_after_the_time_limit_answers_are_refused_and_those_given_can_be_submitted(quiz, question):
    change(quiz, time_limit_minutes=10)
    ballot = begin(quiz)
    record_answer(ballot=ballot, question=question, choice="unsure")
    Ballot.objects.filter(pk=ballot.pk).update(started_at=timezone.now() - timedelta(minutes=11))
    with pytest.raises(MicroDBError, match="Your time is over"):
        record_answer(ballot=ballot, question=quiz.questions.last(), choice="unsure")
    reader = Client()
    there = f"/quiz/{quiz.slug}/{ballot.key}/"
    assert reader.get(f"{there}1/").url == f"{there}submit/"
    assert "Your time is over" in reader.get(f"{there}submit/").content.decode()
    assert reader.post(f"{there}submit/").url == f"{there}compare/"


def test_an_answer_on_its_way_at_the_end_of_the_time_is_kept(quiz, question):
    change(quiz, time_limit_minutes=10)
    ballot = begin(quiz)
    Ballot.objects.filter(pk=ballot.pk).update(started_at=timezone.now() - timedelta(minutes=10, seconds=10))
    assert record_answer(ballot=ballot, question=question, choice="unsure").pk


def test_confidence_is_kept_where_the_quiz_asks_for_it_and_may_be_left_out(quiz, ballot, question):
    choice = str(question.truth_id)
    record_answer(ballot=ballot, question=question, choice=choice, confidence=80)
    assert ballot.answers.get().confidence is None
    change(quiz, asks_confidence=True)
    for given, kept in [(80, 80), (None, None), (0, 0), (100, 100)]:
        record_answer(ballot=ballot, question=question, choice=choice, confidence=given)
        assert ballot.answers.get().confidence == kept
    record_answer(ballot=ballot, question=question, choice="unsure", confidence=80)
    assert ballot.answers.get().confidence is None


@pytest.mark.parametrize("confidence", [-1, 101])
def test_impossible_confidence_is_refused(quiz, question, confidence):
    change(quiz, asks_confidence=True)
    with pytest.raises(MicroDBError, match="0 to 100 per cent"):
        record_answer(ballot=begin(quiz), question=question, choice=str(question.truth_id), confidence=confidence)


def test_the_database_refuses_confidence_beside_unsure(ballot, question):
    with pytest.raises(IntegrityError, match="answer_confidence_percent"):
        Answer.objects.create(ballot=ballot, question=question, unsure=True, confidence=50)


def test_teaching_shows_the_truth_of_an_answered_question_and_of_no_other(quiz, question):
    change(quiz, teaching=True)
    ballot, reader = begin(quiz), Client()
    there = f"/quiz/{quiz.slug}/{ballot.key}/"
    revealed = f"{there}truth/{question.key}/"
    saliency = f"/quiz/saliency/{question.key}/1.png?ballot={ballot.key}"
    assert reader.get(revealed).status_code == 404
    assert reader.get(saliency).status_code == 404
    reader.post(f"{there}answer/", {"question": question.key, "choice": "unsure"}, **JSON)
    text = reader.get(revealed).content.decode()
    assert question.truth_label in text
    assert "the machine beat you" in text
    assert reader.get(saliency).status_code == 200
    assert reader.get(f"{there}truth/{quiz.questions.last().key}/").status_code == 404


def test_without_teaching_nothing_is_revealed_before_the_end(quiz, ballot, question):
    record_answer(ballot=ballot, question=question, choice="unsure")
    assert Client().get(f"/quiz/{quiz.slug}/{ballot.key}/truth/{question.key}/").status_code == 404


def test_in_teaching_the_first_answer_stays_and_sending_it_again_does_no_harm(quiz, question):
    change(quiz, teaching=True)
    ballot = begin(quiz)
    for _ in range(2):
        record_answer(ballot=ballot, question=question, choice="unsure")
    with pytest.raises(MicroDBError, match="your first answer, “unsure”, stays"):
        record_answer(ballot=ballot, question=question, choice=str(question.truth_id))
    assert ballot.answers.get().label == "unsure"


def test_a_class_renamed_while_the_quiz_runs_changes_neither_truth_nor_results(quiz, ballot, answer_all, dataset):
    answer_all(ballot)
    rename_material_class(material_class=dataset.material_classes.get(name="ferrite"), name="alpha iron")
    submit_ballot(ballot=ballot)
    report = quiz_report(quiz)
    assert (report.models[0].right, report.best_expert.right) == (6, 7)
    assert report.options == ["ferrite", "pearlite", "none-of-these"]
    assert report.intact


def test_a_class_deleted_while_the_quiz_runs_stays_its_option(quiz, dataset, owner):
    change(quiz, completeness_percent=10)
    ballot = begin(quiz)
    ferrite = dataset.material_classes.get(name="ferrite")
    option = quiz.options.get(label="ferrite")
    dataset.micrographs.filter(material_class=ferrite).update(material_class=None, none_of_these=True)
    Change.objects.all().delete()
    ferrite.delete()
    page = Client().get(f"/quiz/{quiz.slug}/{ballot.key}/1/").content.decode()
    assert f'value="{option.pk}"' in page
    record_answer(ballot=ballot, question=quiz.questions.first(), choice=option.choice)
    submit_ballot(ballot=ballot)
    assert quiz_report(quiz).best_expert.right == 1


def test_a_class_added_while_the_quiz_runs_is_no_option(quiz, ballot, dataset):
    MaterialClass.objects.create(dataset=dataset, name="bainite", position=7)
    assert "bainite" not in Client().get(f"/quiz/{quiz.slug}/{ballot.key}/1/").content.decode()


def test_another_readers_ballot_can_not_be_answered_without_its_key(quiz, ballot, question):
    other = begin(quiz)
    reader = Client()
    reader.get(f"/quiz/{quiz.slug}/{other.key}/1/")  # brings the cookie of the other ballot
    reader.post(f"/quiz/{quiz.slug}/{other.key}/answer/", {"question": question.key, "choice": "unsure"}, **JSON)
    assert not ballot.answers.exists()
    assert other.answers.count() == 1
