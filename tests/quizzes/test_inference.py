"""What a quiz shows: the sentence with its interval, the declared endpoint, and quizzes that show nothing."""

import dataclasses
import json
import math

import numpy as np
import pytest

from microdb.accounts.models import Panel
from microdb.errors import MicroDBError
from microdb.micrographs.models import NONE_OF_THESE
from microdb.quizzes.exhibits.sections import TITLES
from microdb.quizzes.models import ModelAnswer, PrimaryEndpoint
from microdb.quizzes.reports import quiz_report as report_of
from microdb.quizzes.reports.cautions import cautions
from microdb.quizzes.reports.headlines import conclusion, headline
from microdb.quizzes.services import (
    create_quiz,
    declare_endpoint,
    open_quiz,
    record_answer,
    simulate_readers,
    start_ballot,
    submit_ballot,
    withdraw_endpoint,
)
from microdb.statistics import Interval, Verdict


@pytest.fixture
def sit(quiz, answer_all):
    """``sit("Ada", wrong=2)``: a submitted ballot."""

    def make(nickname, panel="expert", wrong=0):
        ballot = start_ballot(quiz=quiz, nickname=nickname, panel=panel, consents=True)
        answer_all(ballot, wrong=wrong)
        return submit_ballot(ballot=ballot)

    return make


def numbers_of(document):
    """Every number in a JSON document."""
    if isinstance(document, dict):
        document = list(document.values())
    if isinstance(document, list):
        return [number for part in document for number in numbers_of(part)]
    return [document] if isinstance(document, float) else []


def test_the_sentence_gives_the_difference_with_its_interval_and_p_and_never_no_difference_alone(quiz, sit):
    sit("Ada", wrong=1)
    sit("Bo", wrong=3)
    (sentence,) = headline(report_of(quiz))
    (found,) = report_of(quiz).comparisons
    low, high = (round(100 * end) for end in (found.interval.low, found.interval.high))
    assert sentence.startswith("Model version 1 was right on 6 of 7 (86 %), the experts (2) on 71 % on average")
    assert f"a difference of +14 points (95 % interval {low:+d} to {high:+d}; p = {found.p:.2g})" in sentence
    assert "does not show a difference: the true one may lie anywhere in the interval" in sentence


def test_the_sentence_of_two_panels_has_the_corrected_p_beside_the_plain_one(quiz):
    simulate_readers(quiz=quiz, experts=6, non_experts=6, seed=4)
    report = report_of(quiz)
    smaller = min(report.comparisons, key=lambda one: one.p)
    assert smaller.corrected_p == pytest.approx(min(1, 2 * smaller.p))
    assert any("after Holm's correction" in sentence for sentence in headline(report))


def test_a_difference_that_only_the_correction_takes_away_is_not_called_nothing(quiz):
    simulate_readers(quiz=quiz, experts=6, non_experts=6, seed=4)
    found = dataclasses.replace(report_of(quiz).comparisons[0], p=0.03, corrected_p=0.06, verdict=Verdict.NOTHING)
    assert conclusion(found).startswith("Alone this would show a difference, but among all these comparisons")


def test_a_question_left_out_by_a_reader_is_left_out_of_the_models_accuracy_too(quiz):
    quiz.completeness_percent = 50
    quiz.save()
    ballot = start_ballot(quiz=quiz, nickname="Ada", panel=Panel.EXPERT, consents=True)
    for question in quiz.questions.all()[2:]:
        record_answer(ballot=ballot, question=question, choice=str(question.truth_id))
    submit_ballot(ballot=ballot)
    (found,) = report_of(quiz).comparisons
    assert (found.model_accuracy, found.panel_accuracy, found.difference) == (1.0, 1.0, 0.0)
    assert "the model on 100 % of the questions that each of them answered" in headline(report_of(quiz))[0]


