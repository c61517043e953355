"""The learning curve of a version, from the request to the page."""

import json
from pathlib import Path

import numpy as np
import pytest
from django.conf import settings
from django.test import Client

from microdb.accounts.models import User
from microdb.activity.listing import Wanted, listed
from microdb.activity.viewers import Viewer
from microdb.activity.work import Kind
from microdb.errors import MicroDBError
from microdb.jobs import Job
from microdb.training import curves
from microdb.training.curve_report import MORE, curve_report, curve_result
from microdb.training.models import LearningCurve, ModelVersion
from microdb.training.tasks import measure_learning_curve, train_model_version

PAGE = "/datasets/steels/training/1/"
QUICK = {
    "crops": {"size": 64, "smallest": 0.8},
    "pretrained": {"augmented_crops": 1, "background": 16, "ensemble_size": 1},
    "triplets": {"steps": 5},
    "scoring": {"crops_per_image": 16},
}


@pytest.fixture
def version(trained: ModelVersion) -> ModelVersion:
    """As if it was trained with the other recipe."""
    trained.config = {"recipe": "pretrained"}
    trained.save()
    return trained


def measured(right_of_all: int = 18, right_of_half: int = 12, count: int = 20) -> dict[str, object]:
    """Of micrographs that each are a specimen: a class of which half was worth something, and one that was not."""
    flags = {right: np.arange(count) < right for right in (right_of_all, right_of_half)}
    specimens = [f"s{number}" for number in range(count)]
    shares = [(8.0, flags[right_of_half]), (16.0, flags[right_of_all])]
    halved = {"pearlite": (10.0, 20.0, flags[right_of_half]), "ferrite": (6.0, 12.0, flags[right_of_all])}
    return curve_result(specimens, shares, halved)


def curve(version: ModelVersion, **about: object) -> LearningCurve:
    return LearningCurve.objects.create(model_version=version, **about)


def test_a_class_whose_half_was_worth_something_is_named_with_what_more_would_bring(
    signed_in: Client, version: ModelVersion
):
    found = curve_report(curve(version, state=Job.State.DONE, result=measured()))
    assert found is not None
    assert found.best is not None
    assert found.best.name == "pearlite"
    assert found.best.loss == pytest.approx(0.3)
    exponent = np.log(0.4 / 0.1) / np.log(2)
    assert found.best.gain == pytest.approx(0.1 * (1 - ((20 + MORE) / 20) ** -exponent))
    assert found.best.gain_interval.low < found.best.gain < found.best.gain_interval.high
    page = " ".join(signed_in.get(PAGE).text.split())
    assert "More of <strong>pearlite</strong> would probably help most" in page
    assert "nobody has measured it" in page


def test_without_a_clear_loss_no_class_is_named(signed_in: Client, version: ModelVersion):
    found = curve_report(curve(version, state=Job.State.DONE, result=measured(right_of_half=17)))
    assert found is not None
    assert found.best is None
    assert "No class stands out" in signed_in.get(PAGE).text


def test_a_curve_is_measured_by_a_worker(drawn, owner: User):
    Path(settings.CLASSIFIER_CONFIG).write_text(json.dumps(QUICK))
    from microdb.training.services import request_training

    version = request_training(dataset=drawn, by=owner)
    train_model_version(version.pk)
    version.refresh_from_db()
    assert version.state == Job.State.DONE, version.error
    assert version.none_of_these_tests.filter(kind="left_out").count() == 6
    point = version.metrics["operating_point"]
    for kind, rate in {"degraded": point["degraded"]}.items():
        tests = version.none_of_these_tests.filter(kind=kind)
        assert (tests.filter(margin__gt=0).count(), tests.count()) == (rate["hits"], rate["count"])
    for name, rate in point["left_out"].items():
        tests = version.none_of_these_tests.filter(kind="left_out", label=name)
        assert (tests.filter(margin__gt=0).count(), tests.count()) == (rate["hits"], rate["count"])
    asked = curves.request_curve(model_version=version, by=owner)
    measure_learning_curve(asked.pk)
    asked.refresh_from_db()
    assert (asked.state, asked.error) == (Job.State.DONE, "")
    found = curve_report(asked)
    assert found is not None
    assert found.held_out == version.metrics["held_out"]
    assert found.points[-1].micrographs >= found.points[0].micrographs


def test_a_curve_is_asked_for_once_and_again_after_it_failed(version: ModelVersion, owner: User):
    asked = curves.request_curve(model_version=version, by=owner)
    with pytest.raises(MicroDBError, match="is queued already"):
        curves.request_curve(model_version=version, by=owner)
    LearningCurve.objects.claim(asked.pk).fail("Something broke.")
    assert curves.request_curve(model_version=version, by=owner).state == Job.State.QUEUED
    assert LearningCurve.objects.count() == 1


def test_the_recipe_that_trains_its_encoder_has_none(trained: ModelVersion, owner: User):
    with pytest.raises(MicroDBError, match="recipe “pretrained”"):
        curves.request_curve(model_version=trained, by=owner)


def test_the_page_starts_shows_and_cancels_it(signed_in: Client, version: ModelVersion):
    assert "Measure the learning curve" in signed_in.get(PAGE).text
    signed_in.post(f"{PAGE}learning-curve/")
    LearningCurve.objects.claim(LearningCurve.objects.get().pk).heartbeat(0.4, "encoding: micrograph 3 of 6")
    assert "micrograph 3 of 6" in signed_in.get(f"{PAGE}learning-curve/progress/").text
    signed_in.post(f"{PAGE}learning-curve/cancel/")
    assert signed_in.get(f"{PAGE}learning-curve/progress/")["HX-Refresh"] == "true"
    assert "was cancelled" in signed_in.get(PAGE).text


def test_it_is_listed_as_work_with_its_progress_and_can_be_cancelled_and_retried(
    signed_in: Client, version: ModelVersion, owner: User
):
    asked = curves.request_curve(model_version=version, by=owner)
    LearningCurve.objects.claim(asked.pk).heartbeat(0.4, "encoding")
    (work,) = listed(Viewer.of(owner), Wanted(kinds=[Kind.CURVE])).work
    assert (work.title, work.progress, work.state) == ("Learning curve of version 1", 0.4, "running")
    page = signed_in.get("/jobs/").text
    assert "encoding" in page
    assert "of 1 scored" not in page
    signed_in.post(f"/jobs/{work.id}/cancel/")
    assert LearningCurve.objects.get().state == Job.State.CANCELLED
    signed_in.post(f"/jobs/{work.id}/retry/")
    assert LearningCurve.objects.get().state == Job.State.QUEUED


def test_the_api_starts_it_and_tells_its_result(signed_in: Client, version: ModelVersion):
    address = "/api/v1/datasets/steels/model-versions/1/learning-curve/"
    assert signed_in.get(address).status_code == 404
    answer = signed_in.post(address)
    assert (answer.status_code, answer.json()["state"], answer.json()["result"]) == (202, "queued", None)
    LearningCurve.objects.update(state=Job.State.DONE, result=measured())
    found = signed_in.get(address).json()["result"]
    assert found["best"] == "pearlite"
    assert found["classes"][0]["gain_interval"]["low"] >= 0
    assert signed_in.post(f"{address}cancel/").json()["state"] == "done"
