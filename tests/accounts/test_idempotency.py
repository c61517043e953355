"""A POST with an Idempotency-Key is carried out once, whatever is sent again under the key."""

import json
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import URLPattern
from django.utils import timezone

from microdb.accounts import idempotency
from microdb.accounts.models import IdempotencyKey, User
from microdb.accounts.services import KEYS_KEPT, create_api_token, drop_old_keys
from microdb.api_urls import urlpatterns
from microdb.micrographs.models import Dataset, Micrograph

DATASETS = "/api/v1/datasets/"
MICROGRAPHS = f"{DATASETS}steels/micrographs/"
CLASSES = f"{DATASETS}steels/classes/"


@pytest.fixture
def token(owner: User) -> dict[str, str]:
    return {"authorization": "Token " + create_api_token(user=owner, scopes=["read", "upload"])[1]}


Post = Callable[..., Any]


@pytest.fixture
def post(client: Client, token: dict[str, str]) -> Post:
    """``post(path, body, key="monday")``; JSON, unless the body holds a file."""

    def send(path: str, body: dict[str, Any], key: str = "monday", headers: dict[str, str] | None = None) -> Any:
        headers = (headers or token) | ({"idempotency-key": key} if key else {})
        if any(hasattr(value, "read") for value in body.values()):
            return client.post(path, body, headers=headers)
        return client.post(path, json.dumps(body), content_type="application/json", headers=headers)

    return send


def test_the_same_request_again_makes_nothing_and_is_answered_as_the_first_was(post: Post):
    first = post(DATASETS, {"name": "Nickel", "class_names": ["a", "b"]})
    again = post(DATASETS, {"class_names": ["a", "b"], "name": "Nickel"})
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert Dataset.objects.filter(name="Nickel").count() == 1


def test_without_a_key_and_with_another_key_each_request_counts(post: Post):
    slugs = [post(DATASETS, {"name": "Nickel"}, key=key).json()["slug"] for key in ("", "", "monday", "tuesday")]
    assert slugs == ["nickel", "nickel-2", "nickel-3", "nickel-4"]


@pytest.mark.parametrize(
    ("path", "body"), [(DATASETS, {"name": "Iron"}), (DATASETS, {"name": "Nickel", "scale_free": True})]
)
def test_another_body_under_the_same_key_is_a_conflict_and_makes_nothing(post: Post, path: str, body: dict[str, Any]):
    post(DATASETS, {"name": "Nickel"})
    answer = post(path, body)
    assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_key_reused")
    assert "Send a new key" in answer.json()["message"]
    assert Dataset.objects.count() == 1


def test_the_same_body_at_another_address_is_a_conflict(post: Post, dataset: Dataset):
    post(DATASETS, {"name": "Nickel"})
    assert post(CLASSES, {"name": "Nickel"}).status_code == 409
    assert not dataset.material_classes.filter(name="Nickel").exists()


def test_other_files_under_the_same_key_are_unprocessable(post: Post, dataset: Dataset, png: Callable[..., bytes]):
    def upload(seed: int, name: str = "a.png", **fields: str) -> Any:
        return post(MICROGRAPHS, {"file": SimpleUploadedFile(name, png(seed)), **fields})

    first = upload(1)
    assert (first.status_code, upload(1).status_code) == (201, 200)
    for other in (upload(2), upload(1, name="b.png")):
        assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_other_files")
    assert upload(1, specimen="S1").status_code == 409
    assert Micrograph.objects.count() == 1


def test_a_request_that_failed_may_be_mended_under_its_key(post: Post):
    assert post(DATASETS, {"name": ""}).status_code == 400
    assert post(DATASETS, {"name": "Nickel"}).status_code == 201


def test_two_people_may_use_the_same_key(post: Post, stranger: User):
    theirs = {"authorization": "Token " + create_api_token(user=stranger, scopes=["read", "upload"])[1]}
    assert post(DATASETS, {"name": "Nickel"}).status_code == 201
    assert post(DATASETS, {"name": "Iron"}, headers=theirs).status_code == 201


def test_a_key_that_is_too_long_is_refused(post: Post):
    answer = post(DATASETS, {"name": "Nickel"}, key="x" * 201)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_key")
    assert not Dataset.objects.exists()


def test_a_thing_and_its_key_are_stored_together_or_not_at_all(post: Post, monkeypatch: pytest.MonkeyPatch):
    def killed(*_: Any, **__: Any) -> None:
        raise SystemExit

    monkeypatch.setattr(IdempotencyKey.objects, "create", killed)
    with pytest.raises(SystemExit):
        post(DATASETS, {"name": "Nickel"})
    assert not Dataset.objects.exists()
    monkeypatch.undo()
    assert post(DATASETS, {"name": "Nickel"}).json()["slug"] == "nickel"


@pytest.mark.django_db(transaction=True)
def test_the_same_request_twice_at_once_makes_one_thing(token: dict[str, str]):
    answers: list[tuple[int, str]] = []
    start = threading.Barrier(4)

    def send() -> None:
        start.wait()
        body = json.dumps({"name": "Nickel"})
        headers = token | {"idempotency-key": "monday"}
        answer = Client().post(DATASETS, body, content_type="application/json", headers=headers)
        answers.append((answer.status_code, answer.json()["slug"]))
        connection.close()

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [(200, "nickel")] * 3 + [(201, "nickel")]


@pytest.mark.django_db(transaction=True)
def test_a_request_whose_twin_takes_long_is_told_to_come_back(post: Post, owner: User, monkeypatch):
    monkeypatch.setattr(idempotency, "LONGEST_WAIT", 0.0)
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with idempotency._locked(f"{owner.pk} monday"):
            held.set()
            done.wait(30)
        connection.close()

    other = threading.Thread(target=hold)
    other.start()
    held.wait(30)
    answer = post(DATASETS, {"name": "Nickel"})
    done.set()
    other.join()
    assert (answer.status_code, answer.json()["code"]) == (409, "in_progress")
    assert post(DATASETS, {"name": "Nickel"}).status_code == 201


def handlers() -> Iterator[tuple[str, Any]]:
    """Each POST of the API, with the function that handles it."""
    for pattern in urlpatterns:
        assert isinstance(pattern, URLPattern)
        view = getattr(pattern.callback, "view_class", None)
        if view and hasattr(view, "post") and "post" in view.http_method_names:
            handler = view.create if hasattr(view, "create") and "post" not in vars(view) else view.post
            yield str(pattern.pattern), handler


@pytest.mark.parametrize(("path", "handler"), list(handlers()))
def test_every_post_takes_a_key(path: str, handler: Any):
    assert handler.__code__ is idempotency.idempotent(lambda: None).__code__, path


def test_a_key_is_forgotten_after_seven_days(post: Post):
    assert post(DATASETS, {"name": "Steels"}).status_code == 201
    assert drop_old_keys() == 0
    IdempotencyKey.objects.update(created_at=timezone.now() - KEYS_KEPT - timedelta(minutes=1))
    assert drop_old_keys() == 1
    assert post(DATASETS, {"name": "Steels"}).status_code == 201
