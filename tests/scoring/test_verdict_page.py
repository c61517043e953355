"""The page of one score: its map, its doubts, and probabilities that are no surer than they can be."""

import io

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse
from PIL import Image

from microdb.jobs import Job
from microdb.scoring.models import Score
from microdb.scoring.services import request_score
from microdb.scoring.support import support_of
from microdb.scoring.tasks import score_micrograph
from microdb.training.models import ModelVersion, OutOfFold


@pytest.fixture
def score(trained: ModelVersion) -> Score:
    micrograph = trained.dataset.micrographs.filter(split="quiz").order_by("filename").first()
    asked = request_score(model_version=trained, micrograph=micrograph)
    score_micrograph(str(asked.pk))
    asked.refresh_from_db()
    assert asked.state == Job.State.DONE, asked.error
    return asked


def text_of(client: Client, score: Score, name: str = "score") -> str:
    return " ".join(client.get(reverse(f"scoring:{name}", args=[score.pk])).text.split())


def given(score: Score, **columns: object) -> Score:
    Score.objects.filter(pk=score.pk).update(**columns)
    score.refresh_from_db()
    return score


CERTAIN = {"predicted": "ferrite", "nearest": "ferrite", "probability": 1.0, "none_of_these": 0.0}
CERTAIN_OF = {**CERTAIN, "probabilities": {"ferrite": 1.0, "pearlite": 0.0}, "monte_carlo_error": 0.0}


def test_the_page_shows_the_micrograph_in_the_viewer_with_the_map(signed_in: Client, score: Score):
    page = text_of(signed_in, score)
    assert "data-viewer" in page
    assert f'data-planes="{reverse("scoring:score_planes", args=[score.pk])}"' in page
    assert page.count('name="saliency-outcome"') == 1 + 3
    assert "average over all crops that cover its place" in page  # the recipe of these tests has no window of one size
    assert "window of 48 × 48 pixels" in text_of(signed_in, given(score, window=0.3))


def test_the_planes_hold_the_probabilities_of_each_outcome(signed_in: Client, score: Score):
    answer = signed_in.get(reverse("scoring:score_planes", args=[score.pk]))
    assert answer["Content-Type"] == "image/png"
    picture = np.asarray(Image.open(io.BytesIO(b"".join(answer.streaming_content))))
    planes = picture.reshape(3, -1, picture.shape[1]) / 255
    np.testing.assert_allclose(planes.sum(0), 1, atol=0.01)
    assert sum(score.points.values()) == planes[0].size
    winners = np.bincount(planes.argmax(0).ravel(), minlength=3)
    assert np.abs(winners - list(score.points.values())).max() <= 0.02 * planes[0].size  # ties of rounded values
    assert list(score.points) == ["ferrite", "pearlite", "none-of-these"]


def test_a_score_of_an_older_release_says_that_it_has_no_map(signed_in: Client, score: Score):
    page = text_of(signed_in, given(score, planes="", points={}))
    assert "This score has no map to look at here" in page
    assert 'id="area-fractions"' not in page
    assert signed_in.get(reverse("scoring:score_planes", args=[score.pk])).status_code == 404


@pytest.mark.parametrize(("held_out", "most"), [(34, "97 %"), (0, "90 %"), (None, "90 %"), (2000, "&gt;99 %")])
def test_a_certain_score_shows_no_more_than_its_held_out_micrographs_support(
    signed_in: Client, score: Score, held_out: int | None, most: str
):
    given(score, held_out=held_out, **CERTAIN_OF)
    for page in (text_of(signed_in, score), text_of(signed_in, score, "score_card")):
        assert most in page
        assert "100 %" not in page
        assert ">0 %" not in page
    listed = signed_in.get(reverse("scoring:score_list", args=["steels"])).text
    assert most in listed
    assert "100 %" not in listed
    assert "less than 0.1 points" in text_of(signed_in, score)


