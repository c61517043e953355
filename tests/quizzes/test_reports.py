"""The report: what it counts, when it is made again, and what comes out of it as tables and files."""

import csv
import json
import threading

import numpy as np
import pytest
from django.db import connection
from django.test import Client

from microdb.accounts.models import Panel
from microdb.quizzes.exhibits import exhibits
from microdb.quizzes.models import ModelAnswer, StoredReport
from microdb.quizzes.reports import Readers, store
from microdb.quizzes.reports import quiz_report as report_of
from microdb.quizzes.services import (
    create_quiz,
    open_quiz,
    record_answer,
    simulate_readers,
    start_ballot,
    submit_ballot,
    withdraw_ballot,
)


@pytest.fixture
def sit(quiz, answer_all):
    """``sit("Ada", wrong=2)``: a submitted ballot."""

    def make(nickname, panel="expert", wrong=0, years=None):
        ballot = start_ballot(quiz=quiz, nickname=nickname, panel=panel, years_of_experience=years, consents=True)
        answer_all(ballot, wrong=wrong)
        return submit_ballot(ballot=ballot)

    return make


@pytest.fixture
def computed(monkeypatch):
    """How often a report was computed and not taken from the store."""
    calls = []
    compute = store.compute_report
    monkeypatch.setattr(store, "compute_report", lambda *given: calls.append(given) or compute(*given))
    return calls


def test_a_report_is_computed_once_and_the_stored_one_is_the_same(quiz, sit, computed):
    sit("Ada", wrong=2)
    first = report_of(quiz)
    assert report_of(quiz) == first
    assert len(computed) == 1


def test_a_submitted_a_withdrawn_and_a_deleted_ballot_void_the_stored_report(quiz, sit, computed):
    report_of(quiz)
    ballot = sit("Ada")
    assert report_of(quiz).real_readers == 1
    withdraw_ballot(ballot=ballot)
    assert report_of(quiz).withdrawn_readers == 1
    ballot.delete()
    assert report_of(quiz).withdrawn_readers == 0
    assert len(computed) == 4


def test_a_ballot_that_is_not_submitted_voids_nothing(quiz, ballot, computed):
    report_of(quiz)
    record_answer(ballot=ballot, question=quiz.questions.first(), choice="unsure")
    report_of(quiz)
    assert len(computed) == 1


def test_each_choice_of_readers_is_stored_for_itself(quiz, sit):
    sit("Ada", years=10)
    sit("Bo", years=2, wrong=3)
    sit("Cy", panel="non-expert")
    chosen = {
        "": [2, 1],
        "panel=expert": [2],
        "panel=non-expert": [1],
        "least_years=5": [1],
        "panel=non-expert&least_years=5": [],
    }
    for query, counts in chosen.items():
        pairs = dict(pair.split("=") for pair in query.split("&") if pair)
        assert [panel.readers for panel in report_of(quiz, Readers.from_query(pairs)).panels] == counts
    assert StoredReport.objects.filter(quiz=quiz).count() == len(chosen)


def test_only_whole_ballots_count_where_asked_for(quiz, sit):
    quiz.completeness_percent = 10
    quiz.save()
    sit("Ada")
    half = start_ballot(quiz=quiz, nickname="Bo", panel=Panel.EXPERT, consents=True)
    record_answer(ballot=half, question=quiz.questions.first(), choice="unsure")
    submit_ballot(ballot=half)
    assert report_of(quiz).panels[0].readers == 2
    assert report_of(quiz, Readers(complete=True)).panels[0].readers == 1


def test_nonsense_in_the_address_means_all_readers(quiz):
    assert Readers.from_query({"panel": "x", "least_years": "-1", "simulated": "maybe", "complete": "?"}) == Readers()


def test_an_answer_changed_in_the_database_after_the_opening_is_told(quiz, signed_in):
    assert report_of(quiz).intact
    ModelAnswer.objects.filter(question__quiz=quiz).update(predicted="pearlite")
    StoredReport.objects.all().delete()
    assert not report_of(quiz).intact
    assert (
        "the database no longer matches the published"
        in signed_in.get(f"/quizzes/{quiz.slug}/results/").content.decode()
    )


def test_confusions_count_every_answer_by_its_truth(quiz, sit):
    sit("Ada", wrong=2)
    experts, model = report_of(quiz).confusions
    assert experts.answers == ["ferrite", "pearlite", "none-of-these", "unsure"]
    assert experts.counts == [[1, 0, 0, 2], [0, 3, 0, 0], [0, 0, 1, 0]]
    assert model.counts == [[2, 1, 0], [0, 3, 0], [0, 0, 1]]


def test_duels_count_the_questions_that_only_one_got_right(quiz, sit):
    sit("Ada", wrong=1)
    (duel,) = report_of(quiz).duels
    assert (duel.first, duel.second) == ("Model version 1", "best expert")
    assert (duel.only_first, duel.only_second, duel.p) == (1, 1, 1.0)


def test_a_team_of_model_and_vote_is_scored_by_hand(quiz, sit):
    sit("Ada", wrong=1)  # unsure of the first, which the model knows; right on the second, which the model misses
    (team,) = report_of(quiz).teams
    shares = {row.label: row.accuracy for row in team.rows}
    assert shares["Model version 1"] == pytest.approx(6 / 7)
    assert shares["vote of the experts"] == pytest.approx(6 / 7)
    assert shares["model and experts, one vote each"] == pytest.approx(1)
    assert team.deferral[0] == (0, pytest.approx(6 / 7))
    assert team.deferral[-1] == (1, pytest.approx(6 / 7))


