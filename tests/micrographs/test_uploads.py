"""Files sent in several requests: what the tus protocol asks for, and what is kept, refused and stored."""

import hashlib
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from microdb.accounts.models import User
from microdb.accounts.services import create_api_token
from microdb.micrographs import services, tasks
from microdb.micrographs.models import Dataset, Micrograph, Reading, Role, Upload
from microdb.micrographs.uploads import parts
from microdb.micrographs.uploads.running_hash import running_hashes
from tests.micrographs.conftest import rejected, stored_files
from tests.micrographs.tus import UPLOADS, VERSION, Tus, sha256_header


@pytest.fixture(autouse=True)
def folders(settings, media: Path, tmp_path: Path) -> Path:
    """Parts and masters of the test's own, on one disk."""
    settings.UPLOADS = tmp_path / "uploads"
    return settings.UPLOADS


@pytest.fixture
def tus(dataset: Dataset, signed_in: Client) -> Tus:
    return Tus(signed_in)


@pytest.fixture
def image(png: Callable[..., bytes]) -> bytes:
    return png(1)


def code(answer) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def sent_in_two(tus: Tus, content: bytes, address: str = UPLOADS, **fields: object) -> str:
    """The address of an upload whose two halves were sent."""
    address, middle = tus.started(len(content), address, **fields), len(content) // 2
    assert tus.send(address, 0, content[:middle]).headers["Upload-Offset"] == str(middle)
    assert tus.send(address, middle, content[middle:]).status_code == 204
    return address


