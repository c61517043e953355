"""The classifier's reader gives the gray values that the site gives, up to a constant factor, or refuses the file.

Both have the same bounds on what a file may be made of.
"""

import csv
import io
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import product
from pathlib import Path

import numpy as np
import psutil
import pytest
import tifffile
from PIL import Image

from classifier import ClassifierError
from classifier.command_line.image_files import bounds, isolation, parts, reader
from classifier.command_line.image_files.isolation import read_gray
from microdb.micrographs.files import file_format, floods, header, tiff
from microdb.micrographs.files.decoding import decoded
from tests.conftest import SHARED
from tests.hostile.images import ALL, BOMBS, FLOODS, NEVER_READY, POLYGLOTS

ROOT = Path(__file__).resolve().parent.parent
MODEL = ROOT / "tests/classifier/artifacts_version_1/paper"
CASES = SHARED / "cases" / "files"
KINDS = ("uint8", "int8", "uint16", "int16", "uint32", "int32", "float32", "float64")
LAYOUTS = list(product(KINDS, ("minisblack", "miniswhite", "rgb"), ("contig", "separate"), "<>", (None, "zlib", "lzw")))
READ_AT_LEAST = {"uint8", "uint16", "float32"}


def written(path: Path, kind: str, photometric: str, planar: str, byteorder: str, compression: str | None) -> bool:
    """A TIFF of random values over the kind's whole range; False where there is no such layout."""
    random = np.random.default_rng(0)
    shape = (24, 32)
    if photometric == "rgb":
        shape = (*shape, 3) if planar == "contig" else (3, *shape)  # type: ignore[assignment]
    elif planar == "separate":
        return False
    whole = np.iinfo(kind) if np.dtype(kind).kind in "iu" else None
    pixels = (
        random.integers(whole.min, whole.max, shape, kind, endpoint=True)
        if whole
        else random.normal(0, 100, shape).astype(kind)
    )
    about = {"photometric": photometric, "compression": compression, "byteorder": byteorder, "metadata": None}
    tifffile.imwrite(path, pixels, **about, **({"planarconfig": planar} if photometric == "rgb" else {}))  # type: ignore[arg-type]
    return True


def site_pixels(path: Path) -> np.ndarray | None:
    from microdb.errors import MicroDBError

    try:
        return decoded(io.BytesIO(path.read_bytes())).pixels.astype(float)
    except MicroDBError:
        return None


def classifier_pixels(path: Path) -> np.ndarray | None:
    try:
        return read_gray(path).astype(float)
    except ClassifierError:
        return None


@pytest.mark.parametrize("layout", LAYOUTS, ids=str)
def test_gray_values_are_the_sites_or_a_refusal(tmp_path: Path, layout: tuple[str, str, str, str, str | None]) -> None:
    path = tmp_path / "a.tif"
    if not written(path, *layout):
        return
    kind, photometric, _planar, byteorder, _compression = layout
    expected, found = site_pixels(path), classifier_pixels(path)
    if found is None:
        assert kind not in READ_AT_LEAST or photometric != "minisblack" or byteorder == ">"
        return
    assert expected is not None
    assert np.corrcoef(found.ravel(), expected.ravel())[0, 1] > 0.99


@pytest.mark.skipif(not CASES.is_dir(), reason="needs ../shared/cases/files")
@pytest.mark.parametrize("name", ["rgb16_planar_separate", "int8_signed", "uint32_above_2e31", "float32_white_is_zero"])
def test_files_that_were_garbled_are_read_right_or_refused(name: str) -> None:
    path = CASES / f"{name}.tif"
    expected = site_pixels(path)
    assert expected is not None
    found = classifier_pixels(path)
    assert found is None or np.corrcoef(found.ravel(), expected.ravel())[0, 1] > 0.99


