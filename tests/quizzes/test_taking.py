"""The readers' pages through Django's client, without an account."""

import re
import uuid

import pytest
from django.test import Client
from django.urls import reverse

from microdb.accounts.models import Panel
from microdb.quizzes.models import Ballot
from microdb.quizzes.services import close_quiz, record_answer, start_ballot, submit_ballot

JSON = {"HTTP_ACCEPT": "application/json"}


@pytest.fixture
def reader() -> Client:
    return Client()


def url(name: str, ballot: Ballot, *args: object) -> str:
    return reverse(f"quizzes:{name}", args=[ballot.quiz.slug, ballot.key, *args])


def test_a_stranger_begins_with_a_nickname_and_sees_the_first_question(reader, quiz):
    page = reader.get(f"/quiz/{quiz.slug}/")
    assert "7 micrographs" in page.content.decode()
    begun = reader.post(
        f"/quiz/{quiz.slug}/", {"nickname": "Ada", "panel": "expert", "years_of_experience": "12", "consents": "on"}
    )
    ballot = Ballot.objects.get()
    assert (ballot.nickname, ballot.panel, ballot.years_of_experience, ballot.user) == ("Ada", "expert", 12, None)
    assert begun.url == url("ballot_question", ballot, 1)
    assert "Question 1 of 7" in reader.get(begun.url).content.decode()


def test_mistakes_on_the_first_page_are_said_beside_the_field(reader, quiz):
    page = reader.post(
        f"/quiz/{quiz.slug}/", {"nickname": "x" * 51, "panel": "expert", "consents": "on"}
    ).content.decode()
    assert "at most 50 characters" in page
    assert not Ballot.objects.exists()


def test_a_draft_is_not_there_for_strangers(reader, draft):
    assert reader.get(f"/quiz/{draft.slug}/").status_code == 404
    for question in draft.questions.all():
        assert reader.get(f"/quiz/image/{question.key}.png").status_code == 404


def test_without_script_every_button_answers_and_moves_on(reader, ballot):
    questions = ballot.in_order(ballot.quiz.questions.all())
    for number, question in enumerate(questions, start=1):
        moved = reader.post(url("ballot_answer", ballot), {"question": question.key, "choice": "unsure"})
        last = number == len(questions)
        assert moved.url == (url("ballot_submit", ballot) if last else url("ballot_question", ballot, number + 1))
    assert "All 7 questions are answered" in reader.get(url("ballot_submit", ballot)).content.decode()
    done = reader.post(url("ballot_submit", ballot), follow=True)
    assert "Ada and the machine" in done.content.decode()


def test_the_script_gets_an_acknowledgement(reader, ballot, choice):
    data = {"question": ballot.quiz.questions.first().key, "choice": choice("none-of-these"), "active_ms": "2300"}
    saved = {"saved": choice("none-of-these"), "confidence": None, "stamp": ""}
    assert reader.post(url("ballot_answer", ballot), data, **JSON).json() == saved
    assert ballot.answers.get().active_ms == 2300


@pytest.mark.parametrize("active_ms", ["-5", "1e99", "NaN", "99999999999999999999", "x"])
def test_a_clock_that_jumps_costs_no_answer(reader, ballot, active_ms):
    data = {"question": ballot.quiz.questions.first().key, "choice": "unsure", "active_ms": active_ms}
    assert reader.post(url("ballot_answer", ballot), data, **JSON).status_code == 200


def test_refusals_reach_the_script_with_a_code_and_a_sentence(reader, ballot, answer_all):
    address, question = url("ballot_answer", ballot), ballot.quiz.questions.first()
    forged = reader.post(address, {"question": uuid.uuid4(), "choice": "unsure"}, **JSON)
    assert (forged.status_code, forged.json()["code"]) == (400, "unknown_question")
    nonsense = reader.post(address, {"question": "1; DROP TABLE", "choice": "unsure"}, **JSON)
    assert nonsense.json()["code"] == "unknown_question"
    option = reader.post(address, {"question": question.key, "choice": "gold"}, **JSON)
    assert option.json()["code"] == "unknown_option"
    answer_all(ballot)
    submit_ballot(ballot=ballot)
    late = reader.post(address, {"question": question.key, "choice": "unsure"}, **JSON)
    assert late.json()["code"] == "ballot_submitted"


