"""The files that nobody should send, each sent through the page and read: a clear sentence, or a sound micrograph."""

import io
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from PIL import Image

from microdb.accounts.models import User
from microdb.errors import MicroDBError
from microdb.micrographs import services
from microdb.micrographs.models import Change, Dataset, Micrograph
from microdb.micrographs.tasks import read_micrograph
from tests.micrographs.conftest import encoded, stored_files, tiff
from tests.micrographs.test_decoding import png_claiming, tiff_claiming
from tests.micrographs.test_reading import pages

URL = "/datasets/steels/upload/"
GRAY = np.random.default_rng(3).integers(0, 256, (48, 64), dtype=np.uint8)
ASCII = 2


def stored_as(mode: str) -> bytes:
    file = io.BytesIO()
    image = Image.fromarray(GRAY)
    (image.convert("RGB") if mode == "CMYK" else image).convert(mode).save(file, "TIFF")
    return file.getvalue()


def with_pixel_width(value: str) -> bytes:
    return tiff(GRAY, {34682: (ASCII, f"[Scan]\r\nPixelWidth={value}\r\nPixelHeight={value}\r\n")})


REFUSED_AT_ONCE: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "empty"),
    "words": (b"these are words", "This is no image file, whatever its name says"),
    "zip": (b"PK\x03\x04 and so on", "This is a zip file; PNG, JPEG, TIFF or BMP was wanted"),
    "PNG of 10^6 x 10^6": (png_claiming(10**6, 10**6), "1000000 x 1000000 pixels; at most"),
    "TIFF of 10^6 x 10^6": (tiff_claiming(10**6, 10**6), "1000000 x 1000000 pixels; at most"),
}
REFUSED_WHEN_READ: dict[str, tuple[bytes, str]] = {
    "truncated": (encoded(GRAY, "PNG")[:-900], "cut short or damaged"),
    "NaN pixels": (tiff(np.full((48, 64), np.nan, np.float32)), "NaN or infinite"),
}
SOUND: dict[str, bytes] = {
    "1-bit": stored_as("1"),
    "palette": stored_as("P"),
    "CMYK": stored_as("CMYK"),
    "alpha": stored_as("LA"),
    "RGBA": stored_as("RGBA"),
    "two pages of different sizes": pages(GRAY, GRAY[:40, :60]),
    "zero pixel size": with_pixel_width("0"),
    "negative pixel size": with_pixel_width("-1e-8"),
    "NaN pixel size": with_pixel_width("nan"),
    "pixel size of 1e308": with_pixel_width("1e308"),
}


def send(client: Client, content: bytes, filename: str = "one.tif"):
    file = SimpleUploadedFile(filename, content)
    return client.post(URL, {"file": file, "path": filename}, headers={"accept": "application/json"})


@pytest.mark.parametrize("name", REFUSED_AT_ONCE)
def test_what_can_be_no_micrograph_is_refused_at_once_and_leaves_nothing(signed_in: Client, dataset, media, name: str):
    content, sentence = REFUSED_AT_ONCE[name]
    told = send(signed_in, content).json()
    # Django's form field says of an empty file in its own words that it is
    assert sentence in told["message"]
    assert told["state"] == "refused"
    assert not Micrograph.objects.exists()
    assert stored_files(media) == []


@pytest.mark.parametrize("name", REFUSED_WHEN_READ)
def test_what_turns_out_unreadable_keeps_its_row_with_the_reason_and_no_file(
    signed_in: Client, dataset, media, name: str
):
    content, sentence = REFUSED_WHEN_READ[name]
    key = send(signed_in, content).json()["id"]
    read_micrograph(key)
    (told,) = signed_in.get(f"{URL}status/", {"id": key}).json()["micrographs"]
    assert (told["state"], sentence in told["message"]) == ("refused", True)
    assert stored_files(media) == []


@pytest.mark.parametrize("name", SOUND)
def test_odd_but_sound_files_become_micrographs_without_a_made_up_scale(signed_in: Client, dataset, media, name: str):
    key = send(signed_in, SOUND[name]).json()["id"]
    read_micrograph(key)
    one = Micrograph.objects.get(pk=key)
    assert (one.state, one.width, one.height, one.pixels_per_micrometre) == ("ready", 64, 48, None)
    assert one.master.read() == SOUND[name]
    if "size of" in name or "NaN" in name or "negative" in name:
        assert one.scale_note.startswith("Not taken, for it can't be")


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../etc/passwd.tif", "etc/passwd.tif"),
        ("Probe 3 µm – Schliff.tif", "Probe 3 µm – Schliff.tif"),
        ("微观组织\ud83d.tif", "微观组织?.tif"),
    ],
)
def test_names_are_kept_harmless(dataset: Dataset, owner: User, media: Path, sent: str, kept: str):
    one = services.add_micrograph(dataset=dataset, file=io.BytesIO(tiff(GRAY)), filename=sent, by=owner)
    assert one.filename == kept
    assert stored_files(media) == [f"masters/{one.pk}"]


def test_the_same_file_twice_in_one_batch_is_taken_once_and_says_so(signed_in: Client, dataset, media):
    files = [SimpleUploadedFile(name, tiff(GRAY)) for name in ("a.tif", "b.tif")]
    page = signed_in.post(URL, {"file": files}).text
    assert "The dataset has this file already, as “a.tif”. Nothing was added." in page
    assert len(stored_files(media)) == Micrograph.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_people_who_label_one_micrograph_at_once_one_is_told(
    dataset: Dataset, owner: User, media, png: Callable[..., bytes]
):
    one = services.add_and_read_micrograph(dataset=dataset, file=io.BytesIO(png()), filename="a.png", by=owner)
    start, refused = threading.Barrier(2), []

    def say(label: str) -> None:
        start.wait()
        try:
            services.set_label(micrographs=[one], label=label, by=owner, seen="")
        except MicroDBError as error:
            refused.append(error)
        connection.close()

    people = [threading.Thread(target=say, args=[label]) for label in ("ferrite", "pearlite")]
    for person in people:
        person.start()
    for person in people:
        person.join()
    (error,) = refused
    kept = Micrograph.objects.get()
    assert error.code == "changed"
    assert error.message.startswith(f"Somebody else set “{kept.label}” meanwhile.")
    assert [change.new for change in Change.objects.filter(field="label")] == [kept.label]
