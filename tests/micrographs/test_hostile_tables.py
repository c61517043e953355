"""Hostile zips, manifests, sidecars and names: each is taken or refused in words, soon, and nothing else happens."""

import io
import json
import time
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client

from classifier.command_line.manifest import read_entries
from classifier.errors import ClassifierError
from microdb.errors import MicroDBError
from microdb.manifest import parse_manifest
from microdb.micrographs.models import Dataset, Micrograph
from microdb.micrographs.scale.found import Extent
from microdb.micrographs.scale.sidecar import MOST_BYTES, Sidecar, read_sidecar
from tests.hostile import archives, names, png, tables

SOON = 5.0
"""Seconds of processor time, on a machine that does other things too."""
PLAN = "/datasets/steels/upload/plan/"


@pytest.fixture(autouse=True)
def in_time():
    start = time.process_time()
    yield
    assert time.process_time() - start < SOON


def imported(path: Path) -> str:
    """What ``import_dataset`` says; anything but a CommandError or exit 1 is a bug."""
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("import_dataset", str(path), name="Hostile", owner="owner", stdout=out, stderr=err)
    except CommandError as error:
        return str(error)
    except SystemExit:
        pass
    return out.getvalue() + err.getvalue()


@pytest.mark.parametrize("name", archives.REFUSED)
def test_a_hostile_zip_is_refused_and_leaves_nothing(owner, media: Path, tmp_path: Path, name: str):
    path = tmp_path / "hostile.zip"
    path.write_bytes(archives.REFUSED[name]())
    assert imported(path)
    assert Micrograph.objects.count() == 0
    assert Dataset.objects.count() == 0
    assert [one for one in media.rglob("*") if one.is_file()] == []


@pytest.mark.parametrize("name", archives.TAKEN)
def test_an_odd_zip_is_imported_or_refused_file_by_file(owner, media: Path, tmp_path: Path, name: str):
    path = tmp_path / "hostile.zip"
    path.write_bytes(archives.TAKEN[name]())
    assert imported(path)
    stored = [one for one in media.rglob("*") if one.is_file()]
    assert len(stored) == 3 * Micrograph.objects.count()


def test_files_that_are_refused_once_they_are_read_leave_nothing(owner, media: Path, tmp_path: Path):
    (tmp_path / "whole.png").write_bytes(png.png())
    (tmp_path / "half.png").write_bytes(png.BROKEN["PNG of half its rows"]())
    assert "1 micrographs imported" in imported(tmp_path)
    assert len([one for one in media.rglob("*") if one.is_file()]) == 3


@pytest.mark.parametrize("name", tables.REFUSED)
def test_a_hostile_manifest_is_refused_by_the_site_and_by_the_classifier(tmp_path: Path, name: str):
    content = tables.REFUSED[name]()
    with pytest.raises(MicroDBError):
        parse_manifest(io.BytesIO(content), "micrographs.csv")
    path = tmp_path / "micrographs.csv"
    path.write_bytes(content)
    with pytest.raises(ClassifierError):
        read_entries(path)


@pytest.mark.parametrize("name", tables.TAKEN)
def test_an_odd_manifest_is_planned_and_imported_row_by_row(
    signed_in: Client, dataset: Dataset, media: Path, tmp_path: Path, name: str
):
    content = tables.TAKEN[name]()
    rows = parse_manifest(io.BytesIO(content), "micrographs.csv").rows
    about = json.dumps({"paths": [row.filename for row in rows]}).encode()
    sent = {"about": SimpleUploadedFile("about", about), "manifest": SimpleUploadedFile("micrographs.csv", content)}
    planned = signed_in.post(PLAN, sent).json()
    assert len(planned["files"]) == len(rows)
    path = tmp_path / "micrographs.csv"
    path.write_bytes(content)
    (tmp_path / "a.png").write_bytes(png.png())
    assert imported(path)


@pytest.mark.parametrize("name", tables.SIDECARS)
def test_a_hostile_sidecar_gives_a_note(name: str):
    for ending in (".txt", ".xml", ".hdr"):
        content = tables.SIDECARS[name]()
        found = read_sidecar(Sidecar(f"a{ending}", content if len(content) <= MOST_BYTES else b""), Extent(64, 48))
        assert found.scale.pixels_per_micrometre is None
        assert found.scale.note


@pytest.mark.parametrize("number", range(len(names.NAMES)), ids=lambda number: ascii(names.NAMES[number])[:30])
def test_any_name_is_planned_and_uploaded(signed_in: Client, dataset: Dataset, media: Path, number: int):
    name = names.NAMES[number]
    about = json.dumps({"paths": [name], "sidecars": [f"{name}.txt"], "tables": [name]}).encode()
    assert signed_in.post(PLAN, {"about": SimpleUploadedFile("about", about)}).status_code == 200
    form = {"file": SimpleUploadedFile("a.png", png.png()), "path": name.encode("utf-8", "replace").decode()}
    answer = signed_in.post("/datasets/steels/upload/", form, headers={"accept": "application/json"})
    assert answer.status_code in (201, 400), answer.content
    for one in Micrograph.objects.all():
        assert one.master.name.startswith("masters/")
        assert signed_in.get("/datasets/steels/").status_code == 200


BODIES = {
    "deep": b"[" * 200_000,
    "deep object": b'{"name":' * 200_000,
    "half a character": b'{"name": "\\ud800", "label": "\\udfff", "username": "\\ud800", "paths": ["\\ud800"]}',
    "NUL": b'{"name": "a\\u0000b", "label": "a\\u0000b", "username": "a\\u0000b", "ids": ["\\u0000"]}',
    "endless number": b'{"name": "a", "pixels_per_micrometre": 1' + b"0" * 5000 + b', "page": 1e999}',
    "no number": b'{"name": "a", "pixels_per_micrometre": NaN, "start": Infinity}',
    "a list": b"[1, 2]",
    "a text": b'"x"',
    "nothing": b"",
    "no JSON": b"\xff\xfe{",
}
"""Of a request."""


@pytest.mark.parametrize("name", BODIES)
def test_any_body_of_a_request_is_answered_and_not_with_500(
    signed_in: Client, dataset: Dataset, media: Path, token, owner, name: str
):
    signed_in.raise_request_exception = False
    key = token(owner)
    for path in (
        "datasets/",
        "datasets/steels/classes/",
        "datasets/steels/batches/",
        "datasets/steels/model-versions/",
    ):
        answer = signed_in.post(f"/api/v1/{path}", BODIES[name], content_type="application/json", headers=key)
        assert answer.status_code < 500, (path, answer.content)
    for path in ("upload/known/", "upload/update/"):
        answer = signed_in.post(f"/datasets/steels/{path}", BODIES[name], content_type="application/json")
        assert answer.status_code < 500, (path, answer.content)
