"""Batches that are opened, filled in several requests and then started."""

from django.core.files.uploadedfile import SimpleUploadedFile

from microdb.micrographs.models import Micrograph
from microdb.scoring import tasks
from microdb.scoring.models import BatchItem, Score
from tests.scoring.batch_api import Api, image, score_all
from tests.trained import read_all


def test_a_batch_is_filled_in_several_requests_and_scores_nothing_before_its_start(api: Api):
    batch = api.opened(pixels_per_micrometre=10)
    first = api.send(batch, {"x/a.png": image(80), "x/b.png": b"no image"})
    assert first["total"] == 2
    assert [(one["filename"], bool(one["micrograph"]), one["code"]) for one in first["files"]] == [
        ("x/a.png", True, ""),
        ("x/b.png", False, "not_an_image"),
    ]
    assert api.send(batch, {"y/a.png": image(81)})["total"] == 3
    read_all()
    tasks.sweep()
    assert not Score.objects.exists()
    assert api.get(batch).json()["state"] == "open"
    started = api.post(f"{batch}start/", status=202)
    assert (started["state"], started["total"], started["waiting"]) == ("running", 3, 2)
    score_all()
    ended = api.get(batch).json()
    assert (ended["state"], ended["done"], ended["without_verdict"], ended["seconds_left"]) == ("done", 2, 1, 0)
    assert [(row["filename"], row["state"], row["code"]) for row in api.results(batch)] == [
        ("x/a.png", "done", ""),
        ("x/b.png", "refused", "not_an_image"),
        ("y/a.png", "done", ""),
    ]


def test_files_sent_again_are_replaced_and_not_doubled(api: Api):
    batch = api.opened(pixels_per_micrometre=10)
    api.send(batch, {"a.png": b"no image", "b.png": image(80)})
    for _ in range(2):
        assert api.send(batch, {"a.png": image(81), "b.png": image(80)})["total"] == 2
    assert [one.filename for one in BatchItem.objects.all()] == ["a.png", "b.png"]
    assert not BatchItem.objects.exclude(error="").exists()
    assert Micrograph.objects.filter(scored_only=True).count() == 2


def test_paths_longer_than_a_file_name_stay_apart(api: Api):
    batch = api.opened()
    paths = [f"{letter}/{'folder' * 50}/a.png" for letter in "xy"]
    api.send(batch, dict(zip(paths, [image(80), image(81)], strict=True)))
    assert [one.filename for one in BatchItem.objects.all()] == paths


def test_the_rows_of_a_manifest_are_keyed_by_the_full_path_over_all_requests(api: Api):
    lines = ["filename,pixels_per_micrometre", "x/a.png,20", "y/a.png,40", "gone.png,3", "z/c.png,8", "z/c.png,9"]
    manifest = SimpleUploadedFile("m.csv", "\n".join(lines).encode(), "text/csv")
    batch = f"{api.post(body={'start': 'false', 'manifest': manifest}, status=202)['id']}/"
    api.send(batch, {"x/a.png": image(80)})
    sent = api.send(batch, {"y/a.png": image(81), "a.png": image(82), "Y/A.png": image(83), "z/c.png": image(84)})
    assert [one["code"] for one in sent["files"]] == ["ambiguous_row", "", "ambiguous_row", "ambiguous_row"]
    body = api.post(f"{batch}start/", status=202)
    read_all()
    assert {name: body["manifest"][name] for name in ("rows", "rows_without_file", "files_without_row")} == {
        "rows": 5,
        "rows_without_file": 1,
        "files_without_row": 1,
    }
    found = {
        row["filename"]: (row["pixels_per_micrometre"], row["manifest_line"], row["code"]) for row in api.results(batch)
    }
    assert found["x/a.png"] == (20.0, 2, "")
    assert found["a.png"] == (None, None, "missing_scale")
    assert found["gone.png"] == (None, 4, "not_sent")


def test_a_started_or_cancelled_batch_takes_no_files(api: Api):
    batch = api.opened()
    assert api.post(f"{batch}start/", status=400)["code"] == "empty"
    api.send(batch, {"a.png": image(80)})
    assert api.post(f"{batch}retry/", status=409)["code"] == "not_started"
    api.post(f"{batch}start/", status=202)
    assert api.post(f"{batch}start/", status=202)["total"] == 1
    assert api.send(batch, {"b.png": image(81)}, status=409)["code"] == "already_started"
    other = api.opened()
    assert api.post(f"{other}cancel/", status=200)["state"] == "cancelled"
    assert api.send(other, {"b.png": image(81)}, status=409)["code"] == "batch_cancelled"
    assert api.post(f"{other}start/", status=409)["code"] == "batch_cancelled"
    assert not Micrograph.objects.filter(filename="b.png").exists()
