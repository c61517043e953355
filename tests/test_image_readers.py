"""The classifier's reader gives the gray values that the site gives, up to a constant factor, or refuses the file."""

import io
from itertools import product
from pathlib import Path

import numpy as np
import pytest
import tifffile

from classifier import ClassifierError
from classifier.command_line.images import read_gray
from microdb.micrographs.files.decoding import decoded
from tests.conftest import SHARED

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
