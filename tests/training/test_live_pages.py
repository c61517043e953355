"""A training's state is shown once on its page, and its list changes with it."""

import re

import pytest
from django.test import Client

from microdb.micrographs.models import Dataset
from microdb.micrographs.services import freeze_dataset
from microdb.training.models import ModelVersion

pytestmark = pytest.mark.django_db


@pytest.fixture
def version(dataset: Dataset) -> ModelVersion:
    frozen = freeze_dataset(dataset=dataset)
    return ModelVersion.objects.create(dataset=dataset, dataset_version=frozen, number=1, classes=["ferrite"])


def test_the_heading_and_the_card_of_a_training_are_one_fragment(signed_in: Client, version: ModelVersion) -> None:
    ModelVersion.objects.update(state="running", progress=0.04)
    for path in ("/datasets/steels/training/1/", "/datasets/steels/training/1/progress/"):
        text = signed_in.get(path).content.decode()
        assert "<h2>" in text
        assert len(re.findall(r'class="badge running">running\s+4 %', text)) == 1
        assert "queued" not in text


def test_the_list_follows_its_trainings_until_all_have_ended(signed_in: Client, version: ModelVersion) -> None:
    address, headers = "/datasets/steels/training/", {"HX-Request": "true"}
    first = signed_in.get(address, headers=headers)
    assert "every 2s" in first.content.decode()
    known = {**headers, "If-None-Match": first["ETag"]}
    assert signed_in.get(address, headers=known).status_code == 304
    ModelVersion.objects.update(state="failed")
    again = signed_in.get(address, headers=known).content.decode()
    assert "every 2s" not in again
    assert "failed" in again