def test_the_bounds_are_the_sites(settings) -> None:
    assert bounds.FORMATS == file_format.ACCEPTED
    assert (bounds.MOST_BYTES, bounds.MOST_PIXELS) == (settings.UPLOAD_MAX_BYTES, settings.UPLOAD_MAX_PIXELS)
    assert (bounds.HARMLESS_BYTES, bounds.MOST_TIMES_PACKED) == (header.HARMLESS_BYTES, header.MOST_TIMES_PACKED)
    assert (parts.MOST_SEGMENTS, parts.MOST_TAGS) == (header.MOST_SEGMENTS, header.MOST_TAGS)
    for name in ("MOST_SCANS", "MOST_METADATA", "MOST_CHUNKS", "MOST_DIRECTORIES"):
        assert getattr(parts, name) == getattr(floods, name)
    assert parts.MOST_PIECES == floods.MOST_PIXEL_CHUNKS
    assert parts.MOST_DIRECTORIES == tiff.MOST_PAGES
    assert (isolation.MOST_SECONDS, reader.MOST_MEMORY) == (settings.READING_MAX_SECONDS, settings.READING_MAX_BYTES)


SECONDS = 300.0
"""For all of them; the slowest takes 7 s of the processor."""


def test_the_command_scores_no_hostile_file_and_stops_at_none(tmp_path: Path) -> None:
    """All of them in one folder, given to ``python -m classifier score``."""
    pictures, names = tmp_path / "pictures", {}
    pictures.mkdir()
    for number, (name, make) in enumerate(ALL.items()):
        names[f"{number:03}.png"] = name
        (pictures / f"{number:03}.png").write_bytes(make())
    table = tmp_path / "out.csv"
    command = [sys.executable, "-m", "classifier", "score", str(MODEL), str(pictures), "--csv", str(table)]
    command += ["--pixels-per-micrometre", "10", "--crops", "1"]
    done = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    with memory_of(done.pid) as memory:
        _out, told = done.communicate(timeout=SECONDS)
    assert done.returncode == 1
    assert "Traceback" not in told
    assert max(memory) < reader.MOST_MEMORY
    rows = {names[row["filename"]]: row for row in csv.DictReader(table.open(newline=""))}
    assert len(rows) == len(ALL)
    assert [name for name, row in rows.items() if bool(row["predicted"]) == bool(row["warning"])] == []
    assert [name for name in NEVER_READY if rows[name]["predicted"]] == []
    assert [name for name in POLYGLOTS if not rows[name]["predicted"]] == []
    assert [name for name in FLOODS if "was not read: it has more than" not in rows[name]["warning"]] == []
    assert [name for name in BOMBS if not re.search("pixels|times its size", rows[name]["warning"])] == []


@contextmanager
def memory_of(pid: int) -> Iterator[list[int]]:
    """The bytes of the process and its children, again and again."""
    found, over = [0], threading.Event()

    def weigh() -> None:
        while not over.wait(0.1):
            with suppress(psutil.Error):
                family = [psutil.Process(pid), *psutil.Process(pid).children()]
                found.append(sum(one.memory_info().rss for one in family))

    thread = threading.Thread(target=weigh)
    thread.start()
    try:
        yield found
    finally:
        over.set()
        thread.join()


@pytest.mark.parametrize(
    ("reading", "reason"),
    [
        ("while True: pass", "took longer than 3 seconds"),
        ("os.kill(os.getpid(), 9)", "crashed its reader"),
        ("np.zeros(2**33)", "MB of memory"),
    ],
)
def test_a_file_that_stops_its_reader_is_refused_and_the_next_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reading: str, reason: str
) -> None:
    """The child gets a decoder that does this for one file."""
    stopping, fine = tmp_path / "stops.png", tmp_path / "fine.png"
    for path in (stopping, fine):
        Image.fromarray(np.random.default_rng(0).integers(0, 256, (40, 50), np.uint8)).save(path)
    (tmp_path / "sitecustomize.py").write_text(
        "import os\nimport numpy as np\nfrom PIL import PngImagePlugin\nopened = PngImagePlugin.PngImageFile._open\n"
        "def opens(self):\n    opened(self)\n    if self.fp.name.endswith('stops.png'):\n"
        f"        {reading}\n"
        "PngImagePlugin.PngImageFile._open = opens\n"
    )
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")
    monkeypatch.setattr(isolation, "MOST_SECONDS", 3.0)
    monkeypatch.setattr(isolation, "_child", isolation._Child())
    with pytest.raises(ClassifierError, match=reason):
        read_gray(stopping)
    monkeypatch.setattr(isolation, "MOST_SECONDS", 60.0)
    assert read_gray(fine).shape == (40, 50)
    isolation._child.end()
