"""What changed since a version was trained, and a training that would change nothing."""

import pytest
from django.test import Client

from microdb.accounts.models import User
from microdb.jobs import Job
from microdb.micrographs.services import set_label
from microdb.training.changed_labels import Since, since_training
from microdb.training.models import ModelVersion
from microdb.training.services import NothingChangedError, request_training
from tests.trained import AddDrawn


@pytest.fixture
def version(trained: ModelVersion) -> ModelVersion:
    """One that keeps what was asked for."""
    trained.asked = {}
    trained.save()
    return trained


def test_a_changed_label_is_counted_and_shown_beside_the_old_one(signed_in: Client, version: ModelVersion, owner: User):
    assert since_training(version) == Since(0, 0)
    one = version.dataset.micrographs.filter(split="train", material_class__name="ferrite")[0]
    set_label(micrographs=[one], label="none-of-these", by=owner)
    assert since_training(version) == Since(1, 0)
    assert "1 label was changed" in signed_in.get("/datasets/steels/training/1/").text
    (entry,) = signed_in.get("/datasets/steels/training/1/changed/").context["page"]
    assert (entry.micrograph, entry.label, entry.label_now) == (one, "ferrite", "none-of-these")
    (row,) = signed_in.get("/api/v1/datasets/steels/model-versions/1/changed-labels/").json()["results"]
    assert (row["label"], row["label_now"]) == ("ferrite", "none-of-these")


def test_a_removed_label_is_a_changed_one_and_an_added_micrograph_is_counted(
    version: ModelVersion, owner: User, add_drawn: AddDrawn
):
    one = version.dataset.micrographs.filter(split="train")[0]
    set_label(micrographs=[one], label="", by=owner)
    add_drawn("pearlite", 20, split="train")
    add_drawn("pearlite", 21, split="quiz")
    assert since_training(version) == Since(1, 1)


def test_the_same_micrographs_settings_and_seed_are_not_trained_again(version: ModelVersion, owner: User):
    with pytest.raises(NothingChangedError, match="Nothing has changed since version 1") as refused:
        request_training(dataset=version.dataset, by=owner)
    assert refused.value.other_seed == 1
    assert request_training(dataset=version.dataset, by=owner, seed=1).asked == {}
    assert request_training(dataset=version.dataset, by=owner, config={"triplets": {"steps": 5}}).number == 3


def test_a_changed_label_allows_the_same_seed_again(version: ModelVersion, owner: User, add_drawn: AddDrawn):
    add_drawn("pearlite", 22, split="train")
    assert request_training(dataset=version.dataset, by=owner).number == 2


def test_the_page_offers_another_seed(signed_in: Client, version: ModelVersion):
    answer = signed_in.post("/datasets/steels/training/new/", {"seed": 0})
    assert answer.status_code == 400
    assert "Nothing has changed since version 1" in answer.text
    assert "Train anyway, with seed 1" in " ".join(answer.text.split())
    assert signed_in.post("/datasets/steels/training/new/", {"seed": 0, "other_seed": 1}).status_code == 302
    assert ModelVersion.objects.get(number=2).seed == 1


def test_the_api_says_that_nothing_has_changed(signed_in: Client, version: ModelVersion):
    answer = signed_in.post("/api/v1/datasets/steels/model-versions/", {"seed": 0}, "application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, "nothing_changed")


def test_a_failed_training_can_be_repeated_as_it_was(version: ModelVersion, owner: User):
    ModelVersion.objects.filter(pk=version.pk).update(state=Job.State.FAILED, is_active=False)
    assert request_training(dataset=version.dataset, by=owner).number == 2


def test_the_report_tells_device_seconds_code_and_what_settings_mean(signed_in: Client, trained: ModelVersion):
    page = signed_in.get("/datasets/steels/training/1/").text
    for text in (
        trained.metrics["device"],
        trained.metrics["code"],
        trained.dataset_version.sha256,
        "triplets.steps",
        "Peak of the one-cycle schedule (AdamW).",
    ):
        assert text in page