def test_a_closed_quiz_says_so(reader, ballot):
    close_quiz(quiz=ballot.quiz)
    assert "closed" in reader.get(f"/quiz/{ballot.quiz.slug}/").content.decode()
    question = ballot.quiz.questions.first()
    refused = reader.post(url("ballot_answer", ballot), {"question": question.key, "choice": "unsure"})
    assert refused.status_code == 400
    assert "takes no more answers" in refused.content.decode()


def test_a_ballot_opens_only_with_its_key(reader, ballot):
    assert reader.get(reverse("quizzes:ballot", args=[ballot.quiz.slug, uuid.uuid4()])).status_code == 404
    assert reader.get(reverse("quizzes:ballot", args=["another-quiz", ballot.key])).status_code == 404


def test_answering_needs_a_csrf_token(ballot):
    strict = Client(enforce_csrf_checks=True)
    data = {"question": ballot.quiz.questions.first().key, "choice": "unsure"}
    assert strict.post(url("ballot_answer", ballot), data).status_code == 403


def test_the_same_link_resumes_at_the_first_open_question(reader, ballot):
    first = ballot.in_order(ballot.quiz.questions.all())[0]
    reader.post(url("ballot_answer", ballot), {"question": first.key, "choice": "unsure"})
    another_browser = Client()
    assert another_browser.get(url("ballot", ballot)).url == url("ballot_question", ballot, 2)
    welcome = another_browser.get(f"/quiz/{ballot.quiz.slug}/").content.decode()
    assert "You have begun as Ada" in welcome
    assert url("ballot", ballot) in welcome


def test_looking_changes_nothing(reader, ballot):
    for name in ("ballot", "ballot_submit"):
        reader.get(url(name, ballot))
    ballot.refresh_from_db()
    assert ballot.submitted_at is None
    assert reader.get(url("ballot_answer", ballot)).status_code == 405


def test_submitting_asks_about_unanswered_questions(reader, ballot):
    reader.post(
        url("ballot_answer", ballot),
        {"question": ballot.in_order(ballot.quiz.questions.all())[0].key, "choice": "unsure"},
    )
    page = reader.get(url("ballot_submit", ballot)).content.decode()
    assert "6 of 7 questions have no answer" in page
    assert url("ballot_question", ballot, 2) in page


def _responses(reader: Client, ballot: Ballot) -> list[str]:
    """Everything that a reader is sent before submitting, headers included."""
    pages = [reader.get(f"/quiz/{ballot.quiz.slug}/"), reader.get(url("ballot_submit", ballot))]
    pages += [reader.get(url("ballot_question", ballot, number)) for number in range(1, 8)]
    question = ballot.quiz.questions.first()
    pages.append(reader.post(url("ballot_answer", ballot), {"question": question.key, "choice": "unsure"}, **JSON))
    return [f"{dict(page.items())} {page.content.decode()}" for page in pages]


def test_nothing_tells_the_truth_or_the_model_before_submitting(reader, ballot):
    for text in _responses(reader, ballot):
        assert "telltale" not in text  # of the file names
        assert "saliency" not in text
        assert "0.8" not in text  # of the model's probabilities
        assert "quiz-ferrite" not in text  # of the specimens
        for question in ballot.quiz.questions.select_related("micrograph"):
            assert str(question.micrograph_id) not in text
            assert question.micrograph.sha256 not in text


def test_pages_of_questions_differ_in_what_a_reader_may_know_alone(reader, ballot):
    def neutral(number: int) -> str:
        page = reader.get(url("ballot_question", ballot, number)).content.decode()
        page = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "KEY", page)
        page = re.sub(r'(csrf\w+" value=|X-CSRFToken": )"\w+"', "", page)
        page = re.sub(r'\s+aria-current="step"|\s+href="[^"]*/\d+/"', "", page)
        page = " ".join(page.split()).replace(" >", ">")
        return page.replace(f"Question {number} of", "Question of")

    assert neutral(2) == neutral(3) == neutral(4)


