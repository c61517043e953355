"""What a drop would do is told before anything is sent, and what is there already is known by its hash."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from microdb.micrographs import services
from microdb.micrographs.models import Dataset, Micrograph

Add = Callable[..., Micrograph]
URL = "/datasets/steels/upload/plan/"


def plan(client: Client, paths: list[str], **given: Any) -> dict[str, Any]:
    answer = client.post(URL, json.dumps({"paths": paths, **given}), content_type="application/json")
    assert answer.status_code == 200, answer.text
    return answer.json()


def labels(told: dict[str, Any]) -> list[str]:
    return [file["label"] for file in told["files"]]


def test_folders_called_like_classes_tell_labels_and_nothing_is_written(signed_in: Client, dataset: Dataset):
    told = plan(signed_in, ["mine/ferrite/a.png", "mine/none-of-these/b.png", "mine/granite/c.png", "mine/d.png"])
    assert labels(told) == ["ferrite", "none-of-these", "", ""]
    assert told["new_classes"] == ["granite"]
    assert not dataset.micrographs.exists()
    assert dataset.material_classes.count() == 2


def test_the_folder_that_holds_everything_is_no_class(signed_in: Client, dataset: Dataset):
    told = plan(signed_in, ["scans/a.png", "scans/b.png"])
    assert (labels(told), told["new_classes"]) == (["", ""], [])
    told = plan(signed_in, ["ferrite/a.png", "pearlite/b.png"])
    assert labels(told) == ["ferrite", "pearlite"]


def test_folders_of_two_drops_at_once_tell_the_classes_inside_them(signed_in: Client, dataset: Dataset):
    told = plan(signed_in, paths=["mon/ferrite/a.png", "tue/pearlite/s1/b.png", "tue/c.png"])
    assert [one["label"] for one in told["files"]] == ["ferrite", "pearlite", ""]
    assert told["new_classes"] == ["tue"]


def test_new_classes_are_added_only_when_asked(signed_in: Client, dataset: Dataset):
    paths = ["x/granite/a.png", "x/ferrite/b.png"]
    assert plan(signed_in, paths)["new_classes"] == ["granite"]
    told = plan(signed_in, paths, add_classes=["granite"])
    assert (labels(told), told["new_classes"]) == (["granite", "ferrite"], [])
    assert list(dataset.material_classes.values_list("name", flat=True)) == ["ferrite", "pearlite", "granite"]


def test_a_manifest_tells_all_and_what_it_does_not_name_is_not_sent(signed_in: Client, dataset: Dataset):
    manifest = (
        "filename,label,pixels_per_micrometre,specimen,modality,split\n"
        "files/a.png,ferrite,12.5,S1,SEM,train\nfiles/b.png,,words,,,\nfiles/c.png,,-1,,,\nfiles/gone.png,,,,,\n"
    )
    paths = ["x/files/a.png", "x/files/b.png", "x/files/c.png", "x/files/extra.png"]
    told = plan(signed_in, paths, manifest=manifest, manifest_path="x/micrographs.csv")
    first = told["files"][0]
    assert (first["label"], first["pixels_per_micrometre"], first["scale_source"]) == ("ferrite", 12.5, "sidecar")
    assert (first["specimen"], first["modality"], first["split"]) == ("S1", "SEM", "train")
    problems = [file["problem"] for file in told["files"]]
    assert problems[0] == ""
    assert "“words” was given" in problems[1]
    assert "“-1” was given" in problems[2]
    assert "does not name this file" in problems[3]
    assert told["missing"] == ["files/gone.png"]


def test_the_microscopes_text_files_are_paired_by_name_and_not_read(signed_in: Client, dataset: Dataset):
    paths = ["d/a.tif", "d/b.tif", "d/e.tif"]
    planned = plan(signed_in, paths, sidecars=["d/A.txt", "d/c.txt", "d/b.tif.HDR"])["files"]
    assert [file["sidecar"] for file in planned] == ["d/A.txt", "d/b.tif.HDR", ""]
    assert [file["pixels_per_micrometre"] for file in planned] == [None, None, None]


def test_a_sidecar_is_sent_with_its_image_and_read_with_it(signed_in: Client, dataset: Dataset, png, media):
    from django.core.files.uploadedfile import SimpleUploadedFile

    files = {
        "file": SimpleUploadedFile("a.png", png()),
        "sidecar": SimpleUploadedFile("a.txt", "[SemImageFile]\r\nPixelSize=25\r\n".encode("utf-16")),
    }
    answer = signed_in.post("/datasets/steels/upload/", files, headers={"accept": "application/json"})
    assert answer.status_code == 201
    one = dataset.micrographs.get()
    assert one.pixels_per_micrometre is None
    one = services.read_at_once(micrograph=one)
    assert (one.pixels_per_micrometre, one.scale_source) == (40, "sidecar")
    assert one.scale_note == "a.txt: Hitachi PixelSize = 25 nm"
    files = {"file": SimpleUploadedFile("b.png", png(2)), "sidecar": SimpleUploadedFile("b.txt", b"x" * 70_000)}
    answer = signed_in.post("/datasets/steels/upload/", files, headers={"accept": "application/json"})
    assert answer.status_code == 400
    assert "at most 65536" in answer.json()["message"]


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("[]", "JSON object was wanted"),
        ("{", "JSON object was wanted"),
        ('{"paths": "a"}', "of the wrong kind"),
        ('{"paths": [], "manifest": "nonsense\\n"}', "unknown column"),
        ('{"paths": ["a"], "manifest": "filename\\n../a\\n"}', "inside the manifest"),
        ('{"paths": ["a"], "add_classes": ["none-of-these"]}', "reserved"),
        ('{"paths": ["a"], "add_classes": ["\\u0000"]}', "needs a name"),
        ('{"paths": ["a"], "add_classes": [["x", "y"], "' + "long" * 20 + '"]}', "At most 60 characters"),
    ],
)
def test_a_wrong_question_is_answered_in_words(signed_in: Client, dataset: Dataset, body: str, sentence: str):
    answer = signed_in.post(URL, body, content_type="application/json")
    assert answer.status_code == 400
    assert sentence in answer.json()["message"]
    assert dataset.material_classes.count() == 2


def test_two_thousand_files_are_planned_at_once(signed_in: Client, dataset: Dataset):
    told = plan(signed_in, [f"x/ferrite/{number}.png" for number in range(2000)] + ["x/y.png"])
    assert labels(told).count("ferrite") == 2000


def test_what_is_there_is_known_by_its_hash(signed_in: Client, add: Add, png):
    one = add(0)
    hashes = [hashlib.sha256(png(seed)).hexdigest() for seed in (0, 1)]
    url = "/datasets/steels/upload/known/"
    answer = signed_in.post(url, json.dumps({"sha256": hashes}), content_type="application/json")
    known = answer.json()["known"]
    assert list(known) == hashes[:1]
    odd = signed_in.post(url, json.dumps({"sha256": ["\x00", 7, None, [], ""]}), content_type="application/json")
    assert odd.json() == {"known": {}}
    assert known[hashes[0]]["page"] == f"/datasets/steels/micrographs/{one.pk}/"


def test_a_planned_scale_is_stored_with_its_source_and_words(signed_in: Client, dataset: Dataset, png, media):
    from django.core.files.uploadedfile import SimpleUploadedFile

    fields = {"pixels_per_micrometre": "40", "scale_source": "sidecar", "scale_note": "Hitachi PixelSize = 25 nm"}
    sent = {"file": SimpleUploadedFile("a.png", png()), "path": "d/a.png", **fields}
    headers = {"accept": "application/json"}
    assert signed_in.post("/datasets/steels/upload/", sent, headers=headers).json()["state"] == "reading"
    one = dataset.micrographs.get()
    assert (one.filename, one.scale_source, one.scale_note) == ("d/a.png", "sidecar", "Hitachi PixelSize = 25 nm")
    sent["file"] = SimpleUploadedFile("b.png", png())
    again = signed_in.post("/datasets/steels/upload/", sent, headers=headers)
    assert (again.status_code, again.json()["state"]) == (400, "there")