def test_the_declared_comparison_comes_first_and_needs_no_correction(draft, version, score, held_out):
    declare_endpoint(quiz=draft, model_version=version, panel=Panel.NON_EXPERT, margin_points=10)
    for micrograph in held_out:
        score(version, micrograph, micrograph.label)
    quiz = open_quiz(quiz=draft)
    simulate_readers(quiz=quiz, experts=8, non_experts=8, seed=1)
    first, second = report_of(quiz).comparisons
    assert (first.panel, first.primary, first.margin) == (Panel.NON_EXPERT, True, 0.1)
    assert first.corrected_p == first.p
    assert (second.primary, second.margin, second.margin_p) == (False, None, None)
    assert second.corrected_p == second.p  # Holm of one
    assert "the comparison declared before opening" in headline(report_of(quiz))[0]


def test_an_endpoint_is_declared_before_the_opening_and_of_a_competitor(draft, version, two_model_quiz):
    second = two_model_quiz.competitors.get(number=2)
    with pytest.raises(MicroDBError, match="does not compete"):
        declare_endpoint(quiz=draft, model_version=second)
    with pytest.raises(MicroDBError, match="larger than 0 and at most 50 points; 0 was given"):
        declare_endpoint(quiz=draft, model_version=version, margin_points=0)
    with pytest.raises(MicroDBError, match="has been opened"):
        declare_endpoint(quiz=two_model_quiz, model_version=version)
    declare_endpoint(quiz=draft, model_version=version, margin_points=5)
    declare_endpoint(quiz=draft, model_version=version)
    assert PrimaryEndpoint.objects.get(quiz=draft).margin is None
    withdraw_endpoint(quiz=draft)
    assert not PrimaryEndpoint.objects.filter(quiz=draft).exists()


def test_the_organiser_declares_it_on_the_drafts_page_and_readers_of_the_page_see_it(draft, version, signed_in):
    address = f"/quizzes/{draft.slug}/"
    sent = {"model_version": version.pk, "panel": "expert", "margin_points": "7.5"}
    signed_in.post(f"{address}endpoint/", sent)
    assert PrimaryEndpoint.objects.get(quiz=draft).margin == pytest.approx(0.075)
    assert "with a margin of 8 points" in signed_in.get(address).content.decode()
    page = signed_in.post(f"{address}endpoint/", sent | {"margin_points": "80"}, follow=True).content.decode()
    assert "less than or equal to 50" in page
    signed_in.post(f"{address}endpoint/", {"model_version": "", "panel": "expert"})
    assert not PrimaryEndpoint.objects.exists()


def test_only_curators_declare_an_endpoint(draft, version, member, client):
    client.force_login(member("viewer"))
    sent = {"model_version": version.pk, "panel": "expert"}
    assert client.post(f"/quizzes/{draft.slug}/endpoint/", sent).status_code == 403


def test_the_models_place_and_the_best_expert_are_said_with_their_chance(quiz, sit):
    for number, wrong in enumerate([0, 2, 4]):
        sit(f"E{number}", wrong=wrong)
    report = report_of(quiz)
    (place,) = report.ranks
    assert (place.rank.place, place.rank.of, place.rank.low, place.rank.high) == (2, 4, 1, 4)
    assert report.best_expert.by_chance > report.panels[0].accuracy


@pytest.fixture
def shapes(quiz, dataset, owner, version, held_out, score, sit, answer_all):
    """Quizzes at their limits, by name."""

    def of(name):
        if name == "no reader":
            return quiz
        if name == "one reader":
            sit("Ada", wrong=2)
            return quiz
        if name in ("all right", "all wrong"):
            wrong = 7 if name == "all wrong" else 0
            for number in range(3):
                sit(f"R{number}", wrong=wrong)
            return quiz
        asked = [micrograph for micrograph in held_out if micrograph.label == "ferrite"]
        alone = create_quiz(dataset=dataset, title="Alone", micrographs=asked, competitors=[version], by=owner)
        alone = open_quiz(quiz=alone)
        for number in range(3):
            ballot = start_ballot(quiz=alone, nickname=f"R{number}", panel=Panel.EXPERT, consents=True)
            answer_all(ballot, wrong=number)
            submit_ballot(ballot=ballot)
        return alone

    return of


