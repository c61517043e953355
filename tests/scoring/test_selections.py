"""A selection of the gallery, and what was scored before, are scored as one batch."""

import pytest
from django.test import Client

from microdb.accounts.models import User
from microdb.accounts.services import create_api_token
from microdb.micrographs.models import Membership, Micrograph
from microdb.micrographs.services import trash_micrographs
from microdb.scoring.models import Batch
from microdb.scoring.services import BatchInput, create_batch
from microdb.training.models import ModelVersion
from microdb.training.services import activate
from tests.scoring.batch_api import Api
from tests.scoring.verdicts import verdict


@pytest.fixture
def micrographs(trained: ModelVersion) -> list[Micrograph]:
    return list(trained.dataset.micrographs.order_by("created_at", "pk"))


@pytest.fixture
def later(trained: ModelVersion) -> ModelVersion:
    """A version that is active instead."""
    version = ModelVersion.objects.create(
        dataset=trained.dataset,
        dataset_version=trained.dataset_version,
        number=2,
        classes=trained.classes,
        state="done",
    )
    activate(model_version=version)
    return version


def scored_in(batch: Batch) -> list[object]:
    return list(batch.items.order_by("position").values_list("micrograph", flat=True))


def test_chosen_tiles_are_scored_as_a_batch(micrographs, signed_in: Client):
    chosen = [str(one.pk) for one in micrographs[2:4]]
    answer = signed_in.post("/datasets/steels/scores/selected/", {"micrograph": chosen})
    made = Batch.objects.get()
    assert answer.url == f"/batches/{made.pk}/"
    assert scored_in(made) == [one.pk for one in micrographs[2:4]]


def test_all_that_a_filter_matches_is_scored(micrographs, signed_in: Client):
    given = {"everything": "1", "query": "label=pearlite&split=train"}
    signed_in.post("/datasets/steels/scores/selected/", given)
    assert scored_in(Batch.objects.get()) == [
        one.pk for one in micrographs if (one.label, one.split) == ("pearlite", "train")
    ]


def test_nothing_chosen_makes_no_batch(trained, signed_in: Client):
    page = signed_in.post("/datasets/steels/scores/selected/", {}, follow=True)
    assert "There is nothing to score" in page.text
    assert not Batch.objects.exists()


def test_what_an_old_version_scored_is_scored_again(trained, micrographs, later, signed_in: Client):
    for one in micrographs[:4]:
        verdict(trained, one, "ferrite")
    verdict(later, micrographs[0], "ferrite")
    trash_micrographs(micrographs=[micrographs[1]], by=None)
    assert "Score again with version 2 what version 1 has scored" in " ".join(
        signed_in.get("/datasets/steels/scores/?version=1").text.split()
    )
    assert "Score again with" not in signed_in.get("/datasets/steels/scores/?version=2").text
    signed_in.post("/datasets/steels/scores/again/1/")
    made = Batch.objects.get()
    assert made.model_version == later
    assert scored_in(made) == [one.pk for one in micrographs[2:4]]


def test_a_batch_is_scored_again_with_the_active_version(trained, micrographs, later, signed_in: Client):
    items = [BatchInput(one.filename, one) for one in micrographs[3:0:-1]]
    first = create_batch(model_version=trained, items=items, by=None)
    assert "Score again with version 2" in signed_in.get(f"/batches/{first.pk}/").text
    signed_in.post(f"/batches/{first.pk}/again/")
    made = Batch.objects.exclude(pk=first.pk).get()
    assert (made.model_version, scored_in(made)) == (later, [one.pk for one in micrographs[3:0:-1]])
    assert "Score again with version" not in signed_in.get(f"/batches/{made.pk}/").text


def test_the_api_scores_again(trained, micrographs, later, api: Api):
    for one in micrographs[:2]:
        verdict(trained, one, "ferrite")
    made = api.post(json={"scored_by": 1}, status=202)
    assert (made["total"], made["model_version"]) == (2, 2)
    again = api.post(json={"again": made["id"], "model_version": 1}, status=202)
    assert (again["total"], again["done"]) == (2, 2)
    assert api.post(json={"scored_by": 9}, status=404)
    assert api.post(json={"scored_by": 1, "again": made["id"]}, status=400)
    assert api.post(json={"scored_by": 1, "micrographs": [str(micrographs[0].pk)]}, status=400)
    assert api.post(json={"scored_by": 2}, status=400)["code"] == "empty"


def test_labellers_score_nothing(trained, micrographs, stranger: User):
    Membership.objects.create(dataset=trained.dataset, user=stranger, role="labeller")
    client = Client()
    client.force_login(stranger)
    chosen = {"micrograph": [str(micrographs[0].pk)]}
    assert client.post("/datasets/steels/scores/selected/", chosen).status_code == 403
    assert client.post("/datasets/steels/scores/again/1/").status_code == 403
    token = {"authorization": "Token " + create_api_token(user=stranger, scopes=["read", "score"])[1]}
    path = "/api/v1/datasets/steels/batches/"
    refused = client.post(path, {"scored_by": 1}, content_type="application/json", headers=token)
    assert refused.status_code == 403