def test_a_file_in_two_requests_becomes_a_micrograph_like_any_other(
    tus: Tus, image: bytes, media: Path, folders: Path, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks() as sent:
        address = sent_in_two(tus, image, label="pearlite", pixels_per_micrometre=12.5, specimen="S1", split="train")
    micrograph = Micrograph.objects.get()
    told = (micrograph.filename, micrograph.label, micrograph.pixels_per_micrometre, micrograph.scale_source)
    assert told == ("a.png", "pearlite", 12.5, "by_hand")
    assert (micrograph.specimen, micrograph.split, micrograph.state) == ("S1", "train", "reading")
    assert micrograph.sha256 == hashlib.sha256(image).hexdigest()
    assert (media / micrograph.master.name).read_bytes() == image
    assert stored_files(media) == [micrograph.master.name]
    assert list(folders.iterdir()) == []
    assert sent, "no worker was told to read it"
    about = tus.about(address)
    assert (about["state"], about["micrograph"], about["sha256"]) == ("done", str(micrograph.pk), micrograph.sha256)
    assert tus.client.get(UPLOADS).json()["results"] == []


def test_the_master_is_the_part_itself_and_no_copy(tus: Tus, image: bytes, media: Path, folders: Path):
    address = tus.started(len(image))
    inode = next(folders.iterdir()).stat().st_ino
    tus.send(address, 0, image)
    assert (media / Micrograph.objects.get().master.name).stat().st_ino == inode


def test_a_disk_without_links_gets_a_copy(tus: Tus, image: bytes, media: Path, folders: Path, monkeypatch):
    def refuse(*_: object) -> None:
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", refuse)
    sent_in_two(tus, image)
    assert (media / Micrograph.objects.get().master.name).read_bytes() == image
    assert list(folders.iterdir()) == []


def test_the_protocol_is_announced(tus: Tus, image: bytes):
    told = tus.client.options(UPLOADS)
    assert (told.status_code, told.headers["Tus-Version"], told.headers["Tus-Resumable"]) == (204, "1.0.0", "1.0.0")
    assert told.headers["Tus-Extension"] == "creation,termination,checksum,expiration"
    assert int(told.headers["Tus-Max-Size"]) >= 2 * 2**30
    begun = tus.start(len(image))
    assert begun.headers["Location"].startswith("http://testserver/api/v1/datasets/steels/uploads/")
    head = tus.client.head(begun.headers["Location"], headers=VERSION)
    wanted = {"Upload-Offset": "0", "Upload-Length": str(len(image)), "Cache-Control": "no-store"}
    assert wanted.items() <= dict(head.headers).items()
    assert head.headers["Upload-Expires"].endswith("GMT")
    assert head.content == b""


@pytest.mark.parametrize("given", [{}, {"Tus-Resumable": "0.2.2"}])
def test_another_version_is_refused_and_changes_nothing(tus: Tus, image: bytes, given: dict[str, str]):
    address = tus.started(len(image))
    headers = {"Upload-Offset": "0", **given}
    answer = tus.client.patch(address, image, content_type="application/offset+octet-stream", headers=headers)
    assert code(answer) == (412, "tus_version")
    assert answer.headers["Tus-Version"] == "1.0.0"
    assert tus.client.delete(address, headers=given).status_code == 412
    assert tus.client.post(UPLOADS, headers={"Upload-Length": "1", **given}).status_code == 412
    assert tus.offset(address) == 0


@pytest.mark.parametrize("offset", [1, 10**12, "-1", "x", ""])
def test_a_wrong_offset_is_refused(tus: Tus, image: bytes, offset: object):
    address = tus.started(len(image))
    assert tus.send(address, offset, image[:10]).status_code in (400, 409, 413)
    assert tus.offset(address) == 0


def test_the_same_bytes_twice_are_taken_once(tus: Tus, image: bytes):
    address = tus.started(len(image))
    assert tus.send(address, 0, image[:10]).status_code == 204
    assert code(tus.send(address, 0, image[:10])) == (409, "wrong_offset")
    assert tus.offset(address) == 10


def test_more_bytes_than_announced_are_refused(tus: Tus, image: bytes):
    address = tus.started(len(image))
    assert code(tus.send(address, 0, image + b"x")) == (413, "too_large")
    assert tus.offset(address) == 0


def test_a_body_of_another_type_is_refused(tus: Tus, image: bytes):
    address = tus.started(len(image))
    headers = {**VERSION, "Upload-Offset": "0"}
    answer = tus.client.patch(address, image, content_type="application/octet-stream", headers=headers)
    assert answer.status_code == 415


def test_bytes_with_another_checksum_are_not_kept(tus: Tus, image: bytes):
    address = tus.started(len(image))
    assert tus.send(address, 0, image[:100], **sha256_header(image[:100])).status_code == 204
    assert code(tus.send(address, 100, image[100:], **sha256_header(b"other"))) == (460, "checksum_mismatch")
    assert tus.offset(address) == 100
    assert code(tus.send(address, 100, image[100:], **{"Upload-Checksum": "crc32 AAAA"})) == (400, "bad_checksum")
    assert tus.send(address, 100, image[100:], **sha256_header(image[100:])).status_code == 204
    assert Micrograph.objects.get().sha256 == hashlib.sha256(image).hexdigest()


def test_a_file_of_another_hash_than_announced_is_refused(tus: Tus, image: bytes, media: Path, folders: Path):
    address = tus.started(len(image), sha256="0" * 64)
    assert code(tus.send(address, 0, image)) == (400, "sha256_differs")
    assert tus.about(address)["state"] == "refused"
    assert (stored_files(media), list(folders.iterdir())) == ([], [])


@pytest.mark.parametrize("length", ["0", "-5", "x", "", "9" * 30])
def test_a_length_that_is_none_is_refused(tus: Tus, length: str):
    headers = {**VERSION, "Upload-Length": length, "Upload-Metadata": "filename YS5wbmc="}
    assert tus.client.post(UPLOADS, headers=headers).status_code == 400
    assert not Upload.objects.exists()


def test_a_file_over_the_limit_is_refused_before_a_byte_is_sent(tus: Tus, settings, folders: Path):
    assert code(tus.start(settings.UPLOAD_MAX_BYTES + 1)) == (413, "too_large")
    assert not folders.exists()


def test_a_file_that_does_not_fit_on_the_disk_is_refused_before_a_byte_is_sent(tus: Tus, settings, folders: Path):
    settings.UPLOAD_MAX_BYTES = 2**62
    assert code(tus.start(2**61)) == (507, "disk_full")
    assert not Upload.objects.exists()


@pytest.mark.parametrize(
    ("fields", "refused"),
    [
        ({"filename": "a.vsi"}, "unsupported_format"),
        ({"label": "bainite"}, "unknown_class"),
        ({"pixels_per_micrometre": 0}, "bad_scale"),
        ({"pixels_per_micrometre": "x"}, "invalid"),
        ({"split": "exam"}, "invalid"),
        ({"lable": "ferrite"}, "invalid"),
        ({"sha256": "x"}, "invalid"),
        ({"filename": ""}, "invalid"),
    ],
)
def test_what_would_be_refused_at_the_end_is_refused_at_the_start(tus: Tus, fields: dict, refused: str):
    assert code(tus.start(100, **fields)) == (400, refused)
    assert not Upload.objects.exists()


def test_metadata_that_is_no_base64_is_refused(tus: Tus):
    for value in ("filename %%%", "filename /w=="):
        headers = {**VERSION, "Upload-Length": "5", "Upload-Metadata": value}
        assert code(tus.client.post(UPLOADS, headers=headers)) == (400, "bad_metadata")


def test_what_clients_add_by_themselves_is_left_aside(tus: Tus):
    headers = {**VERSION, "Upload-Length": "5", "Upload-Metadata": "relativePath,name YS5wbmc=,filetype aW1hZ2UvcG5n"}
    assert tus.client.post(UPLOADS, headers=headers).json()["filename"] == "a.png"


def test_a_file_that_the_dataset_has_is_refused_before_a_byte_is_sent(tus: Tus, image: bytes):
    sent_in_two(tus, image)
    assert code(tus.start(len(image), sha256=hashlib.sha256(image).hexdigest())) == (409, "duplicate")


def test_a_duplicate_is_found_at_the_end_too(tus: Tus, image: bytes, media: Path, folders: Path):
    sent_in_two(tus, image)
    address = tus.started(len(image))
    assert code(tus.send(address, 0, image)) == (409, "duplicate")
    about = tus.about(address)
    assert (about["state"], about["code"]) == ("refused", "duplicate")
    assert "a.png" in about["message"]
    assert (len(stored_files(media)), list(folders.iterdir())) == (1, [])


def test_what_is_no_image_is_refused_at_the_end(tus: Tus, media: Path, folders: Path):
    address = tus.started(8)
    assert code(tus.send(address, 0, b"no image")) == (400, "not_an_image")
    assert (stored_files(media), list(folders.iterdir())) == ([], [])
    assert code(tus.send(address, 8, b"")) == (409, "upload_finished")


def test_a_sidecar_comes_with_the_first_request(tus: Tus, image: bytes):
    sidecar = SimpleUploadedFile("a.txt", b"[SemImageFile]\r\nPixelSize=50\r\n")
    begun = tus.start(len(image), data={"sidecar": sidecar})
    assert begun.status_code == 201, begun.content
    tus.send(begun.headers["Location"], 0, image)
    reading = Reading.objects.get()
    assert (reading.sidecar_name, bytes(reading.sidecar)) == ("a.txt", b"[SemImageFile]\r\nPixelSize=50\r\n")


def test_an_unfinished_upload_is_found_by_its_fingerprint(tus: Tus, image: bytes):
    address = tus.started(len(image), fingerprint="mine")
    tus.started(len(image), fingerprint="other")
    tus.send(address, 0, image[:7])
    (found,) = tus.client.get(f"{UPLOADS}?fingerprint=mine").json()["results"]
    assert (found["url"], found["offset"], found["state"]) == (address, 7, "receiving")


def test_the_same_start_with_a_key_begins_one_upload(tus: Tus, image: bytes):
    key = Tus(tus.client, **{"Idempotency-Key": "first"})
    addresses = [key.start(len(image)).headers["Location"] for _ in range(2)]
    assert addresses[0] == addresses[1]
    assert Upload.objects.count() == 1
    assert code(key.start(len(image), label="pearlite")) == (409, "idempotency_key_reused")


def test_a_deleted_upload_leaves_nothing(tus: Tus, image: bytes, folders: Path):
    address = tus.started(len(image))
    tus.send(address, 0, image[:100])
    assert tus.delete(address).status_code == 204
    assert (list(folders.iterdir()), Upload.objects.count()) == ([], 0)
    assert tus.send(address, 100, image[100:]).status_code == 404


def test_a_deleted_finished_upload_leaves_its_micrograph(tus: Tus, image: bytes, media: Path):
    assert tus.delete(sent_in_two(tus, image)).status_code == 204
    assert stored_files(media) == [Micrograph.objects.get().master.name]


def test_two_requests_at_once_are_never_interleaved(tus: Tus, image: bytes):
    address = tus.started(len(image))
    with parts.locked_part(Upload.objects.get().pk):
        assert code(tus.send(address, 0, image)) == (423, "upload_locked")
        assert code(tus.delete(address)) == (423, "upload_locked")
        assert tus.offset(address) == 0
    assert tus.send(address, 0, image).status_code == 204


def test_more_senders_than_threads_to_spare_are_asked_to_wait(tus: Tus, image: bytes, monkeypatch):
    from microdb.micrographs.api import tus as protocol

    address = tus.started(len(image))
    with protocol.receiving(), protocol.receiving():
        answer = tus.send(address, 0, image)
    assert code(answer) == (503, "busy")
    assert answer.headers["Retry-After"] == "1"
    assert tus.send(address, 0, image).status_code == 204


def test_a_person_has_a_bounded_number_of_unfinished_uploads(tus: Tus, monkeypatch):
    monkeypatch.setattr("microdb.micrographs.services.uploads.MOST_UNFINISHED", 2)
    tus.started(5), tus.started(5)
    assert code(tus.start(5)) == (409, "too_many_uploads")


def test_other_people_find_nothing(tus: Tus, dataset: Dataset, owner: User, stranger: User, image: bytes):
    address = tus.started(len(image))
    client = Client()
    client.force_login(stranger)
    other = Tus(client)

    def statuses() -> list[int]:
        asked = [client.get(address), client.head(address, headers=VERSION), other.send(address, 0, image)]
        return [answer.status_code for answer in [*asked, other.delete(address)]]

    assert statuses() == [404] * 4
    assert other.start(5).status_code == 404
    services.set_member(dataset=dataset, user=stranger, role=Role.OWNER, by=owner)
    assert statuses() == [404] * 4
    assert client.get(UPLOADS).json()["results"] == []
    services.set_member(dataset=dataset, user=stranger, role=Role.LABELLER, by=owner)
    assert statuses() == [403] * 4
    assert other.start(5).status_code == 403


def test_a_token_needs_the_scope_upload(dataset: Dataset, owner: User, image: bytes):
    reader, uploader = (
        Tus(Client(), Authorization=f"Token {create_api_token(user=owner, scopes=[scope])[1]}")
        for scope in ("read", "upload")
    )
    assert code(reader.start(len(image))) == (403, "missing_scope")
    address = uploader.started(len(image))
    assert code(reader.send(address, 0, image)) == (403, "missing_scope")
    assert uploader.send(address, 0, image).status_code == 204


def test_an_upload_that_is_waiting_too_long_expires(tus: Tus, image: bytes, folders: Path):
    address = tus.started(len(image))
    tus.send(address, 0, image[:9])
    Upload.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert code(tus.send(address, 9, image[9:])) == (410, "upload_expired")
    assert tus.client.head(address, headers=VERSION).status_code == 410
    assert tus.client.get(UPLOADS).json()["results"] == []
    tasks.purge_trash()
    assert (list(folders.iterdir()), Upload.objects.count()) == ([], 0)
    assert tus.send(address, 9, image[9:]).status_code == 404


def test_every_byte_that_arrives_makes_an_upload_last_longer(tus: Tus, image: bytes, settings):
    address = tus.started(len(image))
    Upload.objects.update(expires_at=timezone.now() + timedelta(hours=1))
    tus.send(address, 0, image[:9])
    assert Upload.objects.get().expires_at > timezone.now() + timedelta(days=settings.UPLOADS_KEPT_DAYS - 0.1)


def test_bytes_without_an_upload_are_deleted_after_a_day(tus: Tus, image: bytes, folders: Path):
    tus.started(len(image))
    for name, days in (("old", 2), ("young", 0)):
        (folders / name).write_bytes(b"x")
        past = timezone.now().timestamp() - days * 86_400
        os.utime(folders / name, (past, past))
    tasks.purge_trash()
    assert {one.name for one in folders.iterdir()} == {"young", str(Upload.objects.get().pk)}


def test_a_part_that_the_disk_has_lost_is_gone(tus: Tus, image: bytes, folders: Path):
    address = tus.started(len(image))
    tus.send(address, 0, image[:100])
    part = next(folders.iterdir())
    os.truncate(part, 50)
    assert code(tus.send(address, 100, image[100:])) == (410, "upload_lost")
    part.unlink()
    assert code(tus.send(address, 100, image[100:])) == (410, "upload_lost")
    assert tus.delete(address).status_code == 204


@pytest.fixture
def killed(tus: Tus, image: bytes, monkeypatch) -> str:
    """An upload whose last byte is safe, and whose request was killed before the file was stored."""

    class Killed(BaseException):
        pass

    def kill(*_: object) -> None:
        raise Killed

    address = tus.started(len(image), label="pearlite")
    with monkeypatch.context() as patched:
        patched.setattr("microdb.micrographs.services.uploads._finish", kill)
        with pytest.raises(Killed):
            tus.send(address, 0, image)
    upload = Upload.objects.get()
    assert (upload.received, upload.state) == (len(image), "storing")
    running_hashes._known.clear()
    return address


def test_a_whole_file_is_stored_when_its_sender_asks(tus: Tus, killed: str):
    assert tus.offset(killed) == Upload.objects.get().length
    assert Micrograph.objects.get().label == "pearlite"
    assert tus.about(killed)["state"] == "done"


def test_a_whole_file_that_nobody_asks_for_is_stored_by_the_sweep(tus: Tus, killed: str, owner: User, monkeypatch):
    assert services.abandoned_uploads() == []  # its request may be at work still
    Upload.objects.update(expires_at=timezone.now() + timedelta(days=6))
    (key,) = services.abandoned_uploads()
    tasks.store_upload(str(key))
    tasks.store_upload(str(key))
    micrograph = Micrograph.objects.get()
    assert (micrograph.uploaded_by, micrograph.state) == (owner, "reading")
    assert services.abandoned_uploads() == []


def test_a_whole_file_of_somebody_who_may_no_longer_add_files_is_refused(tus: Tus, killed: str, dataset: Dataset):
    dataset.memberships.update(role=Role.VIEWER)
    tasks.store_upload(str(Upload.objects.get().pk))
    upload = Upload.objects.get()
    assert (upload.state, upload.code, Micrograph.objects.count()) == ("refused", "permission_denied", 0)


def test_a_whole_file_that_a_worker_can_not_reach_is_left_to_its_sender(tus: Tus, killed: str, folders: Path):
    Upload.objects.update(expires_at=timezone.now() + timedelta(days=6))
    next(folders.iterdir()).rename(folders.parent / "elsewhere")
    assert services.abandoned_uploads() == []
    assert code(tus.client.get(killed)) == (410, "upload_lost")


def test_a_dataset_in_the_trash_is_purged_with_its_uploads(tus: Tus, dataset: Dataset, owner: User, image: bytes):
    tus.started(len(image))
    services.trash_dataset(dataset=dataset, by=owner)
    Dataset.objects.update(trashed_at=timezone.now() - timedelta(days=31))
    tasks.purge_trash()
    assert not Dataset.objects.exists()


def test_a_purged_micrograph_leaves_the_upload_that_it_came_by(tus: Tus, owner: User, image: bytes):
    sent_in_two(tus, image)
    services.trash_micrographs(micrographs=list(Micrograph.objects.all()), by=owner)
    Micrograph.objects.update(trashed_at=timezone.now() - timedelta(days=31))
    tasks.purge_trash()
    assert not Micrograph.objects.exists()


def test_an_upload_that_is_deleted_at_this_moment_takes_nothing(tus: Tus, image: bytes):
    tus.started(len(image))
    upload = Upload.objects.get()
    Upload.objects.all().delete()
    for call in (
        lambda: services.receive(upload=upload, offset=0, pieces=[image], store=services.store_in_dataset),
        lambda: services.settle(upload=whole(upload), store=services.store_in_dataset),
    ):
        assert rejected(call) == "upload_lost"
    assert not Micrograph.objects.exists()


def whole(upload: Upload) -> Upload:
    upload.received = upload.length
    return upload


def test_the_page_names_what_has_not_arrived_completely(tus: Tus, image: bytes):
    page = "/datasets/steels/upload/"
    assert "unfinished-uploads" not in tus.client.get(page).content.decode()
    tus.send(tus.started(len(image), filename="half.tif"), 0, image[:1024])
    assert "half.tif: 1.0" in tus.client.get(page).content.decode()
