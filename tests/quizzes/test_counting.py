"""Which sittings count: complete ones, one of each person, and what an organiser decides about repeats."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from django.test import Client

from microdb.accounts.models import Panel, User
from microdb.errors import MicroDBError
from microdb.quizzes.models import Ballot, Quiz
from microdb.quizzes.reports import LeftOut, Report, quiz_report
from microdb.quizzes.reports.feedback import ballot_feedback
from microdb.quizzes.services import (
    copy_quiz,
    open_quiz,
    overrule_repeat,
    record_answer,
    start_ballot,
    submit_ballot,
    withdraw_ballot,
)

BROWSER = "0123456789abcdef" * 2
Answering = Callable[..., None]


@pytest.fixture
def sit(quiz: Quiz, answer_all: Answering) -> Callable[..., Ballot]:
    """``sit(name, wrong=0, answers=None, **fields)``: a submitted ballot with all answers, or the first ``answers``."""

    def make(name: str, *, wrong: int = 0, answers: int | None = None, **fields: object) -> Ballot:
        ballot = start_ballot(quiz=quiz, nickname=name, panel=Panel.EXPERT, consents=True, **fields)
        if answers is None:
            answer_all(ballot, wrong=wrong)
        else:
            for question in quiz.questions.all()[:answers]:
                record_answer(ballot=ballot, question=question, choice=str(question.truth_id))
        return submit_ballot(ballot=ballot)

    return make


def figures(quiz: Quiz) -> Report:
    """The report without the table of what does not count."""
    return replace(quiz_report(quiz), left_out=[])


def test_partial_ballots_and_repeats_change_no_figure(quiz, sit):
    sit("Ada", wrong=2, browser=BROWSER)
    sit("Bo", wrong=3)
    before = figures(quiz)
    for number in range(14):
        sit(f"Hasty {number}", answers=1)
    for name in ("Somebody else", "BO", "  bo "):
        sit(name, browser=BROWSER if name == "Somebody else" else "")
    assert figures(quiz) == before
    assert quiz_report(quiz).left_out == [
        LeftOut("partial", "expert", "experts", readers=14, answered=14, right=14),
        LeftOut("repeat", "expert", "experts", readers=3, answered=21, right=21),
    ]


def test_what_does_not_count_is_on_the_results_page_beside_the_results(quiz, sit, signed_in):
    sit("Ada", wrong=2)
    sit("Hasty", answers=1)
    page = signed_in.get(f"/quizzes/{quiz.slug}/results/?section=people")
    (shown,) = [exhibit for exhibit in page.context["exhibits"] if exhibit.name == "left-out"]
    assert shown.rows == [["partial", "experts", 1, 1, 1, 1.0]]
    assert page.context["report"].real_readers == 1
    (row,) = signed_in.get(f"/api/v1/quizzes/{quiz.slug}/results/").json()["left_out"]
    assert row == {"kind": "partial", "panel": "expert", "readers": 1, "answered": 1, "right": 1}


def test_a_second_sitting_of_the_same_browser_is_a_repeat_and_the_reader_is_told(quiz, answer_all):
    browser = Client()
    begun = {"panel": "expert", "consents": "on"}
    for name in ("Ada", "Not Ada"):
        browser.post(f"/quiz/{quiz.slug}/", {"nickname": name, **begun})
        ballot = quiz.ballots.get(nickname=name)
        answer_all(ballot, wrong=3 if name == "Ada" else 0)
        submit_ballot(ballot=ballot)
    first, second = quiz.ballots.order_by("pk")
    assert (first.repeat_of, second.repeat_of) == (None, first)
    assert [ballot.counts for ballot in (first, second)] == [True, False]
    page = browser.get(f"/quiz/{quiz.slug}/{second.key}/compare/").content.decode()
    assert "This sitting is marked as a repeat" in " ".join(page.split())
    assert "browser" in page
    assert ballot_feedback(second).standing is None
    assert quiz_report(quiz).panels[0].accuracy == pytest.approx(4 / 7)


def test_the_same_account_on_another_device_is_a_repeat(quiz, sit, owner):
    first = sit("Ada", user=owner)
    assert sit("Grace", user=owner).repeat_of == first
    assert sit("Grace Hopper").repeat_of is None


@pytest.mark.parametrize("other", ["ADA", " Ada ", "Ａda"])
def test_a_name_is_the_same_in_other_letters_of_its_kind(sit, other):
    first = sit("Ada")
    assert sit(other).repeat_of == first


def test_ballots_of_two_quizzes_share_no_code(quiz, owner):
    other = open_quiz(quiz=copy_quiz(quiz=quiz, by=owner))
    ballots = [
        start_ballot(quiz=one, nickname="Ada", panel=Panel.EXPERT, consents=True, browser=BROWSER)
        for one in (quiz, other)
    ]
    assert ballots[0].browser_mark != ballots[1].browser_mark
    assert BROWSER not in {ballots[0].browser_mark, ballots[0].name_mark}


def test_whoever_submitted_an_incomplete_ballot_may_sit_again_and_counts(quiz, sit):
    partial = sit("Ada", answers=1, browser=BROWSER)
    whole = sit("Ada", browser=BROWSER)
    assert (partial.counts, whole.repeat_of, whole.counts) == (False, None, True)


def test_of_two_sittings_begun_together_the_one_submitted_first_counts(quiz, answer_all):
    first, second = (
        start_ballot(quiz=quiz, nickname="Ada", panel=Panel.EXPERT, consents=True, browser=BROWSER) for _ in range(2)
    )
    for ballot in (second, first):
        answer_all(ballot)
        submit_ballot(ballot=ballot)
    first.refresh_from_db()
    assert (second.counts, first.counts, first.repeat_of) == (True, False, second)


def test_withdrawing_after_seeing_truths_and_sitting_again_is_a_repeat(quiz, sit):
    first = sit("Ada", wrong=4, browser=BROWSER)
    withdraw_ballot(ballot=first)
    assert (first.nickname, first.user, first.answers.count()) == ("", None, 0)
    assert sit("Another", browser=BROWSER).repeat_of == first


def test_withdrawing_before_the_end_leaves_no_trace_that_counts(quiz, sit):
    first = start_ballot(quiz=quiz, nickname="Ada", panel=Panel.EXPERT, consents=True, browser=BROWSER)
    withdraw_ballot(ballot=first)
    assert (first.browser_mark, first.name_mark) == ("", "")
    assert sit("Ada", browser=BROWSER).counts


def test_in_teaching_every_answered_question_makes_the_next_sitting_a_repeat(quiz):
    Quiz.objects.filter(pk=quiz.pk).update(teaching=True)
    quiz.refresh_from_db()
    first = start_ballot(quiz=quiz, nickname="Ada", panel=Panel.EXPERT, consents=True)
    record_answer(ballot=first, question=quiz.questions.first(), choice="unsure")
    second = start_ballot(quiz=quiz, nickname="Ada", panel=Panel.EXPERT, consents=True)
    assert second.repeat_of == first


def test_an_organiser_counts_a_repeat_with_a_reason_that_the_results_repeat(quiz, sit, signed_in, owner):
    sit("Ada", wrong=2, browser=BROWSER)
    repeat = sit("Bo", browser=BROWSER)
    address = f"/quizzes/{quiz.slug}/readers/{repeat.pk}/overrule/"
    page = signed_in.post(address, {"counts": "1", "reason": "x"}, follow=True).content.decode()
    assert "Give a reason of 3 to 500 characters; 1 were given" in page
    page = signed_in.post(address, {"counts": "1", "reason": "They share a computer."}, follow=True).content.decode()
    assert "The sitting of Bo counts now." in page
    assert quiz_report(quiz).panels[0].readers == 2
    event = quiz.events.get(kind="counted")
    assert (event.ballot, event.by, event.by_name, event.reason) == (repeat, owner, "owner", "They share a computer.")
    assert "They share a computer." in signed_in.get(f"/quizzes/{quiz.slug}/results/").content.decode()
    overrule_repeat(ballot=repeat, counts=False, reason="It was Ada after all.", by=owner)
    assert quiz_report(quiz).panels[0].readers == 1


def test_only_a_repeat_can_be_overruled(quiz, sit, owner):
    with pytest.raises(MicroDBError, match="not marked as a repeat"):
        overrule_repeat(ballot=sit("Ada"), counts=True, reason="Why not", by=owner)


def test_the_list_of_readers_shows_progress_repeats_and_deleted_accounts(quiz, sit, signed_in, member):
    reader: User = member("viewer")
    sit("Ada", user=reader, browser=BROWSER)
    sit("Bo", browser=BROWSER)
    sit("Hasty", answers=1)
    going = start_ballot(quiz=quiz, nickname="Going", panel=Panel.NON_EXPERT, consents=True)
    record_answer(ballot=going, question=quiz.questions.first(), choice="unsure")
    reader.delete()
    page = signed_in.get(f"/quizzes/{quiz.slug}/readers/")
    assert {str(row.ballot): row.answered for row in page.context["rows"]} == {
        "Ada": 7,
        "Bo": 7,
        "Hasty": 1,
        "Going": 1,
    }
    text = " ".join(page.content.decode().split())
    for words in ("account deleted", "repeat, does not count", "partial, does not count", "answering", "every 5s"):
        assert words in text
    table = signed_in.get(f"/quizzes/{quiz.slug}/readers/", HTTP_HX_REQUEST="true").content.decode()
    assert "<html" not in table
    assert quiz_report(quiz).panels[0].readers == 1  # the answers of a deleted account stay


def test_the_list_of_readers_makes_a_constant_number_of_queries(quiz, sit, signed_in, django_assert_max_num_queries):
    for number in range(9):
        sit(f"R{number}", browser=BROWSER)
    with django_assert_max_num_queries(16):
        assert signed_in.get(f"/quizzes/{quiz.slug}/readers/").status_code == 200
