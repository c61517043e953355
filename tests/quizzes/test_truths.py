"""When readers see the truth, and bad input while they sit."""

import pytest
from django.test import Client
from django.urls import reverse

from microdb.accounts.models import Panel
from microdb.errors import MicroDBError
from microdb.quizzes.models import Ballot, Quiz, TruthsShown
from microdb.quizzes.services import close_quiz, record_answer, reopen_quiz, start_ballot, submit_ballot

JSON = {"HTTP_ACCEPT": "application/json"}


def url(name: str, ballot: Ballot, *args: object) -> str:
    return reverse(f"quizzes:{name}", args=[ballot.quiz.slug, ballot.key, *args])


def change(quiz: Quiz, **fields: object) -> None:
    Quiz.objects.filter(pk=quiz.pk).update(**fields)
    quiz.refresh_from_db()


def compare(ballot: Ballot) -> str:
    return " ".join(Client().get(url("ballot_compare", ballot)).content.decode().split())


def answer(ballot: Ballot, count: int) -> None:
    for question in ballot.quiz.questions.all()[:count]:
        record_answer(ballot=ballot, question=question, choice="unsure")


def sees_truth(ballot: Ballot, position: int) -> bool:
    """Whether the saliency map of a question, which tells its truth, opens for the reader."""
    key = ballot.quiz.questions.get(position=position).key
    return Client().get(f"/quiz/saliency/{key}/1.png?ballot={ballot.key}").status_code == 200


def test_an_incomplete_sitting_shows_no_truth_and_no_score(ballot):
    answer(ballot, 1)
    submit_ballot(ballot=ballot)
    page = compare(ballot)
    assert "You answered 1 of 7 questions. This quiz counts sittings with at least 7 answers" in page
    assert "truth and the model's answers are shown after a complete sitting only" in page
    assert "the machine beat you" not in page
    assert not sees_truth(ballot, 0)
    assert Client().get(f"/quizzes/{ballot.quiz.slug}/results/?ballot={ballot.key}").status_code == 404


def test_a_sitting_that_is_complete_by_the_rule_shows_the_truth_of_answered_questions_only(quiz, ballot):
    change(quiz, completeness_percent=50)
    ballot.refresh_from_db()
    answer(ballot, 4)
    submit_ballot(ballot=ballot)
    assert ballot.counts
    assert compare(ballot).count('class="card compared"') == 4
    assert (sees_truth(ballot, 3), sees_truth(ballot, 4)) == (True, False)
    results = Client().get(f"/quizzes/{quiz.slug}/results/?ballot={ballot.key}")
    assert results.status_code == 200
    assert not results.context["sees_truth"]


def test_truths_can_wait_until_the_quiz_closes(quiz, ballot, answer_all):
    change(quiz, truths_shown=TruthsShown.AFTER_CLOSING)
    ballot.refresh_from_db()
    answer_all(ballot)
    submit_ballot(ballot=ballot)
    results = f"/quizzes/{quiz.slug}/results/?ballot={ballot.key}"
    assert "When the quiz has closed, you see here the truth" in compare(ballot)
    assert not sees_truth(ballot, 0)
    assert Client().get(results).status_code == 404
    close_quiz(quiz=quiz)
    assert 'class="card compared"' in compare(ballot)
    assert sees_truth(ballot, 0)
    assert Client().get(results).context["sees_truth"]


def test_truths_can_stay_hidden_for_good(quiz, ballot, answer_all):
    change(quiz, truths_shown=TruthsShown.NEVER)
    ballot.refresh_from_db()
    answer_all(ballot)
    submit_ballot(ballot=ballot)
    close_quiz(quiz=quiz)
    page = compare(ballot)
    assert "This quiz does not show the truth" in page
    assert 'class="card compared"' not in page
    assert not sees_truth(ballot, 0)
    assert not Client().get(f"/quizzes/{quiz.slug}/results/?ballot={ballot.key}").context["sees_truth"]


def test_the_last_page_says_how_many_answers_are_missing(ballot):
    answer(ballot, 1)
    page = " ".join(Client().get(url("ballot_submit", ballot)).content.decode().split())
    assert "This quiz counts sittings with at least 7 of 7 answers" in page


