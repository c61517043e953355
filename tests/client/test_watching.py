"""Watching a microscope's folder: whole files go up once, and their verdicts come beside them."""

import hashlib
import json
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from microdb.client.connection import Connection
from microdb.client.credentials import find_credentials
from microdb.client.watching import Watcher
from microdb.micrographs.models import Micrograph
from microdb.scoring.models import Batch, BatchItem
from tests.client.proxy import Proxy
from tests.trained import drawn_png

pytestmark = pytest.mark.django_db(transaction=True)

SETTLE = 0.3


@pytest.fixture
def watched(tmp_path: Path) -> Path:
    (tmp_path / "sem").mkdir()
    return tmp_path / "sem"


@pytest.fixture
def watcher(site: Proxy, watched: Path) -> Callable[[], Watcher]:
    """A new watcher, as after a start of the computer."""

    def start() -> Watcher:
        connection = Connection(find_credentials(), patience=float("inf"))
        return Watcher(connection, "steels", watched, settle=SETTLE)

    return start


def scaled_png(seed: int) -> bytes:
    return drawn_png("pearlite", seed)


def record(image: Path) -> dict[str, Any]:
    path = image.with_name(image.name + ".microdb.json")
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else {}


def cycle_until(watcher: Watcher, true: Callable[[], object], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        watcher.cycle()
        time.sleep(0.1)


def test_a_file_goes_up_with_its_sidecar_and_its_verdict_comes_beside_it(watcher, watched: Path, site: Proxy):
    image = watched / "day 1" / "a.png"
    image.parent.mkdir()
    image.write_bytes(scaled_png(60))
    image.with_suffix(".txt").write_text(
        "[SemImageFile]\nInstructName=S-4800\nDataSize=160x120\nPixelSize=100\nSignalName=SE\n"
    )
    cycle_until(watcher(), lambda: record(image).get("predicted"))
    found = record(image)
    assert found["pixels_per_micrometre"] == pytest.approx(10)
    assert (found["state"], found["dataset"], found["server"]) == ("done", "steels", site.url)
    assert (found["filename"], found["size"], found["model_version"]) == ("day 1/a.png", image.stat().st_size, 1)
    assert Batch.objects.get().pk.hex == found["batch"].replace("-", "")
    assert sorted(path.name for path in image.parent.iterdir()) == ["a.png", "a.png.microdb.json", "a.txt"]


def test_a_file_is_not_sent_while_it_is_written(watcher, watched: Path, site: Proxy):
    content, image, one = scaled_png(61), watched / "a.png", watcher()
    for end in range(1, 11):
        image.write_bytes(content[: len(content) * end // 10])
        one.cycle()
        time.sleep(SETTLE / 3)
    assert site.posts("/batches/") == 0
    cycle_until(one, lambda: record(image).get("batch"))
    assert Micrograph.objects.get(filename="a.png").sha256 == hashlib.sha256(content).hexdigest()


def test_a_restarted_watcher_collects_and_sends_nothing_twice(watcher, watched: Path, site: Proxy):
    image = watched / "a.png"
    image.write_bytes(scaled_png(62))
    cycle_until(watcher(), lambda: record(image).get("batch"))
    again = watcher()
    cycle_until(again, lambda: record(image)["state"] != "waiting")
    cycle_until(watcher(), lambda: True)
    for _ in range(8):
        again.cycle()
        time.sleep(0.1)
    assert (site.posts("/batches/"), BatchItem.objects.count()) == (1, 1)


def test_a_watcher_killed_before_it_heard_the_answer_makes_no_second_batch(watcher, watched: Path, site: Proxy):
    image = watched / "a.png"
    image.write_bytes(scaled_png(63))
    cycle_until(watcher(), lambda: record(image).get("batch"))
    first = record(image)["batch"]
    image.with_name("a.png.microdb.json").unlink()  # as if it had been killed before it wrote
    cycle_until(watcher(), lambda: record(image).get("batch"))
    assert (record(image)["batch"], Batch.objects.count()) == (first, 1)


def test_it_survives_the_loss_of_the_network(watcher, watched: Path, site: Proxy):
    one, image = watcher(), watched / "a.png"
    heard: list[str] = []
    one.connection.report = heard.append
    image.write_bytes(scaled_png(64))
    site.down = True
    thread = threading.Thread(target=cycle_until, args=(one, lambda: record(image).get("state") in ("done", "refused")))
    thread.start()
    time.sleep(1.5)
    assert heard
    assert not record(image)
    site.down, site.cut, site.only = False, 1, "/batches/ HTTP"  # and its first answer is lost
    thread.join(60)
    assert not thread.is_alive()
    assert (site.posts("/batches/"), Batch.objects.count(), BatchItem.objects.count()) == (2, 1, 1)


def test_a_file_that_is_refused_says_why_and_is_sent_again_only_when_it_changed(watcher, watched: Path, site: Proxy):
    image, one = watched / "a.tif", watcher()
    image.write_bytes(b"no image at all")
    cycle_until(one, lambda: record(image).get("warning"))
    for _ in range(6):
        one.cycle()
        time.sleep(0.1)
    assert (record(image)["predicted"], site.posts("/batches/")) == ("", 1)
    image.write_bytes(scaled_png(65))
    cycle_until(one, lambda: site.posts("/batches/") == 2)


def test_a_sidecar_that_comes_late_sends_a_file_without_verdict_again(watcher, watched: Path, site: Proxy):
    image, one = watched / "a.png", watcher()
    image.write_bytes(scaled_png(66))
    cycle_until(one, lambda: record(image).get("warning"))
    assert not record(image)["predicted"]
    image.with_suffix(".txt").write_text(
        "[SemImageFile]\nInstructName=S-4800\nDataSize=160x120\nPixelSize=100\nSignalName=SE\n"
    )
    cycle_until(one, lambda: record(image).get("predicted"))


def test_files_from_before_are_left_alone_on_request(watcher, watched: Path, site: Proxy):
    (watched / "old.png").write_bytes(scaled_png(67))
    one = watcher()
    one.since = time.time() + 1
    for _ in range(8):
        one.cycle()
        time.sleep(0.1)
    assert site.posts("/batches/") == 0
