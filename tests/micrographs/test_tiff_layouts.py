"""TIFFs of every layout: the pixels that tifffile decodes, or a refusal in a sentence; never anything else."""

import io
import itertools
from pathlib import Path

import numpy as np
import pytest
import tifffile

from microdb.errors import MicroDBError
from microdb.micrographs.files.decoding import gray_pixels

RANDOM = np.random.default_rng(13)
HEIGHT, WIDTH = 40, 56
DTYPES = ["u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f2", "f4", "f8", "bool", "c8"]
COMPRESSIONS = [None, "zlib", "lzw", "packbits", "zstd", "jpeg", "lzma"]
LUMA = np.array([19595, 38470, 7471]) / 65536  # Rec. 601, as Pillow rounds it


def values(dtype: str, shape: tuple[int, ...]) -> np.ndarray:
    """Over the whole range of the type, with large areas so that any kind of compression works."""
    kind = np.dtype(dtype)
    coarse = RANDOM.random((*shape[:-2], shape[-2] // 4, shape[-1] // 4)).repeat(4, -2).repeat(4, -1)
    if kind.kind == "b":
        return coarse > 0.5
    if kind.kind in "iu":
        info = np.iinfo(kind)
        return (coarse * (0.99 * info.max - 0.99 * info.min) + 0.99 * info.min).astype(kind)
    return (coarse * 900 - 300).astype(kind)


def written(dtype: str, photometric: str, planar: str, **options) -> bytes | None:
    """None where tifffile itself can't write the combination."""
    shape = (HEIGHT, WIDTH)
    if photometric == "rgb":
        shape = (3, HEIGHT, WIDTH)
    pixels = values(dtype, shape)
    if photometric == "rgb" and planar == "contig":
        pixels = np.moveaxis(pixels, 0, -1)
    file = io.BytesIO()
    try:
        tifffile.imwrite(
            file,
            pixels,
            photometric=photometric,
            planarconfig=planar if photometric == "rgb" else None,
            metadata=None,
            **options,
        )
    except (ValueError, TypeError, KeyError, NotImplementedError, RuntimeError):
        return None
    return file.getvalue()


def expected(content: bytes, photometric: str, planar: str) -> np.ndarray:
    """Gray of what tifffile decodes, in float64, up to gain and offset."""
    stored = tifffile.imread(io.BytesIO(content)).astype(np.float64)
    if photometric == "rgb":
        stored = np.moveaxis(stored, 0, -1) if planar == "separate" else stored
        stored = stored @ LUMA
    return -stored if photometric == "miniswhite" else stored


def gray_or_sentence(content: bytes) -> np.ndarray | str:
    try:
        return gray_pixels(io.BytesIO(content))
    except MicroDBError as error:
        return error.message


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("photometric", ["minisblack", "miniswhite", "rgb"])
def test_pixels_are_those_of_tifffile_or_refused(dtype: str, photometric: str):
    compared = refused = 0
    planars = ["contig", "separate"] if photometric == "rgb" else ["contig"]
    tiles, orders = [None, (16, 16)], ["<", ">"]
    for planar, compression, order, tile, big in itertools.product(planars, COMPRESSIONS, orders, tiles, [False, True]):
        options = {"compression": compression, "byteorder": order, "tile": tile, "bigtiff": big}
        content = written(dtype, photometric, planar, **options)
        if content is None:
            continue
        gray = gray_or_sentence(content)
        if isinstance(gray, str):
            assert gray.endswith(".")
            assert dtype in ("c8", "bool"), f"{options} is refused: {gray}"
            refused += 1
            continue
        assert gray.dtype in (np.uint8, np.uint16, np.float32)
        wanted = expected(content, photometric, planar)
        span = np.ptp(wanted)
        difference = gray.astype(np.float64) - wanted
        if gray.dtype == np.uint8 and dtype == "bool":
            difference = gray / 255 - wanted
        # equal up to an offset: rounding of luma and of float32 alone is left
        assert np.ptp(difference) <= max(span * 2e-6, 1.0 if photometric == "rgb" and dtype[0] in "ui" else 0), options
        compared += 1
    assert compared + refused > 0


@pytest.mark.parametrize("dtype", ["u1", "u2", "f4"])
def test_values_that_fit_come_back_unchanged(dtype: str):
    pixels = values(dtype, (HEIGHT, WIDTH))
    for order in "<>":
        file = io.BytesIO()
        tifffile.imwrite(file, pixels, byteorder=order, photometric="minisblack")
        gray = gray_pixels(file)
        assert gray.dtype == np.dtype(dtype)
        assert np.array_equal(gray, pixels)


def test_few_levels_on_a_large_offset_are_kept():
    levels = RANDOM.integers(0, 200, (HEIGHT, WIDTH))
    for pixels in ((levels + 2**31).astype(np.uint32), levels + 1e12, (levels * 2**20 - 2**50).astype(np.int64)):
        file = io.BytesIO()
        tifffile.imwrite(file, pixels, photometric="minisblack")
        gray = gray_pixels(file)
        step = 2**20 if pixels.dtype == np.int64 else 1
        assert np.allclose(gray - gray.min(), (levels - levels.min()) * step, rtol=1e-6)


def test_alpha_is_left_out_and_other_samples_are_refused():
    gray = values("u2", (HEIGHT, WIDTH))
    with_alpha = np.stack([gray, np.full_like(gray, 7)], -1)
    file = io.BytesIO()
    tifffile.imwrite(file, with_alpha, photometric="minisblack", planarconfig="contig", extrasamples=["unassalpha"])
    assert np.array_equal(gray_pixels(file), gray)
    file = io.BytesIO()
    tifffile.imwrite(file, np.stack([gray] * 3, -1), photometric="minisblack", planarconfig="contig")
    with pytest.raises(MicroDBError, match="3 samples per pixel"):
        gray_pixels(file)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_picture_is_turned_upright(orientation: int):
    pixels = values("u2", (HEIGHT, WIDTH))
    turned = {
        1: pixels,
        2: np.fliplr(pixels),
        3: np.rot90(pixels, 2),
        4: np.flipud(pixels),
        5: pixels.T,
        6: np.rot90(pixels, -1),
        7: np.rot90(pixels, 2).T,
        8: np.rot90(pixels),
    }
    file = io.BytesIO()
    tifffile.imwrite(file, pixels, photometric="minisblack", extratags=[(274, "H", 1, orientation, False)])
    assert np.array_equal(gray_pixels(file), turned[orientation])


@pytest.mark.parametrize("options", [{}, {"compression": "zlib"}, {"tile": (16, 16)}], ids=str)
def test_missing_strips_and_tiles_are_never_filled_in(options: dict):
    file = io.BytesIO()
    tifffile.imwrite(file, values("u2", (HEIGHT, WIDTH)), photometric="minisblack", rowsperstrip=8, **options)
    with tifffile.TiffFile(io.BytesIO(file.getvalue())) as tiff:
        tag = tiff.pages.first.tags["TileByteCounts" if "tile" in options else "StripByteCounts"]
        where, size = tag.valueoffset, {3: 2, 4: 4}[tag.dtype]
        if tag.count > 1:
            where += size  # the second strip
    content = bytearray(file.getvalue())
    content[where : where + size] = bytes(size)
    with pytest.raises(MicroDBError) as caught:
        gray_pixels(io.BytesIO(content))
    assert caught.value.code == "truncated"


@pytest.mark.parametrize(
    ("name", "sign"),
    [
        ("rgb16_planar_separate.tif", 1),
        ("int8_signed.tif", 1),
        ("uint32_above_2e31.tif", 1),
        ("float32_white_is_zero.tif", -1),
        ("bigtiff_big_endian.tif", 1),
    ],
)
def test_files_that_were_once_garbled(case_files: Path, name: str, sign: int):
    stored = tifffile.imread(case_files / name).astype(np.float64)
    if stored.ndim == 3:
        stored = stored.mean(axis=0)
    with (case_files / name).open("rb") as file:
        gray = gray_pixels(file)
    assert gray.shape == stored.shape
    assert np.corrcoef(gray.ravel(), sign * stored.ravel())[0, 1] > 0.999