def test_two_hundred_readers_cost_few_queries(reader, ballot, django_assert_max_num_queries):
    question = ballot.quiz.questions.first()
    data = {"question": question.key, "choice": "unsure"}
    asked = {
        3: lambda: reader.get(url("ballot_question", ballot, 1)),
        0: lambda: reader.get(f"/quiz/image/{question.key}.png"),
        6: lambda: reader.post(url("ballot_answer", ballot), data, **JSON),  # two of them begin and end the transaction
    }
    for most, ask in asked.items():
        ask()  # what the quiz fixes is read once
        with django_assert_max_num_queries(most):
            assert ask().status_code == 200


def test_saliency_and_results_wait_for_the_submission(reader, ballot, answer_all):
    question = ballot.quiz.questions.first()
    saliency, results = f"/quiz/saliency/{question.key}/1.png", f"/quizzes/{ballot.quiz.slug}/results/"
    reader.get(url("ballot_question", ballot, 1))  # brings the cookie
    assert reader.get(saliency).status_code == 404
    assert reader.get(results).status_code == 404
    assert reader.get(url("ballot_compare", ballot)).url == url("ballot", ballot)
    answer_all(ballot)
    submit_ballot(ballot=ballot)
    assert reader.get(saliency)["Content-Type"] == "image/png"
    assert reader.get(results).status_code == 200
    assert Client().get(results).status_code == 404


def test_afterwards_reader_truth_and_machine_stand_side_by_side(reader, ballot, answer_all):
    answer_all(ballot, wrong=1)  # unsure of the first question; the machine misses the second
    submit_ballot(ballot=ballot)
    page = reader.get(url("ballot_compare", ballot))
    feedback = page.context["feedback"]
    assert (feedback.own.right, feedback.own.answered) == (6, 7)
    assert [c.question.position for c in feedback.won] == [1]
    assert [c.question.position for c in feedback.lost] == [0]
    text = " ".join(page.content.decode().split())
    assert "6 of 7 right, 95 % interval 49 % to 97 %" in text
    assert 'meter value="0.8000"' in text


def test_a_question_without_an_answer_is_no_defeat(reader, quiz, choice):
    quiz.completeness_percent = 1
    quiz.save()
    ballot = start_ballot(consents=True, quiz=quiz, nickname="Ada", panel=Panel.EXPERT)
    question = quiz.questions.last()
    record_answer(ballot=ballot, question=question, choice=choice("ferrite"))
    submit_ballot(ballot=ballot)
    feedback = reader.get(url("ballot_compare", ballot)).context["feedback"]
    assert [compared.question for compared in feedback.lost] == [question]
    assert feedback.standing.rank == feedback.standing.readers == 1


def test_rank_and_percentile_are_among_the_submitted_readers_of_the_same_panel(reader, quiz, answer_all):
    for name, panel, wrong in [("A", "expert", 0), ("B", "expert", 2), ("C", "expert", 2), ("D", "non-expert", 0)]:
        one = start_ballot(consents=True, quiz=quiz, nickname=name, panel=panel)
        answer_all(one, wrong=wrong)
        submit_ballot(ballot=one)
    ballot = quiz.ballots.get(nickname="B")
    standing = reader.get(url("ballot_compare", ballot)).context["feedback"].standing
    assert (standing.rank, standing.readers, standing.percentile) == (2, 3, 25)


def test_the_only_reader_of_a_panel_has_no_place(reader, ballot, answer_all):
    answer_all(ballot)
    submit_ballot(ballot=ballot)
    page = " ".join(reader.get(url("ballot_compare", ballot)).content.decode().split())
    assert "No other of the experts has finished yet" in page
    assert "Place 1" not in page


def test_a_signed_in_reader_is_known(signed_in, owner, quiz):
    owner.expertise, owner.years_of_experience = Panel.EXPERT, 7
    owner.save()
    page = signed_in.get(f"/quiz/{quiz.slug}/").content.decode()
    assert 'value="owner"' in page
    assert 'value="7"' in page
    signed_in.post(f"/quiz/{quiz.slug}/", {"nickname": "Me", "panel": "expert", "consents": "on"})
    assert Ballot.objects.get().user == owner


def test_hostile_nicknames_stay_text(reader, quiz, answer_all):
    ballot = start_ballot(consents=True, quiz=quiz, nickname="<script>alert(1)</script>", panel=Panel.EXPERT)
    answer_all(ballot)
    submit_ballot(ballot=ballot)
    assert "<script>alert" not in reader.get(url("ballot_compare", ballot)).content.decode()
