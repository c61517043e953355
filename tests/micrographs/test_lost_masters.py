"""A master that is missing or was altered is never used, and everybody hears so in words."""

import csv
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client

from microdb.accounts.models import User
from microdb.micrographs.models import Dataset, Micrograph

Add = Callable[..., Micrograph]
Token = Callable[..., dict[str, str]]


@pytest.fixture(params=["missing", "altered"])
def lost(request: pytest.FixtureRequest, add: Add, media: Path, png: Callable[..., bytes]) -> Micrograph:
    """A micrograph whose master was deleted, or swapped for another sound picture."""
    one = add(0, label="ferrite", filename="lost.png")
    path = media / one.master.name
    if request.param == "missing":
        path.unlink()
    else:
        path.write_bytes(png(99))
    return one


SENTENCES = ("lost.png is missing from the server&#x27;s storage", "lost.png was altered in the server&#x27;s storage")


def test_the_api_answers_in_words(client: Client, lost: Micrograph, owner: User, token: Token):
    answer = client.get(f"/api/v1/micrographs/{lost.pk}/master/", headers=token(owner))
    assert answer.status_code == 410
    assert answer.json()["code"] in ("missing_file", "altered_file")
    assert "Ask the administrator to restore it from a backup" in answer.json()["message"]


def test_the_page_answers_in_words(signed_in: Client, lost: Micrograph):
    answer = signed_in.get(f"/micrographs/{lost.pk}/master/")
    assert answer.status_code == 410
    assert any(sentence in answer.text for sentence in SENTENCES)


@pytest.mark.parametrize("field", ["display", "thumbnail"])
def test_a_missing_picture_is_no_bug(client: Client, add: Add, media: Path, owner: User, token: Token, field: str):
    one = add(0)
    (media / getattr(one, field).name).unlink()
    address = f"/api/v1/micrographs/{one.pk}/{'image' if field == 'display' else 'thumbnail'}/"
    answer = client.get(address, headers=token(owner))
    assert (answer.status_code, answer.json()["code"]) == (410, "missing_file")


def test_an_export_is_a_sound_zip_that_names_what_it_lacks(
    signed_in: Client, add: Add, lost: Micrograph, tmp_path: Path
):
    add(1, label="pearlite", filename="sound.png")
    packed = tmp_path / "steels.zip"
    packed.write_bytes(b"".join(signed_in.get("/datasets/steels/export/").streaming_content))
    with zipfile.ZipFile(packed) as archive:
        assert archive.testzip() is None
        assert "files/lost.png" not in archive.namelist()
        rows = list(csv.DictReader(io.StringIO(archive.read("left_out.csv").decode())))
        manifest = list(csv.DictReader(io.StringIO(archive.read("micrographs.csv").decode())))
    assert [row["filename"] for row in rows] == ["lost.png"]
    assert "from a backup" in rows[0]["reason"]
    assert [row["filename"] for row in manifest] == ["files/sound.png"]
    call_command("import_dataset", str(packed), name="Copy", owner="owner")
    assert Dataset.objects.get(slug="copy").micrographs.count() == 1


def test_an_export_that_lacks_nothing_says_nothing(signed_in: Client, add: Add):
    add(1)
    packed = io.BytesIO(b"".join(signed_in.get("/datasets/steels/export/").streaming_content))
    with zipfile.ZipFile(packed) as archive:
        assert "left_out.csv" not in archive.namelist()
