"""Area fractions of a specimen: the table on a score's page, as CSV and in the API."""

import csv
import io
import uuid

import numpy as np
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from microdb.jobs import Job
from microdb.micrographs.models import Micrograph
from microdb.scoring.models import Score
from microdb.statistics import area_fraction
from microdb.training.models import ModelVersion

BASE = "/api/v1/datasets/steels/area-fractions/"


def counted(version: ModelVersion, micrograph: Micrograph, ferrite: int, **columns: object) -> Score:
    """A score of 100 points."""
    columns = {"pixels_per_micrometre": 10.0, **columns}
    return Score.objects.create(
        model_version=version,
        micrograph=micrograph,
        state=Job.State.DONE,
        predicted="ferrite",
        nearest="ferrite",
        probability=0.8,
        none_of_these=0.1,
        probabilities={"ferrite": 0.8, "pearlite": 0.1},
        points={"ferrite": ferrite, "pearlite": 100 - ferrite, "none-of-these": 0},
        seed=0,
        crops=10,
        monte_carlo_error=0.01,
        finished_at=timezone.now(),
        **columns,
    )


def measured(version: ModelVersion, **point_shares: list[dict[str, float]]) -> None:
    """The training counted held-out micrographs of its classes so; without any, it measured none."""
    version.metrics["point_shares"] = point_shares
    version.save(update_fields=["metrics"])


@pytest.fixture
def fields(trained: ModelVersion, add_drawn) -> list[Score]:
    """Four, of a version that did not measure its errors."""
    measured(trained)
    micrographs = [add_drawn("ferrite", 70 + number, specimen="S1") for number in range(4)]
    return [counted(trained, one, ferrite) for one, ferrite in zip(micrographs, (20, 30, 40, 50), strict=True)]


def page_of(client: Client, score: Score) -> str:
    return " ".join(client.get(reverse("scoring:score", args=[score.pk])).text.split())


def test_a_specimen_has_a_fraction_with_its_interval_over_its_micrographs(signed_in: Client, fields: list[Score]):
    expected = area_fraction(np.array([0.2, 0.3, 0.4, 0.5]))
    body = signed_in.get(BASE, {"specimen": "S1"}).json()
    ferrite, pearlite, none = body["outcomes"]
    assert ferrite["area_fraction"] == pytest.approx(0.35)
    assert (ferrite["low_95"], ferrite["high_95"]) == pytest.approx((expected.interval.low, expected.interval.high))
    assert pearlite["half_width_95"] == pytest.approx(expected.half_width)
    assert (none["name"], none["area_fraction"], none["half_width_95"]) == ("none-of-these", 0, None)
    assert [one["points"]["ferrite"] for one in body["fields_counted"]] == [20, 30, 40, 50]
    page = page_of(signed_in, fields[0])
    assert "Specimen S1: 400 points in 4 fields" in page
    assert "35.0 %" in page
    assert f"{100 * expected.interval.low:.1f} % to {100 * expected.interval.high:.1f} %" in page


def test_the_interval_holds_the_errors_that_the_training_measured(
    signed_in: Client, trained: ModelVersion, fields: list[Score]
):
    body = signed_in.get(BASE, {"specimen": "S1"}).json()
    assert not body["errors_measured"]
    assert "because this version did not measure them" in page_of(signed_in, fields[0])
    mistaken = [{"ferrite": share, "pearlite": 1 - share} for share in (0.3, 0.5, 0.9)]
    measured(trained, ferrite=5 * mistaken, pearlite=15 * [{"pearlite": 1.0}])
    wider = signed_in.get(BASE, {"specimen": "S1"}).json()
    assert wider["errors_measured"]
    before, after = body["outcomes"][0], wider["outcomes"][0]
    assert after["half_width_95"] == before["half_width_95"]
    assert after["high_95"] > 0.9 > before["high_95"]  # 35 % of the points may be all of the ferrite, half of it missed
    assert wider["outcomes"][2]["high_95"] == body["outcomes"][2]["high_95"]  # none of these, in no simulated specimen
    page = page_of(signed_in, fields[0])
    assert f"{100 * after['low_95']:.1f} % to {100 * after['high_95']:.1f} %" in page
    assert "also holds the errors of the model" in page


