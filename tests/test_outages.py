"""A full disk and a database that is away: nothing is half-stored, nothing is refused for it, and people are told."""

import errno
import io
import json
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import Client, override_settings

from microdb.accounts.models import User
from microdb.accounts.services import create_api_token
from microdb.jobs import Job
from microdb.micrographs import services
from microdb.micrographs.models import Dataset, Micrograph, Reading
from microdb.micrographs.reading import isolation, reading_server
from microdb.micrographs.tasks import read_micrograph
from microdb.storage import WholeFileStorage

UPLOAD = "/datasets/steels/upload/"
MICROGRAPHS = "/api/v1/datasets/steels/micrographs/"
Png = Callable[..., bytes]


@pytest.fixture(autouse=True)
def media(settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Every file is written in part, and then there is no space; ``undo()`` makes some."""

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(WholeFileStorage, "_flush", full)
    return monkeypatch


def files(media: Path) -> list[str]:
    return sorted(str(path.relative_to(media)) for path in media.rglob("*") if path.is_file())


def test_a_file_that_could_not_be_written_whole_is_not_there(media: Path):
    class Breaks(ContentFile):
        def chunks(self, chunk_size: Any = None):
            yield b"the first half"
            raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        default_storage.save("masters/a", Breaks(b"x"))
    assert files(media) == []


def test_two_files_of_one_name_are_two_files(media: Path):
    first, second = (default_storage.save("masters/a", ContentFile(content)) for content in (b"1", b"2"))
    assert first == "masters/a"
    assert [default_storage.open(name).read() for name in (first, second)] == [b"1", b"2"]
    assert len(files(media)) == 2


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_an_upload_to_a_full_disk_hears_so_and_leaves_nothing(
    signed_in: Client, dataset: Dataset, png: Png, media: Path, full_disk, accept: str
):
    answer = signed_in.post(UPLOAD, {"file": SimpleUploadedFile("a.png", png())}, headers={"accept": accept})
    assert (answer.status_code, answer["Retry-After"]) == (507, "300")
    assert "disk is full" in (answer.json()["message"] if "json" in accept else answer.text)
    assert (Micrograph.objects.count(), files(media)) == (0, [])
    full_disk.undo()
    again = signed_in.post(UPLOAD, {"file": SimpleUploadedFile("a.png", png())}, headers={"accept": "application/json"})
    assert again.status_code == 201


def test_the_api_answers_507_with_a_code(client: Client, owner: User, dataset: Dataset, png: Png, media, full_disk):
    headers = {"authorization": "Token " + create_api_token(user=owner, scopes=["upload"])[1]}
    answer = client.post(MICROGRAPHS, {"file": SimpleUploadedFile("a.png", png())}, headers=headers)
    assert (answer.status_code, answer.json()["code"], answer["Retry-After"]) == (507, "disk_full", "300")
    assert (Micrograph.objects.count(), files(media)) == (0, [])


def test_a_full_disk_while_the_body_arrives_is_a_507_too(signed_in: Client, dataset: Dataset, png: Png, settings):
    settings.FILE_UPLOAD_HANDLERS = ["tests.test_outages.FullDiskHandler"]
    signed_in.raise_request_exception = False
    for accept in ("text/html", "application/json"):
        answer = signed_in.post(UPLOAD, {"file": SimpleUploadedFile("a.png", png())}, headers={"accept": accept})
        assert (answer.status_code, "disk is full" in answer.text) == (507, True)


class FullDiskHandler(FileUploadHandler):
    """Stands for Django's handler of large files, which finds no space in the folder of temporary files."""

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    def file_complete(self, file_size: int) -> None:
        return None


@pytest.mark.parametrize("pieces", [0, 1])
def test_a_reading_waits_for_space_and_refuses_nothing(
    dataset: Dataset, owner: User, png: Png, media: Path, monkeypatch, pieces: int
):
    one = services.add_micrograph(dataset=dataset, file=io.BytesIO(png()), filename="a.png", by=owner)
    written: list[str] = []
    flush = WholeFileStorage._flush

    def full(storage: WholeFileStorage, name: str) -> None:
        if len(written) == pieces:
            raise OSError(errno.ENOSPC, "No space left on device")
        written.append(name)
        flush(storage, name)

    monkeypatch.setattr(WholeFileStorage, "_flush", full)
    for _ in range(5):
        written.clear()
        read_micrograph(str(one.pk))
        reading = Reading.objects.get()
        assert (reading.state, reading.deliveries) == (Job.State.QUEUED, 0)
        assert "disk is full" in reading.progress_message
        assert files(media) == [one.master.name]
    monkeypatch.undo()
    read_micrograph(str(one.pk))
    one.refresh_from_db()
    assert one.state == Micrograph.State.READY


def test_a_child_without_space_for_its_output_does_not_blame_the_file(
    dataset: Dataset, owner: User, png: Png, media: Path, monkeypatch
):
    def full(self: Path, data: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    one = services.add_micrograph(dataset=dataset, file=io.BytesIO(png()), filename="a.png", by=owner)
    request = isolation._request(Path(one.master.path), None) | {"output": str(media)}
    assert reading_server.respond(request) == {"outcome": "disk_full"}


@pytest.fixture
def database_away(db) -> Iterator[None]:
    def away(*_: object, **__: object) -> None:
        raise OperationalError("connection refused")

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(BaseDatabaseWrapper, "cursor", away)
        patched.setattr(BaseDatabaseWrapper, "savepoint", away)
        yield


@pytest.mark.parametrize("path", ["/datasets/", "/accounts/profile/", "/datasets/steels/", "/admin/"])
def test_without_its_database_a_page_answers_503_and_when_to_come_back(
    signed_in: Client, dataset: Dataset, database_away, path: str
):
    signed_in.raise_request_exception = False
    answer = signed_in.get(path)
    assert (answer.status_code, answer["Retry-After"]) == (503, "10")
    assert "The database does not answer" in answer.text


def test_without_its_database_the_api_answers_503_in_json(client: Client, database_away):
    client.raise_request_exception = False
    answer = client.get("/api/v1/datasets/", headers={"authorization": "Token abc"})
    assert (answer.status_code, answer.json()["code"], answer["Retry-After"]) == (503, "database_away", "10")


def test_without_its_queue_an_upload_hears_so_and_leaves_nothing(
    signed_in: Client, dataset: Dataset, png: Png, media: Path, monkeypatch
):
    def away(*_: object, **__: object) -> None:
        raise redis.exceptions.ConnectionError("Connection refused")

    monkeypatch.setattr("django.core.cache.cache.set_many", away)
    signed_in.raise_request_exception = False
    for accept in ("text/html", "application/json"):
        answer = signed_in.post(UPLOAD, {"file": SimpleUploadedFile("a.png", png())}, headers={"accept": accept})
        assert (answer.status_code, answer["Retry-After"]) == (503, "10")
        assert "keeps the queue" in answer.text
    assert (Micrograph.objects.count(), files(media)) == (0, [])


def test_the_login_page_needs_no_database(client: Client, database_away):
    assert client.get("/accounts/login/").status_code == 200


@override_settings(ALLOWED_HOSTS=["microdb.example.org"])
def test_errors_under_the_api_are_json_always(client: Client):
    for path, headers, status in (
        ("/api/v1/no/such/thing/", {"host": "microdb.example.org"}, 404),
        ("/api/v9/", {"host": "microdb.example.org"}, 404),
        ("/api/v1/datasets/", {"host": "elsewhere.example.org"}, 400),
    ):
        answer = client.get(path, headers=headers | {"accept": "text/html"})
        assert (answer.status_code, set(json.loads(answer.content))) == (status, {"code", "message"})


def test_a_bug_under_the_api_is_json_with_its_id(client: Client, owner: User, db, monkeypatch):
    def broken(*_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("microdb.micrographs.api.views.DatasetList.get_queryset", broken)
    headers = {"authorization": "Token " + create_api_token(user=owner, scopes=["read"])[1]}
    answer = Client(raise_request_exception=False).get("/api/v1/datasets/", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (500, "error")
    assert answer.json()["error_id"] in answer.json()["message"]
    assert "secret" not in answer.text


@pytest.fixture(params=["gone", "silent"])
def queue_away(request: pytest.FixtureRequest, settings) -> Iterator[None]:
    """Nothing listens at the address of the queue and the cache, or what listens never answers."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        if request.param == "silent":
            server.listen()
        address = f"redis://127.0.0.1:{server.getsockname()[1]}/0"
        settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": address}}
        yield


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/accounts/login/", {"login": "owner", "password": "wrong"}),
        ("/accounts/password/reset/", {"email": "a@example.org"}),
    ],
)
def test_without_its_queue_signing_in_answers_503_in_words(
    client: Client, owner: User, queue_away, path: str, fields: dict[str, str]
):
    client.raise_request_exception = False
    assert client.get(path).status_code == 200
    answer = client.post(path, fields)
    assert (answer.status_code, answer["Retry-After"]) == (503, "10")
    assert "counts attempts to sign in does not answer" in answer.text
