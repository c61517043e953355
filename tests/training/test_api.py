"""Model versions over the REST API."""

import pytest
from django.test import Client

from microdb.accounts.models import User
from microdb.accounts.services import create_api_token
from microdb.micrographs.models import Dataset
from microdb.micrographs.services import set_split
from microdb.training.models import ModelVersion

VERSIONS = "/api/v1/datasets/steels/model-versions/"


@pytest.fixture
def token(owner: User) -> dict[str, str]:
    return {"authorization": "Token " + create_api_token(user=owner, scopes=["read", "train"])[1]}


def test_a_training_is_started_followed_and_cancelled(client: Client, drawn: Dataset, token):
    started = client.post(VERSIONS, {"seed": 7}, content_type="application/json", headers=token)
    assert started.status_code == 202
    assert started.json() | {"number": 1, "state": "queued", "seed": 7} == started.json()
    assert client.get(f"{VERSIONS}1/", headers=token).json()["progress"] == 0
    assert client.post(f"{VERSIONS}1/cancel/", headers=token).json()["state"] == "cancelled"
    assert client.get(VERSIONS, headers=token).json()["count"] == 1


def test_an_idempotency_key_starts_one_training(client: Client, drawn: Dataset, token):
    headers = token | {"idempotency-key": "nightly"}
    first = client.post(VERSIONS, {}, content_type="application/json", headers=headers)
    again = client.post(VERSIONS, {}, content_type="application/json", headers=headers)
    assert (first.status_code, again.status_code) == (202, 200)
    assert again.json()["number"] == first.json()["number"]
    assert ModelVersion.objects.count() == 1


def test_a_dataset_that_cannot_train_answers_with_code_and_sentence(client: Client, dataset: Dataset, token):
    answer = client.post(VERSIONS, {}, content_type="application/json", headers=token)
    assert answer.status_code == 400
    assert answer.json()["code"] == "not_trainable"
    assert "0 micrographs to train on" in answer.json()["message"]


def test_micrographs_without_a_split_train_when_asked(client: Client, drawn: Dataset, token, owner: User):
    set_split(micrographs=drawn.micrographs.filter(split="train"), split="", by=owner)
    answer = client.post(VERSIONS, {"include_unsplit": True}, content_type="application/json", headers=token)
    assert answer.status_code == 202


def test_a_trained_version_shows_its_metrics_and_can_be_activated(client: Client, trained: ModelVersion, token):
    body = client.get(f"{VERSIONS}1/", headers=token).json()
    assert body["classes"] == ["ferrite", "pearlite"]
    assert body["metrics"]["counts"] == {"ferrite": 3, "pearlite": 3}
    assert client.post(f"{VERSIONS}1/activate/", headers=token).json()["is_active"] is True


def test_a_token_without_the_scope_starts_nothing(client: Client, drawn: Dataset, owner: User):
    reader = {"authorization": "Token " + create_api_token(user=owner, scopes=["read", "score"])[1]}
    assert client.post(VERSIONS, {}, content_type="application/json", headers=reader).status_code == 403
    assert client.get(VERSIONS, headers=reader).status_code == 200


def test_a_stranger_finds_no_dataset(client: Client, drawn: Dataset, stranger: User):
    other = {"authorization": "Token " + create_api_token(user=stranger, scopes=["read", "train"])[1]}
    assert client.post(VERSIONS, {}, content_type="application/json", headers=other).status_code == 404


@pytest.mark.parametrize(
    ("body", "code", "part"),
    [
        ({"config": {"mixture": {"false_rejection": 7}}}, "bad_config", "mixture.false_rejection must lie between"),
        ({"config": {"mixtur": {}}}, "bad_config", "Unknown settings in the configuration: mixtur"),
        ({"config": {"triplets": {"steps": "many"}}}, "bad_config", "triplets.steps should be like"),
        ({"config": []}, "invalid", "Some fields"),
        ({"seed": -1}, "invalid", "Some fields"),
        ({"sed": 1}, "invalid", "Some fields"),
    ],
)
def test_settings_with_which_it_could_not_train_are_refused_at_once(client: Client, drawn, token, body, code, part):
    answer = client.post(VERSIONS, body, content_type="application/json", headers=token)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert part in answer.json()["message"]
    assert not ModelVersion.objects.exists()