def test_the_api_gives_both_the_stated_and_the_shown_probabilities(signed_in: Client, score: Score):
    body = signed_in.get(f"/api/v1/scores/{given(score, held_out=8, **CERTAIN_OF).pk}/").json()
    assert body["probability"] == 1.0
    assert body["shown_probabilities"] == pytest.approx({"ferrite": 0.9, "pearlite": 0.05, "none-of-these": 0.05})
    assert (body["held_out"], body["points"]) == (8, score.points)
    picture = signed_in.get(body["planes"], headers={"accept": "image/png"})
    assert picture["Content-Type"] == "image/png"


def test_a_small_lead_is_called_unsure_between_the_two(signed_in: Client, score: Score):
    close = {"probabilities": {"ferrite": 0.45, "pearlite": 0.40}, "none_of_these": 0.15, "probability": 0.45}
    given(score, predicted="ferrite", nearest="ferrite", unsure_below=0.1, **close)
    assert "Unsure between <strong>ferrite</strong> and <strong>pearlite</strong>" in text_of(signed_in, score)
    assert "Unsure between ferrite and pearlite" in text_of(signed_in, score, "score_card")
    assert "Unsure" not in text_of(signed_in, given(score, unsure_below=0.04))
    assert signed_in.get(f"/api/v1/scores/{score.pk}/").json()["unsure_between"] == []


def test_a_score_keeps_what_the_held_out_micrographs_of_its_version_say(score: Score, trained: ModelVersion):
    held_out = trained.metrics["held_out"] or 0
    assert (score.held_out, score.unsure_below) == (held_out, 0.2)  # too few for a rule of their own


def test_the_unsure_rule_comes_from_the_held_out_answers(trained: ModelVersion, add_drawn):
    OutOfFold.objects.all().delete()
    for number in range(24):
        wrong = number < 12
        first = 0.5 + number / 100
        answer = {"ferrite": first, "pearlite": 1 - first, "none-of-these": 0.0}
        micrograph = add_drawn("pearlite" if wrong else "ferrite", 100 + number)
        OutOfFold.answered(trained, micrograph.pk, micrograph.label, answer).save()
    support_of.cache_clear()
    # Of the 23 with the smallest leads 11 are right, of all 24 a half.
    assert support_of(trained.pk)["unsure_below"] == pytest.approx(2 * 0.22)


@pytest.mark.parametrize(
    ("rank", "sentence"),
    [
        (0.983, "Stranger than 98 of 100 known micrographs."),
        (1.0, "Stranger than all known micrographs."),
        (0.0, "No stranger than any known micrograph."),
        (None, "has no held-out specimens to compare"),
    ],
)
def test_the_rank_among_known_micrographs_stands_apart_and_names_the_nearest_class(
    signed_in: Client, score: Score, rank: float | None, sentence: str
):
    shares = {"probabilities": {"ferrite": 0.6, "pearlite": 0.2}, "none_of_these": 0.2, "nearest": "ferrite"}
    page = text_of(signed_in, given(score, predicted="ferrite", outside_rank=rank, **shares))
    assert sentence in page
    assert "The nearest class is ferrite." in page


def test_none_of_these_names_the_nearest_class_with_its_probability(signed_in: Client, score: Score):
    shares = {"probabilities": {"ferrite": 0.3, "pearlite": 0.1}, "none_of_these": 0.6, "nearest": "ferrite"}
    page = text_of(signed_in, given(score, predicted="none-of-these", unsure_below=0.05, **shares))
    assert "The nearest class is <strong>ferrite</strong>: 75 %" in page
    assert "Nearest class: ferrite" in text_of(signed_in, score, "score_card")


def test_bars_have_the_colours_of_their_classes(signed_in: Client, score: Score):
    page = text_of(signed_in, score)
    assert '<meter class="class-meter" data-position="0"' in page
    assert '<meter class="class-meter" min="0"' in page  # none of these
