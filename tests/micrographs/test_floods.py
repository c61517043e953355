"""Files made to keep their reader busy: a web process spends no time on them, and a reader little."""

import io
import sys
import time
import zlib
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image, ImageFile

from microdb.errors import MicroDBError
from microdb.micrographs.files import decoding
from microdb.micrographs.files.decoding import decoded
from microdb.micrographs.files.floods import check_parts
from microdb.micrographs.files.header import MOST_SEGMENTS, read_header
from microdb.micrographs.files.png_rows import PASSES
from microdb.micrographs.reading.measuring import measure_file
from tests.hostile.images import ALL, BOMBS, FLOODS, NEVER_READY, POLYGLOTS
from tests.hostile.jpeg import jpeg, segment
from tests.hostile.png import END, SIGNATURE, chunk, header

SOON, LATER = 0.2, 10.0
"""Seconds that a web process, and a reader, may take on a machine that does other things too."""


def outcome(call: Callable[[io.BytesIO], object], content: bytes) -> str:
    try:
        call(io.BytesIO(content))
    except MicroDBError as error:
        return error.code
    return "ok"


@pytest.mark.parametrize("name", ALL)
def test_a_header_is_read_soon_whatever_the_file_holds(name: str):
    content = ALL[name]()
    start = time.process_time()
    outcome(read_header, content)
    assert time.process_time() - start < SOON


@pytest.mark.parametrize("name", ALL)
def test_a_reader_gives_up_or_ends_soon(name: str):
    content = ALL[name]()
    start = time.process_time()
    code = outcome(read_header, content)
    if code == "ok":
        code = outcome(measure_file, content)
    assert time.process_time() - start < LATER
    if name in NEVER_READY:
        assert code != "ok"
    if name in POLYGLOTS:
        assert code == "ok"
    expected = {"too_many_parts"} if name in FLOODS else {"too_large", "packed_too_much"} if name in BOMBS else None
    assert expected is None or code in expected


@pytest.mark.parametrize("name", ["JPEG of thousands of scans", "PNG of one colour"])
def test_the_refusal_says_what_to_do(name: str):
    content = ALL[name]()
    with pytest.raises(MicroDBError, match=r"save it again|crop it"):
        decoded(io.BytesIO(content)) if name in FLOODS else read_header(io.BytesIO(content))


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"exif": b"Exif\0\0" + bytes(60_000)}])
@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_ordinary_jpegs_have_few_parts(options: dict[str, object], mode: str):
    file = io.BytesIO()
    Image.effect_noise((300, 200), 50).convert(mode).save(file, "JPEG", **options)
    check_parts(file, "JPEG")
    assert (read_header(file).width, read_header(file).height) == (300, 200)
    assert decoded(file).pixels.shape == (200, 300)


def test_a_header_may_have_as_many_segments_as_the_limit():
    assert read_header(io.BytesIO(jpeg(segment(0xFE, b"x") * (MOST_SEGMENTS - 10)))).width == 64
    with pytest.raises(MicroDBError, match="1000 segments"):
        read_header(io.BytesIO(jpeg(segment(0xFE, b"x") * MOST_SEGMENTS)))


@pytest.mark.parametrize("image_format", ["PNG", "JPEG", "TIFF", "BMP"])
def test_a_request_that_uploads_decodes_nothing(
    signed_in: Client, dataset, settings, tmp_path, monkeypatch, image_format: str
):
    settings.MEDIA_ROOT = tmp_path
    file = io.BytesIO()
    Image.effect_noise((64, 48), 50).save(file, image_format)

    def decodes(*_: object, **__: object) -> None:
        raise AssertionError("a web process decodes")

    monkeypatch.setattr(ImageFile.ImageFile, "__init__", decodes)
    monkeypatch.setattr(decoding.tifffile.TiffFile, "__init__", decodes)
    sent = SimpleUploadedFile("a", file.getvalue())
    answer = signed_in.post("/datasets/steels/upload/", {"file": sent}, headers={"accept": "application/json"})
    assert (answer.status_code, answer.json()["state"]) == (201, "reading")


def test_the_corpus_is_not_small():
    assert len(ALL) > 200
    assert max(sys.getsizeof(make()) for make in BOMBS.values()) < 2**20


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "LA", "I;16"])
@pytest.mark.parametrize("size", [(1, 1), (3, 5), (64, 48), (1, 300), (777, 2)])
def test_a_png_whose_rows_are_all_there_is_read(mode: str, size: tuple[int, int]):
    file = io.BytesIO()
    Image.effect_noise(size, 50).convert("RGB" if mode == "RGBA" else "L").convert(mode).save(file, "PNG")
    assert measure_file(file).width == size[0]


@pytest.mark.parametrize("size", [(1, 1), (2, 9), (5, 5), (64, 48)])
@pytest.mark.parametrize("bits", [1, 2, 4, 8, 16])
def test_an_interlaced_png_whose_rows_are_all_there_is_read(bits: int, size: tuple[int, int]):
    rows = b""
    for left, top, across, down in PASSES:
        columns, lines = len(range(left, size[0], across)), len(range(top, size[1], down))
        rows += (b"\0" + bytes(-(-columns * bits // 8))) * lines if columns else b""
    whole, cut = (
        SIGNATURE + header(size, bits=bits, lace=1) + chunk(b"IDAT", zlib.compress(part)) + END
        for part in (rows, rows[:-1])
    )
    assert outcome(measure_file, whole) == "ok"
    assert outcome(measure_file, cut) == "truncated"
