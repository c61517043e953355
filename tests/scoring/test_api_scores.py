"""The API of single scores, and of what they say about labels."""

from typing import Any

import pytest
from django.test import Client

from microdb.jobs import Job
from microdb.micrographs.models import Micrograph
from microdb.scoring.models import Score
from microdb.training.models import ModelVersion
from tests.quizzes.conftest import add, held_out, score, version  # noqa: F401 # fixtures

BASE = "/api/v1/datasets/steels/"


@pytest.fixture(autouse=True)
def media(settings, tmp_path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


def sent(client: Client, path: str, data: Any = None) -> Any:
    return client.post(path, data or {}, content_type="application/json")


@pytest.fixture
def scored(version: ModelVersion, held_out: list[Micrograph], score) -> list[Score]:  # noqa: F811 # fixtures
    return [score(version, one, "pearlite") for one in held_out]


def test_scores_are_filtered_and_come_in_pages(signed_in, scored):
    first = signed_in.get(f"{BASE}scores/?page_size=4&predicted=pearlite&model_version=1&state=done").json()
    second = signed_in.get(first["next"]).json()
    told = [one["id"] for one in [*first["results"], *second["results"]]]
    assert sorted(told) == sorted(str(one.pk) for one in scored)
    assert (second["next"], first["results"][0]["predicted"]) == (None, "pearlite")
    one = scored[0].micrograph_id
    assert [row["micrograph"] for row in signed_in.get(f"{BASE}scores/?micrograph={one}").json()["results"]] == [
        str(one)
    ]
    assert signed_in.get(f"{BASE}scores/?predicted=ferrite").json()["results"] == []
    assert signed_in.get(f"{BASE}scores/?version=1").json()["code"] == "unknown_filter"
    assert signed_in.get(f"{BASE}scores/?state=ready").status_code == 400


def test_a_list_of_scores_does_as_many_queries_for_one_as_for_seven(signed_in, scored, django_assert_max_num_queries):
    with django_assert_max_num_queries(12):
        signed_in.get(f"{BASE}scores/")
    Score.objects.exclude(pk=scored[0].pk).delete()
    with django_assert_max_num_queries(12):
        signed_in.get(f"{BASE}scores/")


def test_a_stored_micrograph_is_scored_and_cancelled(signed_in, version, held_out):  # noqa: F811 # fixtures
    one = held_out[0]
    asked = {"micrograph": str(one.pk), "pixels_per_micrometre": 4}
    answer = sent(signed_in, f"{BASE}scores/", asked)
    assert (answer.status_code, answer.json()["state"], answer.json()["pixels_per_micrometre"]) == (202, "queued", 4)
    one.refresh_from_db()
    assert (one.pixels_per_micrometre, one.scale_source) == (4, "by_hand")
    assert sent(signed_in, f"{BASE}scores/", asked).json()["id"] == answer.json()["id"]
    assert sent(signed_in, f"/api/v1/scores/{answer.json()['id']}/cancel/").json()["state"] == "cancelled"
    assert Score.objects.get().state == Job.State.CANCELLED
    assert sent(signed_in, f"{BASE}scores/", {"micrograph": "00000000-0000-0000-0000-000000000000"}).status_code == 404


def test_the_least_certain_comes_next(signed_in, scored):
    Micrograph.objects.update(material_class=None, none_of_these=False)
    Score.objects.filter(pk=scored[3].pk).update(probability=0.4)
    told = signed_in.get(f"{BASE}next/").json()
    assert (told["count"], told["results"][0]["score"]) == (7, str(scored[3].pk))
    assert signed_in.get(f"{BASE}next/?order=random").json()["code"] == "bad_filter"
    Micrograph.objects.filter(pk=scored[3].micrograph_id).update(unsure=True)
    assert signed_in.get(f"{BASE}next/?order=margin").json()["count"] == 6


def test_contradicted_labels_are_listed(signed_in, scored):
    told = signed_in.get(f"{BASE}suspects/").json()
    assert told["count"] == 4  # three of ferrite, and one of none of these
    assert {one["label"] for one in told["results"]} == {"ferrite", "none-of-these"}
    assert {one["predicted"] for one in told["results"]} == {"pearlite"}


def test_a_versions_report_has_its_numbers(signed_in, version):  # noqa: F811 # a fixture
    version.metrics = {
        "held_out": 4,
        "accuracy": 0.75,
        "interval": [0.3, 0.95],
        "balanced_accuracy": 0.75,
        "accuracy_without_none_of_these": 1.0,
        "majority": 0.5,
        "scale_only": 0.5,
        "calibration": {"expected_calibration_error": 0.1},
        "outcomes": ["ferrite", "pearlite", "none-of-these"],
        "confusion": [[2, 0, 0], [0, 1, 1], [0, 0, 0]],
        "per_class_recall": {"ferrite": 1.0, "pearlite": 0.5},
        "counts": {"ferrite": 2, "pearlite": 2},
    }
    version.save()
    told = signed_in.get(f"{BASE}model-versions/1/report/").json()
    assert (told["held_out"], told["measures"][0]["share"], told["operating_point"]) == (4, 0.75, None)
    assert [row["counts"] for row in told["confusion"]] == [[2, 0, 0], [0, 1, 1]]
    check = signed_in.get(f"{BASE}model-versions/check/").json()
    assert ([row["usable"] for row in check["classes"]], check["problems"]) == ([2, 2], [])
