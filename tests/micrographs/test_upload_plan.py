"""What a drop would do is told before anything is sent, and what is there already is known by its hash."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from microdb.micrographs import services
from microdb.micrographs.models import Dataset, Micrograph

Add = Callable[..., Micrograph]
URL = "/datasets/steels/upload/plan/"


def ask(client: Client, about: str, manifest: bytes | None = None) -> HttpResponse:
    parts = {"about": SimpleUploadedFile("about.json", about.encode())}
    if manifest is not None:
        parts["manifest"] = SimpleUploadedFile("micrographs.csv", manifest)
    return client.post(URL, parts)


def plan(client: Client, paths: list[str], manifest: str | bytes | None = None, **given: Any) -> dict[str, Any]:
    raw = manifest.encode() if isinstance(manifest, str) else manifest
    answer = ask(client, json.dumps({"paths": paths, **given}), raw)
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


def test_a_sidecar_that_is_too_long_is_named_and_its_image_is_stored(signed_in: Client, dataset: Dataset, png, media):
    files = {"file": SimpleUploadedFile("b.png", png(2)), "sidecar": SimpleUploadedFile("b.txt", b"x" * 300_000)}
    answer = signed_in.post("/datasets/steels/upload/", files, headers={"accept": "application/json"})
    assert answer.status_code == 201
    one = services.read_at_once(micrograph=dataset.micrographs.get())
    assert (one.state, one.pixels_per_micrometre) == ("ready", None)
    assert "The sidecar b.txt was found, but it is empty or has more than 262144 bytes." in one.scale_note


@pytest.mark.parametrize(
    ("body", "manifest", "sentence"),
    [
        ("[]", None, "JSON object was wanted"),
        ("{", None, "JSON object was wanted"),
        ('{"paths": "a"}', None, "of the wrong kind"),
        ('{"sidecars": {"a.txt": 7}}', None, "of the wrong kind"),
        ('{"paths": []}', b"nonsense\n", "unknown column"),
        ('{"paths": ["a"]}', b"filename\n../a\n", "inside the manifest"),
        ('{"paths": ["a"]}', "filename,label\na,Gefüge\n".encode("cp1252"), "Save it as “CSV UTF-8”"),
        ('{"paths": ["a"], "add_classes": ["none-of-these"]}', None, "reserved"),
        ('{"paths": ["a"], "add_classes": ["\\u0000"]}', None, "needs a name"),
        ('{"paths": ["a"], "add_classes": [["x", "y"], "' + "long" * 20 + '"]}', None, "At most 60 characters"),
    ],
)
def test_a_wrong_question_is_answered_in_words(
    signed_in: Client, dataset: Dataset, body: str, manifest: bytes | None, sentence: str
):
    answer = ask(signed_in, body, manifest)
    assert answer.status_code == 400
    assert sentence in answer.json()["message"]
    assert dataset.material_classes.count() == 2


def test_a_manifest_of_european_excel_is_read_and_the_plan_says_how(signed_in: Client, dataset: Dataset):
    manifest = "Filename;Label;Pixels_per_micrometre\r\nPrüfling.png;ferrite;10,3\r\n".encode("utf-16")
    told = plan(signed_in, ["Pru\u0308fling.png"], manifest)
    assert (told["files"][0]["label"], told["files"][0]["pixels_per_micrometre"]) == ("ferrite", 10.3)
    assert told["notes"] == ["micrographs.csv was read as semicolon-separated, decimal comma, UTF-16."]


def test_a_row_that_is_there_twice_or_could_mean_two_files_is_refused(signed_in: Client, dataset: Dataset):
    told = plan(signed_in, ["a.png", "b.png"], "filename,pixels_per_micrometre\na.png,1\na.png,2\nb.png,3\n")
    assert "more than once, in lines 2, 3" in told["files"][0]["problem"]
    assert told["files"][1]["pixels_per_micrometre"] == 3
    told = plan(signed_in, ["y/a.png"], "filename\ny/a.png\n", manifest_path="x/micrographs.csv")
    assert "does not name this file" in told["files"][0]["problem"]


def test_a_table_of_another_name_is_the_manifest_if_it_names_files_and_is_named_if_not(
    signed_in: Client, dataset: Dataset
):
    told = plan(signed_in, ["x/a.png"], "filename,label\na.png,ferrite\n", manifest_path="x/labels.csv")
    assert labels(told) == ["ferrite"]
    told = plan(signed_in, ["x/a.png"], "keV,counts\n1,2\n", manifest_path="x/spectrum.csv")
    assert labels(told) == [""]
    assert "x/spectrum.csv" in told["notes"][0]


def test_several_folders_around_everything_are_no_classes(signed_in: Client, dataset: Dataset):
    told = plan(signed_in, ["a/b/ferrite/1.png", "a/b/granite/2.png"])
    assert (labels(told), told["new_classes"]) == (["ferrite", ""], ["granite"])


def test_a_hundred_thousand_rows_and_five_thousand_files_are_planned_at_once(signed_in: Client, dataset: Dataset):
    rows = "".join(f"files/{number:06}.png,ferrite,{number + 1}\n" for number in range(100_000))
    paths = [f"files/{number:06}.png" for number in range(5000)]
    told = plan(signed_in, paths, f"filename,label,pixels_per_micrometre\n{rows}")
    assert told["files"][4999]["pixels_per_micrometre"] == 5000
    assert (told["missing_count"], told["missing"][0]) == (95_000, "files/005000.png")


def test_two_thousand_files_are_planned_at_once(signed_in: Client, dataset: Dataset):
    told = plan(signed_in, [f"x/ferrite/{number}.png" for number in range(2000)] + ["x/y.png"])
    assert labels(told).count("ferrite") == 2000


def test_what_is_there_is_known_by_its_hash(signed_in: Client, add: Add, png):
    one = add(0)
    hashes = [hashlib.sha256(png(seed)).hexdigest() for seed in (0, 1)]
    url = "/datasets/steels/upload/known/"
    answer = signed_in.post(
        url, json.dumps({"files": [{"sha256": one} for one in hashes]}), content_type="application/json"
    )
    known = answer.json()["known"]
    assert list(known) == hashes[:1]
    odd = signed_in.post(
        url, json.dumps({"files": ["\x00", 7, None, [], {}, {"sha256": []}]}), content_type="application/json"
    )
    assert odd.json() == {"known": {}}
    assert known[hashes[0]]["page"] == f"/datasets/steels/micrographs/{one.pk}/"


def test_a_planned_scale_is_stored_with_its_source_and_words(signed_in: Client, dataset: Dataset, png, media):
    fields = {"pixels_per_micrometre": "40", "scale_source": "sidecar", "scale_note": "Hitachi PixelSize = 25 nm"}
    sent = {"file": SimpleUploadedFile("a.png", png()), "path": "d/a.png", **fields}
    headers = {"accept": "application/json"}
    assert signed_in.post("/datasets/steels/upload/", sent, headers=headers).json()["state"] == "reading"
    one = dataset.micrographs.get()
    assert (one.filename, one.scale_source, one.scale_note) == ("d/a.png", "sidecar", "Hitachi PixelSize = 25 nm")
    sent["file"] = SimpleUploadedFile("b.png", png())
    again = signed_in.post("/datasets/steels/upload/", sent, headers=headers)
    assert (again.status_code, again.json()["state"]) == (400, "there")
