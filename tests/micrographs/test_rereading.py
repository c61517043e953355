"""Old micrographs get a record of their microscope, and stored ones the scale of a sidecar that comes later."""

from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client

from microdb.micrographs import services, tasks
from microdb.micrographs.models import Acquisition, Change, Dataset, Micrograph, Reading
from microdb.micrographs.scale.microscope import READERS_RELEASE
from microdb.micrographs.scale.sidecar import Sidecar
from tests.micrographs.test_acquisition import FEI, picture

Add = Callable[..., Micrograph]
HITACHI = b"[SemImageFile]\r\nSignalName=SE(U)\r\nPixelSize=25\r\n"


@pytest.fixture
def old(dataset: Dataset, owner: Any, media: Path) -> list[Micrograph]:
    """Three micrographs as an earlier release left them: FEI with another scale, one with a sidecar, one without."""
    tags: list[dict[int, Any]] = [{34682: (2, FEI)}, {}, {}]
    made = []
    for number, one in enumerate(tags):
        sidecar = Sidecar("1.txt", HITACHI) if number == 1 else None
        about = {"file": picture(one, number), "filename": f"{number}.tif", "sidecar": sidecar, "label": "ferrite"}
        made.append(services.add_and_read_micrograph(dataset=dataset, by=owner, pixels_per_micrometre=3.5, **about))
    Acquisition.objects.all().delete()
    Reading.objects.update(readers=0)
    return made


def readers() -> list[int]:
    return list(Reading.objects.order_by("micrograph__filename").values_list("readers", flat=True))


def test_old_micrographs_get_their_record_and_keep_scale_and_label(old: list[Micrograph]) -> None:
    history = Change.objects.count()
    out = StringIO()
    call_command("backfill_records", stdout=out)
    assert out.getvalue().strip() == "2 records stored, 1 files without one, 0 could not be read."
    found = {one.micrograph.filename: one.detector for one in Acquisition.objects.select_related("micrograph")}
    assert found == {"0.tif": "ETD", "1.tif": "SE(U)"}
    assert set(Micrograph.objects.values_list("pixels_per_micrometre", "scale_source")) == {(3.5, "by_hand")}
    assert Change.objects.count() == history
    assert readers() == [READERS_RELEASE] * 3
    assert list(services.reread_records()) == []


def test_it_goes_on_where_it_was_stopped(old: list[Micrograph]) -> None:
    first = list(services.reread_records(most=2))
    assert len(first) == 2
    assert sorted(readers()) == [0, READERS_RELEASE, READERS_RELEASE]
    assert len(list(services.reread_records())) == 1


def test_a_file_that_is_gone_is_named_and_looked_for_again(old: list[Micrograph]) -> None:
    Path(old[0].master.path).unlink()
    err = StringIO()
    with pytest.raises(CommandError, match="1 could not be read"):
        call_command("backfill_records", stderr=err)
    assert "0.tif" in err.getvalue()
    assert readers() == [0, READERS_RELEASE, READERS_RELEASE]


def test_the_nightly_task_sends_itself_until_all_are_read(old: list[Micrograph], monkeypatch: Any) -> None:
    monkeypatch.setattr(tasks, "RECORDS_AT_ONCE", 2)
    sent: list[str] = []
    monkeypatch.setattr(tasks.reread_records, "delay", sent.append)
    tasks.reread_records()
    while sent:
        tasks.reread_records(sent.pop())
    assert readers() == [READERS_RELEASE] * 3


def test_what_is_read_now_is_not_read_again(dataset: Dataset, owner: Any, media: Path) -> None:
    services.add_and_read_micrograph(dataset=dataset, file=picture({}), filename="a.tif", by=owner)
    assert readers() == [READERS_RELEASE]
    assert list(services.reread_records()) == []


def sent(client: Client, *pairs: tuple[Micrograph, bytes], **fields: str) -> dict[str, dict[str, str]]:
    files = [SimpleUploadedFile("a.txt", content) for _one, content in pairs]
    body = {"id": [str(one.pk) for one, _content in pairs], "sidecar": files, **fields}
    answer = client.post("/datasets/steels/upload/sidecars/", body)
    assert answer.status_code == 200, answer.content
    return answer.json()["micrographs"]


def test_a_late_sidecar_is_offered_applied_and_undone(signed_in: Client, add: Add) -> None:
    first, second = add(0), add(1)
    offered = sent(signed_in, (first, HITACHI), (second, HITACHI.replace(b"25", b"50")))
    assert offered[str(first.pk)]["update"] == "scale none → 40 (a.txt: Hitachi PixelSize = 25 nm)"
    first.refresh_from_db()
    assert first.pixels_per_micrometre is None
    for micrograph, content in ((first, HITACHI), (second, HITACHI.replace(b"25", b"50"))):
        state = sent(signed_in, (micrograph, content), apply="1", drop="d1")[str(micrograph.pk)]
        assert state["state"] == "ready"
        micrograph.refresh_from_db()
    assert [(one.pixels_per_micrometre, one.scale_source) for one in (first, second)] == [
        (40, "sidecar"),
        (20, "sidecar"),
    ]
    assert first.acquisition.detector == "SE(U)"
    assert "The drop changed 2 stored micrographs." in signed_in.get("/datasets/steels/").text
    signed_in.post("/datasets/steels/bulk/undo/")
    assert set(Micrograph.objects.values_list("pixels_per_micrometre", "scale_source")) == {(None, "")}
    assert not Acquisition.objects.exists()
    assert set(Reading.objects.values_list("sidecar_name", "readers")) == {("", 0)}


