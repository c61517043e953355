"""What the scores pages show twice, or while something runs, comes from one fragment each."""

import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from microdb.micrographs.models import Dataset
from microdb.micrographs.services import freeze_dataset
from microdb.scoring.models import Score
from microdb.training.models import ModelVersion
from tests.activity.conftest import batch, scores

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def version(dataset: Dataset) -> ModelVersion:
    frozen = freeze_dataset(dataset=dataset)
    about = {"classes": ["ferrite", "pearlite"], "state": "done", "is_active": True}
    return ModelVersion.objects.create(dataset=dataset, dataset_version=frozen, number=1, **about)


def results(client: Client, target: str = "score-results", **headers: str) -> Any:
    return client.get("/datasets/steels/scores/", headers={**HTMX, "HX-Target": target, **headers})


def test_a_dataset_whose_first_model_trains_shows_that_training(signed_in: Client, version: ModelVersion) -> None:
    ModelVersion.objects.update(state="running", progress=0.3, is_active=False)
    page = signed_in.get("/datasets/steels/scores/").content.decode()
    assert "Train a model" not in page
    assert re.search(r"running\s+30 %", page)
    fragment = results(signed_in, "untrained-results").content.decode()
    assert 'id="no-model" hx-swap-oob="true"' in " ".join(fragment.split())
    ModelVersion.objects.update(state="done", progress=1, is_active=True)
    assert results(signed_in, "untrained-results")["HX-Refresh"] == "true"
    assert "HX-Refresh" not in results(signed_in)


def test_a_verdict_takes_the_place_of_nothing_was_scored(signed_in: Client, version: ModelVersion) -> None:
    before = results(signed_in)
    assert "Nothing has been scored yet" in before.content.decode()
    scores(version, 1, state="done")
    after = results(signed_in, **{"If-None-Match": before["ETag"]})
    assert "Nothing has been scored yet" not in after.content.decode()
    assert "ferrite" in after.content.decode()


def test_a_card_with_its_verdict_tells_the_list_of_scores(signed_in: Client, version: ModelVersion) -> None:
    (score,) = scores(version, 1)
    card = f"/scores/{score.pk}/card/"
    waiting = signed_in.get(card, headers=HTMX)
    assert "HX-Trigger" not in waiting
    assert signed_in.get(card, headers={**HTMX, "If-None-Match": waiting["ETag"]}).status_code == 304
    Score.objects.update(state="done", predicted="ferrite", probability=0.9, finished_at=timezone.now())
    assert "scored" in signed_in.get(card, headers=HTMX)["HX-Trigger"]
    own_page = {"HX-Current-URL": f"http://testserver/scores/{score.pk}/"}
    assert signed_in.get(card, headers={**HTMX, **own_page})["HX-Refresh"] == "true"


def test_the_list_is_asked_for_again_only_while_something_is_scored(signed_in: Client, version: ModelVersion) -> None:
    (score,) = scores(version, 1)
    assert "every 2s" in results(signed_in).content.decode()
    score.delete()
    assert "every 2s" not in results(signed_in).content.decode()
    batch(version, *scores(version, 1))
    assert "every 2s" in results(signed_in).content.decode()


def test_a_batch_that_stands_still_is_not_sent_again(signed_in: Client, version: ModelVersion) -> None:
    made = batch(version, *scores(version, 2))
    path = f"/batches/{made.pk}/progress/"
    first = signed_in.get(path)
    assert signed_in.get(path, headers={"If-None-Match": first["ETag"]}).status_code == 304
    Score.objects.filter(batch_items__position=0).update(state="running")
    again = signed_in.get(path, headers={"If-None-Match": first["ETag"]})
    assert "running" in again.content.decode()
