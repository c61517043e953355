"""Large files for an open batch, each sent in several requests."""

import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from microdb.accounts.services import create_api_token
from microdb.micrographs.models import Micrograph, Upload
from microdb.scoring.models import BatchItem
from tests.micrographs.tus import Tus
from tests.scoring.batch_api import BATCHES, Api, image, score_all


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.UPLOADS = tmp_path / "uploads"
    return settings.UPLOADS


@pytest.fixture
def tus(api: Api) -> Tus:
    return Tus(api.client, **api.token)


def sent(tus: Tus, batch: str, content: bytes, **fields: object) -> str:
    address = tus.started(len(content), f"{BATCHES}{batch}uploads/", **fields)
    for start in (0, 100):
        answer = tus.send(address, start, content[start : 100 if start == 0 else None])
    assert answer.status_code == 204, answer.content
    return address


def test_a_large_file_is_scored_like_the_others_with_its_row_of_the_manifest(api: Api, tus: Tus):
    manifest = SimpleUploadedFile("m.csv", b"filename,pixels_per_micrometre\nx/a.png,20\n", "text/csv")
    batch = f"{api.post(body={'start': 'false', 'manifest': manifest}, status=202)['id']}/"
    api.send(batch, {"x/b.png": image(80)})
    address = sent(tus, batch, image(81), filename="x/a.png")
    assert tus.about(address)["state"] == "done"
    assert [(one.filename, one.manifest_line) for one in BatchItem.objects.all()] == [("x/b.png", None), ("x/a.png", 2)]
    large = BatchItem.objects.get(filename="x/a.png").micrograph
    assert (large.pixels_per_micrometre, large.scale_source, large.scored_only) == (20, "sidecar", True)
    api.post(f"{batch}start/", status=202)
    score_all()
    assert [row["state"] for row in api.results(batch) if row["filename"] == "x/a.png"] == ["done"]


def test_a_file_that_can_not_be_used_becomes_a_result_with_the_reason(api: Api, tus: Tus, folder):
    batch = api.opened()
    address = sent(tus, batch, b"no image" * 50)
    assert (tus.about(address)["state"], tus.about(address)["micrograph"]) == ("done", None)
    assert [(row["filename"], row["code"]) for row in api.results(batch)] == [("a.png", "not_an_image")]
    assert list(folder.iterdir()) == []


def test_the_same_path_again_is_replaced(api: Api, tus: Tus):
    batch = api.opened()
    for seed in (80, 81):
        sent(tus, batch, image(seed))
    item = BatchItem.objects.get()
    assert item.micrograph.sha256 == Upload.objects.last().sha256


def test_a_sidecar_belongs_to_its_file(api: Api, tus: Tus):
    batch, content = api.opened(), image(80)
    text = SimpleUploadedFile("a.txt", b"[SemImageFile]\r\nPixelSize=50\r\n")
    begun = tus.start(len(content), f"{BATCHES}{batch}uploads/", data={"sidecar": text}, filename="x/a.png")
    assert tus.send(begun.headers["Location"], 0, content).status_code == 204
    assert [one.filename for one in BatchItem.objects.all()] == ["x/a.png"]
    assert Micrograph.objects.get(filename="x/a.png").reading.sidecar_name == "a.txt"


def test_a_started_batch_takes_no_more_large_files(api: Api, tus: Tus, folder):
    batch, content = api.opened(), image(80)
    address = tus.started(len(content), f"{BATCHES}{batch}uploads/")
    tus.send(address, 0, content[:100])
    api.send(batch, {"b.png": image(81)})
    api.post(f"{batch}start/", status=202)
    late = tus.send(address, 100, content[100:])
    assert (late.status_code, late.json()["code"]) == (409, "already_started")
    assert tus.start(5, f"{BATCHES}{batch}uploads/").json()["code"] == "already_started"
    assert tus.about(address)["state"] == "refused"
    assert list(folder.iterdir()) == []


def test_a_file_whose_last_request_was_killed_is_there_when_the_batch_is_started(api: Api, tus: Tus, monkeypatch):
    class Killed(BaseException):
        pass

    def kill(*_: object) -> None:
        raise Killed

    batch, content = api.opened(), image(80)
    address = tus.started(len(content), f"{BATCHES}{batch}uploads/")
    with monkeypatch.context() as patched:
        patched.setattr("microdb.micrographs.services.uploads._finish", kill)
        with pytest.raises(Killed):
            tus.send(address, 0, content)
    assert api.post(f"{batch}start/", status=202)["total"] == 1


def test_a_batch_shows_only_its_own_uploads_and_needs_the_scope_score(api: Api, tus: Tus, owner):
    batch, other = api.opened(), api.opened()
    address = tus.started(5, f"{BATCHES}{batch}uploads/")
    key = address.rstrip("/").rpartition("/")[2]
    assert [one["id"] for one in api.get(f"{batch}uploads/").json()["results"]] == [key]
    assert api.get(f"{other}uploads/").json()["results"] == []
    for elsewhere in (f"{BATCHES}{other}uploads/{key}/", f"/api/v1/datasets/steels/uploads/{key}/"):
        assert tus.client.get(elsewhere, headers=tus.headers).status_code == 404
    assert tus.start(5, f"{BATCHES}{uuid.uuid4()}/uploads/").status_code == 404
    uploader = create_api_token(user=owner, scopes=["read", "upload"])[1]
    assert Tus(tus.client, authorization=f"Token {uploader}").send(address, 0, b"12345").status_code == 403
