"""Sentences that depend on the state: they must be true, and grammatical, in each."""

import pytest
from django.test import Client

from microdb.accounts.models import Panel
from microdb.quizzes.exhibits import exhibits
from microdb.quizzes.exhibits.pdf.method import method_paragraph
from microdb.quizzes.models import Ballot, ModelAnswer, Quiz, TruthsShown
from microdb.quizzes.reports import quiz_report
from microdb.quizzes.reports.cautions import cautions
from microdb.quizzes.services import close_quiz, create_quiz, open_quiz, record_answer, start_ballot, submit_ballot

BROWSER = "0123456789abcdef" * 2


def change(quiz: Quiz, **fields: object) -> None:
    Quiz.objects.filter(pk=quiz.pk).update(**fields)
    quiz.refresh_from_db()


def text_of(client: Client, address: str) -> str:
    return " ".join(client.get(address).content.decode().split())


@pytest.fixture
def sit(quiz, answer_all):
    def make(name: str, answers: int = 7, **fields: object) -> Ballot:
        ballot = start_ballot(quiz=quiz, nickname=name, panel=Panel.EXPERT, consents=True, **fields)
        if answers == 7:
            answer_all(ballot)
        for question in quiz.questions.all()[: answers % 7]:
            record_answer(ballot=ballot, question=question, choice="unsure")
        return submit_ballot(ballot=ballot)

    return make


@pytest.mark.parametrize("readers", [0, 1, 2])
def test_the_first_page_of_results_claims_other_readers_only_where_readers_are_compared(quiz, sit, signed_in, readers):
    for number in range(readers):
        sit(f"R{number}")
    page = text_of(signed_in, f"/quizzes/{quiz.slug}/results/")
    assert ("With two or more readers, the interval and p" in page) == (readers > 0)
    assert ("One reader does not speak for others" in page) == (readers == 1)
    assert ("The best of many is best partly by chance" in page) == (readers == 2)
    assert ("no reader counts, so there is nothing to compare it with" in page) == (readers == 0)
    people = ["No readers and", "Experts (1) and", "Experts (2) and"][readers]
    assert method_paragraph(quiz, quiz_report(quiz)).startswith(
        f"{people} 1 model sorted 7 held-out micrographs into 2"
    )


def test_a_quiz_of_one_question_and_a_model_that_is_always_right_are_in_grammatical_sentences(
    dataset, owner, version, held_out, score
):
    score(version, held_out[0], held_out[0].label)
    quiz = create_quiz(dataset=dataset, title="One", micrographs=held_out[:1], competitors=[version], by=owner)
    report = quiz_report(open_quiz(quiz=quiz))
    found = cautions(report, sees_truth=True)
    assert "With 1 question, one answer decides everything." in found
    assert "All answers of Model version 1 are right: the quiz was too easy for a measurement." in found
    assert "sorted 1 held-out micrograph into" in method_paragraph(quiz, report)
    assert all(exhibit.rows for exhibit in exhibits(report, sees_truth=True))


def test_without_a_declared_comparison_the_method_says_that_all_were_corrected(two_model_quiz, answer_all):
    ballot = start_ballot(quiz=two_model_quiz, nickname="Ada", panel=Panel.EXPERT, consents=True)
    answer_all(ballot)
    submit_ballot(ballot=ballot)
    method = method_paragraph(two_model_quiz, quiz_report(two_model_quiz))
    assert "The p-values of all comparisons were corrected after Holm" in method


@pytest.mark.parametrize(
    ("shown", "wanted"),
    [
        (TruthsShown.AFTER_SITTING, "or when you have answered every question yourself"),
        (TruthsShown.AFTER_CLOSING, "You can see them when the quiz is closed."),
        (TruthsShown.NEVER, "You can see them when the quiz is closed."),
    ],
)
def test_members_learn_when_they_see_the_votes(quiz, member, client, shown, wanted):
    change(quiz, truths_shown=shown)
    client.force_login(member("viewer"))
    assert wanted in text_of(client, f"/quizzes/{quiz.slug}/results/?section=questions")


def test_readers_learn_why_they_do_not_see_the_votes(quiz, sit):
    change(quiz, completeness_percent=50)
    ballot = sit("Ada", answers=5)
    there = f"/quizzes/{quiz.slug}/results/?section=questions&ballot={ballot.key}"
    assert "Only readers who answered every question can see them." in text_of(Client(), there)
    change(quiz, truths_shown=TruthsShown.NEVER)
    close_quiz(quiz=quiz)
    assert "This quiz does not show them to readers." in text_of(Client(), there)


def test_a_partial_sitting_is_invited_to_start_again_only_where_it_can(quiz, sit):
    ballot = sit("Ada", answers=1)
    there = f"/quiz/{quiz.slug}/{ballot.key}/compare/"
    assert "You can start again" in text_of(Client(), there)
    change(quiz, by_invitation=True)
    assert "tart again" not in text_of(Client(), there)
    change(quiz, by_invitation=False)
    close_quiz(quiz=quiz)
    assert "tart again" not in text_of(Client(), there)


def test_a_sitting_without_answers_is_not_told_that_it_can_be_submitted(quiz, ballot):
    page = text_of(Client(), f"/quiz/{quiz.slug}/{ballot.key}/submit/")
    assert "A sitting without answers can't be submitted." in page.replace("&#x27;", "'")
    assert "You can submit without" not in page
    assert "yours is kept" not in page


def test_a_quiz_from_before_the_rule_of_completeness_wants_one_answer(quiz, signed_in):
    change(quiz, completeness_percent=0)
    assert "with at least 1 of 7 answers" in text_of(signed_in, f"/quizzes/{quiz.slug}/")
    assert "If you have answered at least 1 question, you" in text_of(Client(), f"/quiz/{quiz.slug}/")


def test_accepting_a_partial_repeat_does_not_say_that_it_counts(quiz, sit, signed_in):
    sit("Ada", browser=BROWSER)
    repeat = sit("Bo", answers=1, browser=BROWSER)
    address = f"/quizzes/{quiz.slug}/readers/{repeat.pk}/overrule/"
    page = signed_in.post(address, {"counts": "1", "reason": "Another person."}, follow=True).content.decode()
    assert "It counts only if it is complete." in page
    assert "counts now" not in page
    assert quiz_report(quiz).panels[0].readers == 1


def test_where_half_of_the_experts_are_right_the_page_does_not_say_most(quiz, sit, answer_all, signed_in):
    sit("Ada")
    unsure = start_ballot(quiz=quiz, nickname="Bo", panel=Panel.EXPERT, consents=True)
    answer_all(unsure, wrong=7)
    submit_ballot(ballot=unsure)
    assert {question.expert_share for question in quiz_report(quiz).questions} == {0.5}
    ModelAnswer.objects.filter(question__quiz=quiz, question__position=0).update(predicted="pearlite")
    page = text_of(signed_in, f"/quizzes/{quiz.slug}/results/?section=questions")
    assert "At least half of the experts right, a model wrong" in page
    assert "Most experts right" not in page
