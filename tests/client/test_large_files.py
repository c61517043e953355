"""Large files go up in parts: whatever breaks, a part at most is sent twice."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings

from microdb.client import Client, resumable
from microdb.client.connection import Connection
from microdb.client.credentials import find_credentials
from microdb.client.watching import Watcher
from microdb.micrographs.models import Dataset, Micrograph, Upload
from microdb.scoring.models import Batch, BatchItem
from tests.client.conftest import Run
from tests.client.proxy import Proxy
from tests.trained import drawn_png

pytestmark = pytest.mark.django_db(transaction=True)

PART = 2500
SIDECAR = b"[SemImageFile]\r\nPixelSize=50\r\n"


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """The drawn micrographs, of some 15 kB, count as large."""
    monkeypatch.setattr(resumable, "LARGE", 2 * PART)
    monkeypatch.setattr(resumable, "PART", PART)


@pytest.fixture
def large(tmp_path: Path) -> Path:
    folder = tmp_path / "steel" / "ferrite"
    folder.mkdir(parents=True)
    (folder / "a.png").write_bytes(drawn_png("ferrite", 70))
    assert (folder / "a.png").stat().st_size > 4 * PART
    return folder / "a.png"


def patches(network: Proxy) -> int:
    return sum(line.startswith("PATCH") for line in network.sent)


def stop_at(monkeypatch: pytest.MonkeyPatch, part: int) -> Callable[[], None]:
    """The process ends before it sends this part; undone by what is returned."""
    sent, counted = resumable.LargeUpload._part_sent, []

    def part_sent(self, path: str, offset: int, content: bytes) -> int:
        counted.append(offset)
        if len(counted) == part:
            raise KeyboardInterrupt
        return sent(self, path, offset, content)

    monkeypatch.setattr(resumable.LargeUpload, "_part_sent", part_sent)
    return lambda: monkeypatch.setattr(resumable.LargeUpload, "_part_sent", sent)


def test_a_large_file_goes_up_in_parts_with_its_label_and_sidecar(
    signed_in_client: Proxy, dataset: Dataset, large: Path, run: Run
):
    large.with_suffix(".txt").write_bytes(SIDECAR)
    code, _printed, told = run("upload", "steels", large.parent.parent)
    assert (code, "1 sent, 0 there already, 0 refused" in told) == (0, True), told
    micrograph = Micrograph.objects.select_related("material_class", "reading").get()
    assert (micrograph.label, micrograph.reading.sidecar_name) == ("ferrite", "a.txt")
    assert patches(signed_in_client) == -(-large.stat().st_size // PART)
    assert signed_in_client.posts("/micrographs/") == 0
    assert "0 sent, 1 there already" in run("upload", "steels", large.parent.parent)[2]


def test_lost_answers_of_every_request_store_it_once(signed_in_client: Proxy, dataset: Dataset, large: Path, run: Run):
    signed_in_client.only, signed_in_client.cut = "/uploads/", 6
    code, _printed, told = run("upload", "steels", large.parent.parent)
    assert (code, "1 sent" in told, "trying again" in told) == (0, True, True), told
    assert (Micrograph.objects.count(), Upload.objects.count()) == (1, 1)


def test_the_lost_answer_to_the_last_part_counts_as_sent(
    signed_in_client: Proxy, dataset: Dataset, large: Path, run: Run, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(resumable, "PART", large.stat().st_size)
    signed_in_client.only, signed_in_client.cut = "PATCH", 1
    assert "1 sent" in run("upload", "steels", large.parent.parent)[2]
    assert Micrograph.objects.count() == 1


def test_the_lost_answer_to_a_refusal_is_told_too(
    signed_in_client: Proxy, dataset: Dataset, large: Path, run: Run, monkeypatch: pytest.MonkeyPatch
):
    large.write_bytes(b"no image" * 4 * PART)
    monkeypatch.setattr(resumable, "PART", large.stat().st_size)
    signed_in_client.only, signed_in_client.cut = "PATCH", 1
    code, _printed, told = run("upload", "steels", large.parent.parent)
    assert (code, "This is no image file" in told) == (1, True), told


def test_a_process_that_was_killed_goes_on_where_it_was(
    signed_in_client: Proxy, dataset: Dataset, large: Path, monkeypatch: pytest.MonkeyPatch
):
    go_on = stop_at(monkeypatch, part=4)
    with pytest.raises(KeyboardInterrupt):
        Client("steels").upload(large.parent.parent)
    assert Upload.objects.get().received == 3 * PART
    go_on()
    before = signed_in_client.bytes
    assert Client("steels").upload(large.parent.parent).sent == 1
    assert signed_in_client.bytes - before == large.stat().st_size - 3 * PART
    assert (Micrograph.objects.count(), Upload.objects.count()) == (1, 1)


def test_an_upload_that_the_server_lost_begins_anew(
    signed_in_client: Proxy, dataset: Dataset, large: Path, monkeypatch: pytest.MonkeyPatch
):
    go_on = stop_at(monkeypatch, part=3)
    with pytest.raises(KeyboardInterrupt):
        Client("steels").upload(large.parent.parent)
    go_on()
    for part in Path(settings.UPLOADS).iterdir():
        part.unlink()
    assert Client("steels").upload(large.parent.parent).sent == 1
    assert (Micrograph.objects.count(), Upload.objects.count()) == (1, 1)


def test_a_file_that_changed_meanwhile_begins_anew(
    signed_in_client: Proxy, dataset: Dataset, large: Path, monkeypatch: pytest.MonkeyPatch
):
    go_on = stop_at(monkeypatch, part=3)
    with pytest.raises(KeyboardInterrupt):
        Client("steels").upload(large.parent.parent)
    go_on()
    large.write_bytes(drawn_png("ferrite", 71))
    assert Client("steels").upload(large.parent.parent).sent == 1
    assert Upload.objects.filter(micrograph=Micrograph.objects.get()).count() == 1


def test_a_large_file_of_a_batch_is_scored_beside_small_ones_and_again_sends_nothing(
    site: Proxy, large: Path, run: Run, monkeypatch: pytest.MonkeyPatch
):
    (large.parent / "small.png").write_bytes(drawn_png("pearlite", 72)[:PART])
    go_on = stop_at(monkeypatch, part=3)
    with pytest.raises(KeyboardInterrupt):
        list(Client("steels").score([large.parent], pixels_per_micrometre=10))
    go_on()
    verdicts = {one.filename: one for one in Client("steels").score([large.parent], pixels_per_micrometre=10)}
    assert set(verdicts) == {"a.png", "small.png"}
    assert verdicts["a.png"].predicted
    assert (Batch.objects.count(), BatchItem.objects.count(), Upload.objects.count()) == (1, 2, 1)
    before = patches(site)
    assert len(list(Client("steels").score([large.parent], pixels_per_micrometre=10))) == 2
    assert patches(site) == before


def test_a_watcher_that_was_killed_within_a_large_file_goes_on(
    site: Proxy, large: Path, monkeypatch: pytest.MonkeyPatch
):
    large.with_suffix(".txt").write_bytes(b"[SemImageFile]\r\nPixelSize=100\r\n")

    def watcher() -> Watcher:
        return Watcher(Connection(find_credentials(), patience=float("inf")), "steels", large.parent, settle=0.0)

    def verdict() -> dict[str, str]:
        beside = large.with_name("a.png.microdb.json")
        return json.loads(beside.read_text()) if beside.exists() else {}

    go_on, first = stop_at(monkeypatch, part=3), watcher()
    with pytest.raises(KeyboardInterrupt):
        first.run(0)
    go_on()
    sent, second = patches(site), watcher()
    while verdict().get("state") != "done":
        second.cycle()
    assert patches(site) - sent == -(-large.stat().st_size // PART) - 2
    assert verdict()["predicted"]
    assert (Batch.objects.count(), BatchItem.objects.count(), Upload.objects.count()) == (1, 1, 1)
