"""Which files are taken, which are refused with which reason, and what their pixels are."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from microdb.micrographs.files.decoding import gray_pixels
from microdb.micrographs.files.header import Header, read_header
from microdb.micrographs.files.rendering import display_and_thumbnail
from tests.micrographs.conftest import encoded, rejected, tiff

RAMP = np.arange(48 * 64).reshape(48, 64)


def png_claiming(width: int, height: int) -> bytes:
    header = struct.pack(">4sIIBBBBB", b"IHDR", width, height, 8, 0, 0, 0, 0)
    checked = struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))
    return b"\x89PNG\r\n\x1a\n" + checked + struct.pack(">I4sI", 0, b"IDAT", zlib.crc32(b"IDAT"))


def tiff_claiming(width: int, height: int) -> bytes:
    entries = [(256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1), (273, 4, 1, 8)]
    directory = struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return b"II*\0\x08\0\0\0" + directory + b"\0" * 4


def header_of(content: bytes) -> Header:
    return read_header(io.BytesIO(content))


def pixels_of(content: bytes) -> np.ndarray:
    return gray_pixels(io.BytesIO(content))


@pytest.mark.parametrize("image_format", ["PNG", "JPEG", "TIFF", "BMP"])
def test_the_format_is_told_by_the_content(image_format):
    assert header_of(encoded(RAMP.astype(np.uint8), image_format)) == Header(image_format, 64, 48, 8)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"these are words in a file named .png", "not_an_image"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "unsupported_format"),
        (b"\n <?xml version='1.0'?><svg/>", "unsupported_format"),
        (b"GIF89a" + b"\0" * 40, "unsupported_format"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "unsupported_format"),
        (png_claiming(10**6, 10**6), "too_large"),
        (tiff_claiming(10**6, 10**6), "too_large"),
        (png_claiming(0, 48), "not_an_image"),
        (tiff_claiming(0, 48), "not_an_image"),
        (b"\x89PNG\r\n\x1a\n and then nothing sensible", "unsupported_format"),
        (b"II*\0" + b"\xff" * 60, "unsupported_format"),
        (b"BM" + b"\xff" * 60, "unsupported_format"),
        (b"\xff\xd8\xff", "unsupported_format"),
    ],
)
@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
def test_a_bad_file_is_refused_by_its_header(content, code):
    assert rejected(lambda: header_of(content)) == code


def test_a_file_over_the_byte_limit_is_refused(settings, png):
    settings.UPLOAD_MAX_BYTES = 100
    assert rejected(lambda: header_of(png())) == "too_large"


def test_an_image_over_pillows_own_limit_is_taken_when_ours_allows_it(settings, monkeypatch, png):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    assert header_of(png()).width == 64
    assert pixels_of(png()).shape == (48, 64)


def test_eight_bit_pixels_come_back_as_stored():
    gray = RAMP.astype(np.uint8)
    assert np.array_equal(pixels_of(encoded(gray, "PNG")), gray)


@pytest.mark.parametrize("compression", [None, "tiff_lzw", "tiff_adobe_deflate"])
def test_sixteen_bit_tiff_pixels_come_back_as_stored(compression):
    deep = (RAMP * 20).astype(np.uint16)
    content = tiff(deep, compression=compression)
    assert header_of(content).bit_depth == 16
    pixels = pixels_of(content)
    assert pixels.dtype == np.uint16
    assert np.array_equal(pixels, deep)


def test_big_endian_sixteen_bit_tiff_is_read_in_the_right_order():
    deep = (RAMP * 20).astype(np.uint16)
    file = io.BytesIO()
    Image.frombytes("I;16B", (64, 48), deep.astype(">u2").tobytes()).save(file, "TIFF")
    assert np.array_equal(pixels_of(file.getvalue()), deep)


def test_sixteen_bit_png_is_sixteen_bit():
    deep = (RAMP * 20).astype(np.uint16)
    assert header_of(encoded(deep, "PNG")).bit_depth == 16
    assert np.array_equal(pixels_of(encoded(deep, "PNG")), deep)


def test_a_sixteen_bit_tiff_whose_white_is_zero_is_inverted():
    deep = (RAMP * 20).astype(np.uint16)
    assert np.array_equal(pixels_of(tiff(deep, {262: (3, 0)})), 65535 - deep)


def test_float_tiff_pixels_come_back_as_stored():
    values = (RAMP / 7 - 100).astype(np.float32)
    content = tiff(values)
    assert header_of(content).bit_depth == 32
    assert np.array_equal(pixels_of(content), values)


def test_colour_becomes_gray():
    red = np.zeros((48, 64, 3), np.uint8)
    red[..., 0] = 255
    pixels = pixels_of(encoded(red, "PNG"))
    assert pixels.shape == (48, 64)
    assert np.all(pixels == 76)  # 0.299 x 255


def test_nan_pixels_are_refused():
    values = np.ones((8, 8), np.float32)
    values[3, 3] = np.nan
    assert rejected(lambda: pixels_of(tiff(values))) == "not_finite"


@pytest.mark.parametrize("image_format", ["PNG", "JPEG", "TIFF", "BMP"])
def test_a_truncated_file_is_refused_when_it_is_decoded(image_format):
    noise = np.random.default_rng(0).integers(0, 256, (96, 128), dtype=np.uint8)
    content = encoded(noise, image_format)
    # Pillow writes a TIFF's directory before its pixels, as cameras that are cut off do
    assert rejected(lambda: pixels_of(content[: len(content) * 2 // 3])) in ("truncated", "unsupported_format")


@pytest.mark.parametrize("pixels", [RAMP * 20, RAMP / 7.0 - 100], ids=["16 bit", "float"])
def test_deep_pixels_are_stretched_for_display(pixels):
    kind = np.uint16 if pixels.dtype.kind == "i" else np.float32
    shown = np.asarray(Image.open(io.BytesIO(display_and_thumbnail(pixels.astype(kind))[0])))
    assert shown.dtype == np.uint8
    assert (shown.min(), shown.max()) == (0, 255)
    assert np.all(np.diff(shown.ravel().astype(int)) >= 0)


@pytest.mark.parametrize("value", [0, 1234, 65535])
def test_constant_pixels_can_be_shown(value):
    assert display_and_thumbnail(np.full((9, 9), value, np.uint16))
    assert display_and_thumbnail(np.full((9, 9), value, np.float32))


def test_what_is_shown_is_small_and_carries_no_metadata():
    made = display_and_thumbnail(np.zeros((300, 4096), np.uint8))
    image, thumbnail = (Image.open(io.BytesIO(content)) for content in made)
    assert (image.format, image.size, image.mode, image.info) == ("PNG", (2048, 150), "L", {})
    assert (thumbnail.format, max(thumbnail.size)) == ("WEBP", 320)
    assert not thumbnail.getexif()