def test_undoing_a_late_sidecar_leaves_what_the_file_records(dataset: Dataset, owner: Any, media: Path) -> None:
    about = {"dataset": dataset, "by": owner, "filename": "a.tif", "pixels_per_micrometre": 3.5}
    one = services.add_and_read_micrograph(file=picture({34682: (2, FEI)}), **about)
    services.set_scale(micrographs=[one], pixels_per_micrometre=None, source="", by=owner)
    services.take_sidecar(micrograph=one, sidecar=Sidecar("a.txt", HITACHI), by=owner)
    services.give_back_sidecars(micrographs=[one], note="", by=owner)
    list(services.reread_records())
    assert Acquisition.objects.get(pk=one.pk).detector == "ETD"


def test_a_drop_that_changes_too_many_is_not_undone_in_part(signed_in: Client, add: Add, monkeypatch) -> None:
    monkeypatch.setattr("microdb.micrographs.services.bulk.UNDOABLE", 1)
    micrographs = [add(number) for number in range(3)]
    for one in micrographs:
        sent(signed_in, (one, HITACHI), apply="1", drop="d1")
    assert "The drop changed" not in signed_in.get("/datasets/steels/").text
    signed_in.post("/datasets/steels/bulk/undo/")
    assert set(Micrograph.objects.values_list("pixels_per_micrometre", flat=True)) == {40}
    Micrograph.objects.update(pixels_per_micrometre=None, scale_source="")
    sent(signed_in, (micrographs[0], HITACHI), apply="1", drop="d2")
    assert "The drop changed 1 stored micrograph." in signed_in.get("/datasets/steels/").text


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"notes", "none of these"), (b"[SemImageFile]\r\nDataSize=999x9\r\nPixelSize=25\r\n", "cropped or resized")],
)
def test_a_late_sidecar_without_a_scale_for_this_picture_says_why(
    signed_in: Client, add: Add, content: bytes, words: str
) -> None:
    one = add(0)
    offered = sent(signed_in, (one, content))[str(one.pk)]
    assert (offered["update"], words in offered["message"]) == ("", True)
    applied = sent(signed_in, (one, content), apply="1")[str(one.pk)]
    assert words in applied["message"]
    one.refresh_from_db()
    assert one.pixels_per_micrometre is None


def test_a_scale_that_is_there_stays(signed_in: Client, add: Add) -> None:
    one = add(0, pixels_per_micrometre=3)
    has_one = "This micrograph has a scale already."
    offered = sent(signed_in, (one, HITACHI))[str(one.pk)]
    assert (offered["update"], offered["message"]) == ("", has_one)
    assert sent(signed_in, (one, HITACHI), apply="1")[str(one.pk)]["message"] == has_one
    one.refresh_from_db()
    assert one.pixels_per_micrometre == 3


def test_ids_of_other_datasets_and_wrong_numbers_of_them_change_nothing(signed_in: Client, add: Add) -> None:
    one = add(0)
    assert signed_in.post("/datasets/steels/upload/sidecars/", {"id": [str(one.pk)]}).status_code == 400
    Micrograph.objects.update(trashed_at="2020-01-01T00:00Z")
    assert sent(signed_in, (one, HITACHI), apply="1") == {}


def plan(client: Client, paths: list[str], sidecars: list[str]) -> dict[str, Any]:
    import json

    about = SimpleUploadedFile("about", json.dumps({"paths": paths, "sidecars": sidecars}).encode())
    answer = client.post("/datasets/steels/upload/plan/", {"about": about})
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_a_plan_finds_the_stored_micrograph_of_a_sidecar_by_name_and_folder(
    signed_in: Client, dataset: Dataset, add: Add
) -> None:
    names = ["x/a.tif", "y/a.tif", "b.tif", "scaled.tif"]
    made = {name: add(seed, filename=name) for seed, name in enumerate(names)}
    services.set_scale(micrographs=[made["scaled.tif"]], pixels_per_micrometre=2, source="by_hand", by=None)
    planned = plan(signed_in, ["c.tif"], ["x/a.TXT", "a.txt", "drop/b.tif.hdr", "scaled.txt", "c.txt", "c.msa"])
    assert [(one["sidecar"], one["filename"], one["state"]) for one in planned["late"]] == [
        ("x/a.TXT", "x/a.tif", "needs_scale"),
        ("drop/b.tif.hdr", "b.tif", "needs_scale"),
    ]
    (note,) = planned["notes"]
    assert note.startswith("2 text files belong neither")
    assert "a.txt, scaled.txt" in note
