"""Tokens over the API, and what a token may reach."""

import json
from typing import Any

import pytest
from django.test import Client

from microdb.accounts.models import ApiToken, IdempotencyKey, User
from microdb.accounts.services import create_api_token, find_api_token
from microdb.micrographs.models import Dataset, Membership, Role

TOKENS = "/api/v1/tokens/"


def client_of(user: User, *scopes: str, **fields: Any) -> tuple[Client, ApiToken]:
    token, secret = create_api_token(user=user, scopes=scopes or ["read"], **fields)
    return Client(headers={"authorization": f"Token {secret}"}), token


def send(client: Client, method: str, path: str, body: Any = None, **headers: str) -> Any:
    return client.generic(method, path, json.dumps(body or {}), content_type="application/json", headers=headers)


@pytest.fixture
def other(owner: User) -> Dataset:
    dataset = Dataset.objects.create(name="Brass", slug="brass")
    Membership.objects.create(dataset=dataset, user=owner, role=Role.OWNER)
    return dataset


def test_a_person_makes_a_token_whose_secret_is_answered_once(signed_in: Client, owner: User, dataset: Dataset):
    body = {"name": "nightly", "scopes": ["read", "score"], "datasets": ["steels"]}
    first = send(signed_in, "POST", TOKENS, body, **{"idempotency-key": "a"})
    again = send(signed_in, "POST", TOKENS, body, **{"idempotency-key": "a"})
    assert (first.status_code, again.status_code) == (201, 200)
    secret = first.json().pop("secret")
    assert find_api_token(secret=secret) == owner.api_tokens.get()
    assert again.json() == {**first.json(), "secret": None}
    assert first.json()["datasets"] == ["steels"]
    assert secret not in json.dumps(list(IdempotencyKey.objects.values_list("answer", flat=True)))


def test_a_token_makes_no_token_and_widens_none(owner: User):
    client, token = client_of(owner, *ApiToken.Scope.values)
    made = send(client, "POST", TOKENS, {"scopes": ["read"]})
    changed = send(client, "PATCH", f"{TOKENS}{token.pk}/", {"expires_at": None})
    for answer in (made, changed):
        assert (answer.status_code, answer.json()["code"]) == (403, "sign_in_needed")
    assert owner.api_tokens.count() == 1


def test_a_token_sees_itself_alone_and_a_person_all_of_theirs(signed_in: Client, owner: User, stranger: User):
    client, token = client_of(owner, "score")
    _client, second = client_of(owner)
    _client, foreign = client_of(stranger)
    assert [row["id"] for row in client.get(TOKENS).json()["results"]] == [token.pk]
    assert [row["id"] for row in signed_in.get(TOKENS).json()["results"]] == [second.pk, token.pk]
    assert client.get(f"{TOKENS}current/").json()["id"] == token.pk
    assert client.get(f"{TOKENS}{second.pk}/").status_code == 404
    assert signed_in.get(f"{TOKENS}{foreign.pk}/").status_code == 404
    assert signed_in.get(f"{TOKENS}current/").status_code == 404


def test_a_token_rotates_and_revokes_itself(owner: User):
    client, token = client_of(owner, "score")
    answer = send(client, "POST", f"{TOKENS}{token.pk}/rotate/")
    renewed = Client(headers={"authorization": f"Token {answer.json()['secret']}"})
    assert [at.get(f"{TOKENS}current/").status_code for at in (client, renewed)] == [200, 200]
    assert renewed.delete(f"{TOKENS}{token.pk}/").status_code == 204
    assert [at.get(f"{TOKENS}current/").status_code for at in (client, renewed)] == [401, 401]


@pytest.mark.parametrize(
    "body",
    [
        {"scopes": []},
        {"scopes": ["fly"]},
        {"datasets": ["brass", "nowhere"]},
        {"expires_at": "2020-01-01T00:00:00Z"},
        {"name": "n" * 101},
    ],
)
def test_a_wrong_field_is_named(signed_in: Client, owner: User, dataset: Dataset, body: dict[str, Any]):
    answer = send(signed_in, "POST", TOKENS, body)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, list(body))
    assert not owner.api_tokens.exists()


def test_a_person_changes_a_token(signed_in: Client, owner: User, dataset: Dataset):
    _client, token = client_of(owner, "read")
    answer = send(signed_in, "PATCH", f"{TOKENS}{token.pk}/", {"datasets": ["steels"], "name": "n"})
    assert (answer.json()["datasets"], answer.json()["name"], answer.json()["scopes"]) == (["steels"], "n", ["read"])


def test_a_restricted_token_reaches_its_datasets_alone(owner: User, dataset: Dataset, other: Dataset):
    client, _token = client_of(owner, "read", "upload", "curate", only_datasets=[dataset.pk])
    assert [row["slug"] for row in client.get("/api/v1/datasets/").json()["results"]] == ["steels"]
    assert client.get("/api/v1/datasets/steels/micrographs/").status_code == 200
    for path in ("", "micrographs/", "classes/", "model-versions/", "batches/", "specimens/"):
        assert client.get(f"/api/v1/datasets/brass/{path}").status_code == 404, path
    assert client.delete("/api/v1/datasets/brass/").status_code == 404
    assert send(client, "POST", "/api/v1/datasets/", {"name": "New"}).status_code == 403
    assert Dataset.objects.filter(trashed_at=None).count() == 2


def test_an_administrators_token_is_restricted_too(owner: User, dataset: Dataset, other: Dataset):
    User.objects.filter(pk=owner.pk).update(is_superuser=True)
    client, _token = client_of(owner, only_datasets=[other.pk])
    assert [row["slug"] for row in client.get("/api/v1/datasets/").json()["results"]] == ["brass"]


def test_a_restriction_gives_no_rights(stranger: User, dataset: Dataset):
    client, _token = client_of(stranger, only_datasets=[dataset.pk])
    assert client.get("/api/v1/datasets/steels/").status_code == 404


def test_only_curate_deletes(owner: User, dataset: Dataset):
    others = [scope for scope in ApiToken.Scope.values if scope != "curate"]
    answer = client_of(owner, *others)[0].delete("/api/v1/datasets/steels/")
    assert (answer.status_code, answer.json()["code"]) == (403, "missing_scope")
    assert "the scope curate; yours has read, upload, train, score, quiz" in answer.json()["message"]
    assert client_of(owner, "curate")[0].delete("/api/v1/datasets/steels/").status_code == 204
    dataset.refresh_from_db()
    assert dataset.trashed_at
