"""Upload: what is answered for each file, as JSON to the page's script and as a page to a plain form."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from microdb.micrographs import services
from microdb.micrographs.models import Dataset, Micrograph, ScaleSource
from microdb.micrographs.tasks import read_micrograph

URL = "/datasets/steels/upload/"


def send(client: Client, content: bytes, filename: str = "one.png", **fields: str):
    file = SimpleUploadedFile(filename, content)
    return client.post(URL, {"file": file, **fields}, headers={"accept": "application/json"})


def status(client: Client, *ids: str) -> list[dict]:
    return client.get(f"{URL}status/", {"id": ids}).json()["micrographs"]


@pytest.fixture
def uploader(signed_in: Client, dataset: Dataset, media: Path) -> Client:
    return signed_in


def test_a_file_is_stored_and_waits_to_be_read(uploader: Client, png: Callable[..., bytes]) -> None:
    answer = send(uploader, png(), label="ferrite", pixels_per_micrometre="2.5", specimen="A", split="train")
    assert answer.status_code == 201
    told = answer.json()
    assert (told["state"], told["thumbnail"]) == ("reading", "")
    one = Micrograph.objects.get(pk=told["id"])
    assert (one.label, one.pixels_per_micrometre, one.scale_source) == ("ferrite", 2.5, ScaleSource.BY_HAND)
    assert (one.specimen, one.split, one.master.read()) == ("A", "train", png())


def test_a_stored_file_is_sent_to_the_worker(
    uploader: Client, png: Callable[..., bytes], monkeypatch, django_capture_on_commit_callbacks
) -> None:
    sent: list[str] = []
    monkeypatch.setattr(read_micrograph, "apply_async", lambda args, queue: sent.extend(args))
    with django_capture_on_commit_callbacks(execute=True):
        told = send(uploader, png()).json()
    assert sent == [told["id"]]


def test_once_read_the_status_tells_what_is_missing(uploader: Client, png: Callable[..., bytes]) -> None:
    ids = [send(uploader, png(0)).json()["id"], send(uploader, png(1), pixels_per_micrometre="3").json()["id"]]
    for pk in ids:
        services.read_at_once(micrograph=Micrograph.objects.get(pk=pk))
    told = {one["id"]: one for one in status(uploader, *ids)}
    assert [told[pk]["state"] for pk in ids] == ["needs_scale", "ready"]
    assert told[ids[1]]["message"] == "Ready: 3 px/µm (typed by hand)."
    assert uploader.get(told[ids[0]]["thumbnail"]).status_code == 200


def test_a_scale_is_set_from_the_row(uploader: Client, png: Callable[..., bytes]) -> None:
    pk = send(uploader, png()).json()["id"]
    services.read_at_once(micrograph=Micrograph.objects.get(pk=pk))
    url = f"/datasets/steels/micrographs/{pk}/scale/"
    for given in ("", "wide", "0", "-1", "inf"):
        answer = uploader.post(url, {"pixels_per_micrometre": given})
        assert (answer.status_code, answer.json()["code"]) == (400, "bad_scale"), given
    assert uploader.post(url, {"pixels_per_micrometre": "4"}).json()["state"] == "ready"


def test_the_status_of_strangers_and_nonsense_is_left_out(
    uploader: Client, png: Callable[..., bytes], stranger
) -> None:
    foreign = services.create_dataset(name="Foreign", by=stranger)
    one = services.add_micrograph(dataset=foreign, file=io.BytesIO(png(9)), filename="x.png", by=stranger)
    assert status(uploader, str(one.pk), "nonsense") == []


@pytest.mark.parametrize(
    ("content", "code", "sentence"),
    [
        (b"", "empty", "The file is empty (0 bytes)."),
        (b"hello", "not_an_image", "This is no image file"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "unsupported_format", "SVG"),
    ],
)
def test_a_file_that_is_no_image_is_refused_with_a_sentence(
    uploader: Client, content: bytes, code: str, sentence: str
) -> None:
    answer = send(uploader, content)
    assert (answer.status_code, answer.json()["code"], answer.json()["state"]) == (400, code, "refused")
    assert sentence in answer.json()["message"]
    assert not Micrograph.objects.exists()


def test_a_damaged_file_is_refused_once_it_was_read(uploader: Client, png: Callable[..., bytes]) -> None:
    whole = png(width=300, height=300)
    pk = send(uploader, whole[: len(whole) // 2]).json()["id"]
    services.read_at_once(micrograph=Micrograph.objects.get(pk=pk))
    (told,) = status(uploader, pk)
    assert (told["state"], told["thumbnail"]) == ("refused", "")
    assert "cut short or damaged" in told["message"]


def test_a_duplicate_is_refused_by_the_name_that_it_has(uploader: Client, png: Callable[..., bytes]) -> None:
    send(uploader, png(), "first.png")
    answer = send(uploader, png(), "second.png").json()
    assert (answer["code"], "first.png" in answer["message"]) == ("duplicate", True)


def test_mistakes_about_all_files_name_their_field(uploader: Client, png: Callable[..., bytes]) -> None:
    answer = send(uploader, png(), pixels_per_micrometre="wide", label="bainite")
    assert answer.status_code == 400
    assert "Pixels per µm: Enter a number." in answer.json()["message"]
    assert "bainite" in answer.json()["message"]
    assert not Micrograph.objects.exists()


def test_folders_stay_in_the_name_but_lead_nowhere(uploader: Client, png: Callable[..., bytes], media: Path) -> None:
    pk = send(uploader, png(), "a.png", path="../../martensite/a.png").json()["id"]
    one = Micrograph.objects.get(pk=pk)
    assert one.filename == "martensite/a.png"
    assert (media / one.master.name).is_file()
    assert uploader.get(f"/micrographs/{pk}/master/").headers["Content-Disposition"] == 'attachment; filename="a.png"'


def test_without_a_script_many_files_are_sent_at_once(uploader: Client, png: Callable[..., bytes]) -> None:
    files = [SimpleUploadedFile(f"{n}.png", png(n)) for n in range(3)] + [SimpleUploadedFile("notes.txt", b"hello")]
    page = uploader.post(URL, {"file": files, "label": "pearlite"}, headers={"accept": "text/html"})
    assert page.status_code == 200
    assert "This is no image file" in page.text
    assert [one.label for one in Micrograph.objects.all()] == ["pearlite"] * 3


def test_a_form_without_files_is_told_so(uploader: Client) -> None:
    page = uploader.post(URL, {}, headers={"accept": "text/html"})
    assert page.status_code == 400
    assert "Choose at least one image file" in page.text