def test_the_csv_has_the_same_numbers_on_the_page_and_in_the_api(signed_in: Client, fields: list[Score]):
    address = reverse("scoring:area_fractions_csv", args=[fields[0].pk])
    own = b"".join(signed_in.get(address).streaming_content).decode()
    told = signed_in.get(BASE, {"specimen": "S1"}, headers={"accept": "text/csv"})
    assert b"".join(told.streaming_content).decode() == own
    rows = list(csv.DictReader(io.StringIO(own)))
    assert [row["class"] for row in rows] == ["ferrite", "pearlite", "none-of-these"]
    assert (rows[0]["specimen"], rows[0]["fields"], rows[0]["area_fraction"]) == ("S1", "4", "0.350000")
    assert rows[2]["half_width_95"] == ""


def test_one_field_has_no_interval_and_says_so(signed_in: Client, trained: ModelVersion, add_drawn):
    alone = counted(trained, add_drawn("ferrite", 80, specimen=""), 40)
    page = page_of(signed_in, alone)
    assert "100 points in one field: this micrograph names no specimen" in page
    assert "One field tells nothing of how much fields differ" in page
    first = counted(trained, add_drawn("ferrite", 81, specimen="S2"), 40)
    assert "100 points in 1 field, its only micrograph with a map" in page_of(signed_in, first)


def test_a_micrograph_counts_once_by_its_latest_score(signed_in: Client, trained: ModelVersion, fields: list[Score]):
    counted(trained, fields[0].micrograph, 60, pixels_per_micrometre=20.0)
    body = signed_in.get(BASE, {"specimen": "S1"}).json()
    assert [one["points"]["ferrite"] for one in body["fields_counted"]] == [60, 30, 40, 50]
    assert body["scales_differ"]
    assert "taken at different scales" in page_of(signed_in, fields[1])


def test_what_is_in_the_trash_or_has_no_map_does_not_count(signed_in: Client, fields: list[Score]):
    Micrograph.objects.filter(pk=fields[0].micrograph_id).update(trashed_at=timezone.now())
    Score.objects.filter(pk=fields[1].pk).update(points={})
    Score.objects.filter(pk=fields[2].pk).update(points={"ferrite": 0, "pearlite": 0, "none-of-these": 0})
    body = signed_in.get(BASE, {"specimen": "S1"}).json()
    assert [one["score"] for one in body["fields_counted"]] == [str(fields[3].pk)]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({}, "bad_filter"),
        ({"specimen": "S1", "model_version": "one"}, "bad_filter"),
        ({"specimen": "S1", "model_version": "9" * 40}, "bad_filter"),
        ({"specimen": "S1", "model_version": "7"}, "no_such_version"),
        ({"specimen": "S1", "class": "ferrite"}, "unknown_filter"),
        ({"specimen": "S" * 101}, None),
    ],
)
def test_a_question_that_means_nothing_is_refused(signed_in: Client, trained: ModelVersion, query, code):
    answer = signed_in.get(BASE, query)
    assert answer.status_code == 400
    assert code is None or answer.json()["code"] == code


def test_a_specimen_without_scores_has_no_fractions(signed_in: Client, trained: ModelVersion):
    body = signed_in.get(BASE, {"specimen": f"{uuid.uuid4()}"}).json()
    assert (body["outcomes"], body["fields_counted"]) == ([], [])


def test_the_table_takes_as_many_queries_for_many_fields(
    signed_in: Client, fields: list[Score], django_assert_num_queries
):
    with CaptureQueriesContext(connection) as few:
        signed_in.get(BASE, {"specimen": "S1"})
    Score.objects.exclude(pk=fields[0].pk).delete()
    with django_assert_num_queries(len(few)):
        signed_in.get(BASE, {"specimen": "S1"})