def test_pace_takes_each_readers_median_time(quiz, ballot):
    for seconds, question in enumerate(quiz.questions.all(), start=1):
        record_answer(ballot=ballot, question=question, choice="unsure", active_ms=1000 * seconds)
    submit_ballot(ballot=ballot)
    (pace,) = report_of(quiz).pace
    assert pace.points == [(4.0, 0.0)]
    assert (pace.seconds_right, pace.seconds_wrong) == (None, 4.0)


def test_stated_confidence_is_calibrated_against_right_answers(quiz, ballot, choice):
    quiz.asks_confidence = True
    quiz.save()
    for question in quiz.questions.all():
        said = choice("ferrite")  # right on three of seven
        record_answer(ballot=ballot, question=question, choice=said, confidence=60)
    submit_ballot(ballot=ballot)
    people, model = report_of(quiz).calibration
    assert (people.answers, people.bins[0].right) == (7, pytest.approx(3 / 7))
    assert people.brier == pytest.approx((3 * 0.4**2 + 4 * 0.6**2) / 7)
    assert model.answers == 7


def test_two_competing_versions_stand_beside_each_other_everywhere(two_model_quiz):
    simulate_readers(quiz=two_model_quiz, experts=3, non_experts=2, seed=0)
    report = report_of(two_model_quiz)
    assert [model.right for model in report.models] == [6, 4]
    assert {(c.model_version, c.panel) for c in report.comparisons} == {
        (number, panel) for number in (1, 2) for panel in Panel.values
    }
    assert (report.duels[0].first, report.duels[0].second) == ("Model version 1", "Model version 2")
    assert len(report.questions[0].models) == len(report.questions[0].votes[0].probabilities) == 2
    assert any(row.raters == "Model version 1 and Model version 2" for row in report.agreement)


def test_every_exhibit_is_a_table_of_equal_rows_and_a_csv(quiz, signed_in):
    simulate_readers(quiz=quiz, experts=5, non_experts=5, seed=1)
    shown = exhibits(report_of(quiz), sees_truth=True)
    assert len({exhibit.name for exhibit in shown}) == len(shown) >= 11
    for exhibit in shown:
        assert {len(row) for row in exhibit.rows} == {len(exhibit.columns)}, exhibit.name
        text = signed_in.get(f"/quizzes/{quiz.slug}/results/{exhibit.name}.csv").getvalue().decode()
        header, *rows = csv.reader(text.splitlines())
        assert header == [column.label for column in exhibit.columns]
        assert len(rows) == len(exhibit.rows)


def test_exhibits_that_tell_of_single_questions_are_for_those_who_may_know(quiz, member, ballot, answer_all):
    answer_all(ballot)
    submit_ballot(ballot=ballot)
    viewer = Client()
    viewer.force_login(member("viewer"))
    for name, status in [("accuracy", 200), ("questions", 404), ("confusion-experts", 404), ("no-such", 404)]:
        assert viewer.get(f"/quizzes/{quiz.slug}/results/{name}.csv").status_code == status
        assert Client().get(f"/quizzes/{quiz.slug}/results/{name}.csv").status_code == 404
    own = Client().get(f"/quizzes/{quiz.slug}/results/questions.csv?ballot={ballot.key}")
    assert own.status_code == 200


def test_the_json_holds_everything_and_for_curators_alone(quiz, sit, signed_in, member):
    sit("Ada", wrong=1)
    document = json.loads(signed_in.get(f"/quizzes/{quiz.slug}/results.json").content)
    assert document["report"]["frozen_sha256"] == quiz.frozen_sha256
    assert len(document["answers"]) == len(document["model_answers"]) == 7
    assert sum(int(answer["right"]) for answer in document["answers"]) == 6
    assert document["headline"][0].startswith("Model version 1")
    viewer = Client()
    viewer.force_login(member("viewer"))
    assert viewer.get(f"/quizzes/{quiz.slug}/results.json").status_code == 404


def test_the_page_browses_where_experts_and_model_disagree(quiz, sit, signed_in):
    sit("Ada", wrong=1)
    (_who, people), (_who, machine) = signed_in.get(f"/quizzes/{quiz.slug}/results/?section=questions").context[
        "disagreements"
    ]
    assert [question.number for question, _models in people] == [2]
    assert [question.number for question, _models in machine] == [1]


def test_shares_in_the_report_are_finite_for_any_crowd(quiz):
    simulate_readers(quiz=quiz, experts=1, non_experts=0, seed=3)
    report = report_of(quiz)
    assert all(np.isfinite(panel.accuracy) for panel in report.panels)
    assert report.agreement[0].value is None  # one reader agrees with nobody


@pytest.mark.django_db(transaction=True)
def test_readers_who_ask_together_wait_for_one_computation(quiz, sit, computed):
    sit("Ada")
    reports = []

    def ask():
        reports.append(report_of(quiz))
        connection.close()

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(computed) == 1
    assert reports == reports[:1] * 6


def test_without_none_of_these_a_models_probabilities_are_among_the_classes(dataset, owner, version, held_out, score):
    asked = held_out[:2]
    quiz = create_quiz(
        dataset=dataset, title="C", micrographs=asked, competitors=[version], by=owner, offers_none_of_these=False
    )
    for micrograph in asked:
        score(version, micrograph, "ferrite")  # 0.8, 0.1, and 0.1 for none of these
    votes = report_of(open_quiz(quiz=quiz)).questions[0].votes
    assert [vote.probabilities for vote in votes] == [pytest.approx((8 / 9,)), pytest.approx((1 / 9,)), ()]