@pytest.mark.parametrize("field", [{"stamp": "zz:1"}, {"stamp": "8f"}, {"over": "8f:-1"}, {"stamp": "8" * 400}])
def test_a_forged_stamp_is_refused_in_a_sentence_and_changes_nothing(ballot, field):
    question = ballot.quiz.questions.first()
    record_answer(ballot=ballot, question=question, choice="unsure", stamp="8f:1")
    data = {"question": question.key, "choice": str(question.truth_id), **field}
    refused = Client().post(url("ballot_answer", ballot), data, **JSON)
    assert (refused.status_code, refused.json()["code"]) == (400, "bad_stamp")
    assert "Reload the page and choose again" in refused.json()["message"]
    assert ballot.answers.get().label == "unsure"


@pytest.mark.parametrize(("confidence", "code"), [("high", "bad_answer"), ("101", "bad_confidence")])
def test_a_forged_confidence_is_refused_in_a_sentence(quiz, confidence, code):
    change(quiz, asks_confidence=True)
    ballot = start_ballot(quiz=quiz, nickname="Ada", panel=Panel.EXPERT, consents=True)
    question = quiz.questions.first()
    data = {"question": question.key, "choice": str(question.truth_id), "confidence": confidence}
    refused = Client().post(url("ballot_answer", ballot), data, **JSON)
    assert (refused.status_code, refused.json()["code"]) == (400, code)


def test_a_forged_browser_cookie_marks_nothing(quiz):
    reader = Client()
    reader.cookies[f"quiz-browser-{quiz.pk}"] = "x" * 4000
    reader.post(f"/quiz/{quiz.slug}/", {"nickname": "Ada", "panel": "expert", "consents": "on"})
    assert quiz.ballots.get().browser_mark == ""


def test_after_closing_every_page_of_a_sitting_says_that_it_was_not_submitted_in_time(ballot):
    answer(ballot, 2)
    close_quiz(quiz=ballot.quiz)
    first_page = f"/quiz/{ballot.quiz.slug}/"
    for name, args in (("ballot", []), ("ballot_question", [1])):
        assert Client().get(url(name, ballot, *args)).url == first_page
    page = Client().get(f"{first_page}?ballot={ballot.key}").content.decode()
    assert "Your sitting was not submitted in time" in page
    refused = Client().post(url("ballot_submit", ballot))
    assert refused.status_code == 400
    assert "takes no more answers" in refused.content.decode()
    assert ballot.answers.count() == 2


def test_a_tab_left_open_after_submitting_in_another_is_told_that_the_answers_are_final(ballot, answer_all):
    answer_all(ballot)
    submit_ballot(ballot=ballot)
    data = {"question": ballot.quiz.questions.first().key, "choice": "unsure"}
    late = Client().post(url("ballot_answer", ballot), data, **JSON).json()
    assert late["code"] == "ballot_submitted"
    assert "can't change any more" in late["message"]
    assert Client().get(url("ballot_question", ballot, 1)).url == url("ballot_compare", ballot)


def test_a_reader_whose_account_is_deleted_goes_on_by_the_link(quiz, member, answer_all):
    reader, client = member("viewer"), Client()
    client.force_login(reader)
    client.post(f"/quiz/{quiz.slug}/", {"nickname": "Vi", "panel": "expert", "consents": "on"})
    reader.delete()
    ballot = quiz.ballots.get()
    assert client.get(url("ballot_question", ballot, 1)).status_code == 200
    answer_all(ballot)
    assert client.post(url("ballot_submit", ballot)).url == url("ballot_compare", ballot)
    ballot.refresh_from_db()
    assert (ballot.user, ballot.counts) == (None, True)


def test_a_closed_quiz_opens_again_only_with_a_reason_that_the_results_show(quiz, signed_in, owner):
    with pytest.raises(MicroDBError, match="not closed"):
        reopen_quiz(quiz=quiz, by=owner, reason="Two experts were ill")
    close_quiz(quiz=quiz, by=owner)
    page = signed_in.post(f"/quizzes/{quiz.slug}/reopen/", {"reason": " "}, follow=True).content.decode()
    assert "Give a reason of 3 to 500 characters" in page
    signed_in.post(f"/quizzes/{quiz.slug}/reopen/", {"reason": "Two experts were ill"})
    quiz.refresh_from_db()
    assert quiz.is_open
    assert [event.kind for event in quiz.events.all()] == ["opened", "closed", "reopened"]
    assert "Two experts were ill" in signed_in.get(f"/quizzes/{quiz.slug}/results/").content.decode()