@pytest.mark.parametrize(
    ("name", "caution"),
    [
        ("no reader", "No reader counts"),
        ("one reader", "one reader among the experts"),
        ("all right", "All answers of the experts are right"),
        ("all wrong", "No answer of the experts is right"),
        ("one class", "Every question shows ferrite"),
    ],
)
def test_a_quiz_at_its_limits_says_so_in_a_sentence_and_shows_no_nan_and_no_empty_chart(
    shapes, signed_in, name, caution
):
    quiz = shapes(name)
    report = report_of(quiz)
    assert any(caution in sentence for sentence in cautions(report, sees_truth=True))
    for section in TITLES:
        response = signed_in.get(f"/quizzes/{quiz.slug}/results/?section={section}")
        page = response.content.decode()
        assert response.status_code == 200
        assert caution in page or section != "verdict"
        assert "nan" not in [word.strip("%.,;()").lower() for word in page.split()]
        for exhibit in response.context["exhibits"]:
            assert exhibit.rows
            assert exhibit.figure is None or any(trace.get("x") for trace in exhibit.figure["data"])
    for path in (f"/quizzes/{quiz.slug}/results.json", f"/api/v1/quizzes/{quiz.slug}/results/"):
        document = json.loads(signed_in.get(path).content, parse_constant=lambda constant: pytest.fail(constant))
        assert all(map(math.isfinite, numbers_of(document)))
    assert signed_in.get(f"/quizzes/{quiz.slug}/results.pdf").content.startswith(b"%PDF")


def test_where_everyone_and_the_model_are_right_the_interval_has_a_width(quiz, sit):
    ModelAnswer.objects.filter(question__quiz=quiz, question__position=1).update(predicted="ferrite")
    for number in range(3):
        sit(f"R{number}")
    report = report_of(quiz)
    (found,) = report.comparisons
    assert found.verdict == Verdict.NOTHING
    assert found.interval.low < -0.1 < 0.1 < found.interval.high
    assert report.panels[0].interval.low < 0.8
    assert all(row.interval.low < 0.8 for team in report.teams for row in team.rows)


def test_none_of_these_is_measured_apart(quiz, sit):
    sit("Ada")
    sit("Bo", wrong=7)
    people, model = report_of(quiz).detections
    assert (people.sensitivity, people.specificity) == (0.5, 1.0)
    assert (model.sensitivity, model.specificity) == (1.0, 1.0)
    assert model.roc.interval.low < model.roc.area == 1.0
    assert np.isfinite([people.sensitivity_interval.low, people.specificity_interval.high]).all()


def test_a_quiz_without_none_of_these_does_not_measure_it(dataset, owner, version, held_out, score):
    asked = [micrograph for micrograph in held_out if micrograph.label != NONE_OF_THESE]
    for micrograph in asked:
        score(version, micrograph, micrograph.label)
    quiz = create_quiz(
        dataset=dataset, title="C", micrographs=asked, competitors=[version], by=owner, offers_none_of_these=False
    )
    assert report_of(open_quiz(quiz=quiz)).detections == []


def test_better_by_more_than_the_margin_is_said(quiz):
    simulate_readers(quiz=quiz, experts=6, non_experts=6, seed=4)
    found = report_of(quiz).comparisons[0]
    better = {"verdict": Verdict.SUPERIOR, "margin": 0.05, "margin_p": 0.001}
    by_much = dataclasses.replace(found, interval=Interval(0.06, 0.2), **better)
    by_little = dataclasses.replace(found, interval=Interval(0.01, 0.2), **better)
    assert conclusion(by_much) == "The model was better, by more than the declared margin of 5 points."
    assert conclusion(by_little) == "The model was better."
