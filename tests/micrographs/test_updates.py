"""A manifest for micrographs that are stored already: the changes are shown, made, and undone."""

import hashlib
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from microdb.micrographs.models import Change, Dataset, Micrograph

Add = Callable[..., Micrograph]
URL = "/datasets/steels/apply/"


def send(client: Client, text: str, digest: str = "") -> str:
    sent = {"manifest": SimpleUploadedFile("mine.csv", text.encode()), "digest": digest}
    return client.post(URL, sent, follow=True).content.decode()


def digest_in(page: str) -> str:
    found = re.search(r'name="digest" value="(\w+)"', page)
    assert found, page
    return found.group(1)


def known(client: Client, **details: Any) -> Any:
    asked = json.dumps({"files": [details]})
    return client.post("/datasets/steels/upload/known/", asked, content_type="application/json").json()["known"]


MANIFEST = "filename;label;pixels_per_micrometre;specimen;split\n0.png;ferrite;10,3;S1;train\n1.png;;;;\ngone.png;;;;\n"


@pytest.fixture
def stored(add: Add) -> Micrograph:
    add(1, filename="1.png")
    return add(0, filename="0.png", label="pearlite", pixels_per_micrometre=None)


def test_the_changes_of_a_csv_are_shown_and_nothing_is_written(signed_in: Client, stored: Micrograph):
    page = send(signed_in, MANIFEST)
    assert "label pearlite → ferrite, scale none → 10.3, specimen none → S1, split none → train" in page
    assert "mine.csv was read as semicolon-separated, decimal comma." in page
    assert "<strong>gone.png</strong>: The dataset has no micrograph of this name." in page
    assert "1 micrograph would change." in page
    stored.refresh_from_db()
    assert (stored.label, stored.pixels_per_micrometre) == ("pearlite", None)


def test_a_csv_is_applied_as_shown_and_undone(signed_in: Client, stored: Micrograph):
    page = send(signed_in, MANIFEST, digest_in(send(signed_in, MANIFEST)))
    assert "The CSV changed 1 micrograph." in page
    now = Micrograph.objects.get(pk=stored.pk)
    assert (now.label, now.pixels_per_micrometre, now.scale_source) == ("ferrite", 10.3, "sidecar")
    assert (now.specimen, now.split) == ("S1", "train")
    assert Change.objects.filter(micrograph=stored, field="specimen", new="S1").exists()
    signed_in.post("/datasets/steels/bulk/undo/")
    now = Micrograph.objects.get(pk=stored.pk)
    assert (now.label, now.pixels_per_micrometre, now.specimen, now.split) == ("pearlite", None, "", "")


def test_changes_that_were_not_shown_are_not_made(signed_in: Client, stored: Micrograph):
    digest = digest_in(send(signed_in, MANIFEST))
    page = send(signed_in, MANIFEST.replace("10,3", "20,6"), digest)
    assert "changed since these changes were shown" in page
    assert Micrograph.objects.get(pk=stored.pk).pixels_per_micrometre is None


def test_a_label_without_a_class_and_a_wrong_scale_are_left_out_in_words(signed_in: Client, stored: Micrograph):
    page = send(signed_in, "filename,label,pixels_per_micrometre\n0.png,granite,\n1.png,,-4\n")
    assert "“granite” is no class of this dataset" in page
    assert "must be from 0.000001" in page
    assert "digest" not in page


def test_a_file_that_is_no_manifest_is_answered_in_words(signed_in: Client, dataset: Dataset):
    assert "no column “filename”" in send(signed_in, "keV,counts\n1,2\n")
    assert "Choose a CSV file" in signed_in.post(URL).content.decode()


def test_applying_needs_a_curator(client: Client, dataset: Dataset, stranger):
    client.force_login(stranger)
    assert client.get(URL).status_code == 404


def test_a_stored_file_in_a_drop_offers_what_the_plan_would_change_and_gets_it(
    signed_in: Client, stored: Micrograph, png
):
    details = {"label": "ferrite", "pixels_per_micrometre": 10.3, "specimen": "S1"}
    sha256 = hashlib.sha256(png(0)).hexdigest()
    offer = known(signed_in, sha256=sha256, **details)[sha256]
    assert offer["update"] == "label pearlite → ferrite, scale none → 10.3, specimen none → S1"
    assert offer["overwrites"] is True
    assert known(signed_in, sha256=sha256, pixels_per_micrometre=10.3)[sha256]["overwrites"] is False
    asked = json.dumps({"updates": [{"id": str(stored.pk), **details}, {"id": "x"}]})
    answer = signed_in.post("/datasets/steels/upload/update/", asked, content_type="application/json")
    assert answer.json()["micrographs"][str(stored.pk)]["message"].startswith("Updated: label pearlite → ferrite")
    assert Micrograph.objects.get(pk=stored.pk).specimen == "S1"
    assert known(signed_in, sha256=sha256, **details)[sha256]["update"] == ""
