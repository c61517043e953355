"""The scale that files tell of themselves, and the traps beside it."""

import io

import numpy as np
import pytest

from microdb.micrographs.scale_reading import scale_in_metadata
from microdb.micrographs.sidecar import sidecar_scale
from tests.micrographs.conftest import encoded, tiff

PIXELS = np.zeros((8, 8), np.uint8)
ASCII, RATIONAL = 2, 5


def fei(width: str = "2.5e-008", height: str = "2.5e-008") -> dict:
    text = f"[User]\r\nDate=1/2/2020\r\n\r\n[Scan]\r\nPixelWidth={width}\r\nPixelHeight={height}\r\nDwell=3e-5\r\n"
    return {34682: (ASCII, text)}


def ome(unit: str = "nm", size: str = "25", prefix: str = "") -> dict:
    space = 'xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06"'
    sizes = f'PhysicalSizeX="{size}" PhysicalSizeXUnit="{unit}" PhysicalSizeY="{size}" PhysicalSizeYUnit="{unit}"'
    return {270: (ASCII, f'{prefix}<OME {space}><Image ID="Image:0"><Pixels {sizes}/></Image></OME>')}


def imagej(unit: str = "micron", across: float = 40.0, down: float = 40.0) -> dict:
    return {270: (ASCII, f"ImageJ=1.53c\nunit={unit}\nmin=0\n"), 282: (RATIONAL, across), 283: (RATIONAL, down)}


@pytest.mark.parametrize(
    "tags",
    [
        fei(),
        ome(),
        ome(unit="um", size="0.025"),
        imagej(),
        imagej("\\u00B5m"),
        imagej("um"),
        imagej("nm", 0.04, 0.04),
        imagej("mm", 40_000, 40_000),
    ],
    ids=str,
)
def test_the_scale_is_read_from_the_metadata(tags):
    assert scale_in_metadata(io.BytesIO(tiff(PIXELS, tags))) == pytest.approx(40, rel=1e-4)


@pytest.mark.parametrize(
    "tags",
    [
        fei(height="2.6e-008"),
        fei(width="nothing"),
        fei(width="0"),
        fei(width="nan"),
        ome(unit="pixel"),
        ome(prefix='<!DOCTYPE OME [<!ENTITY a "b">]>'),
        imagej("inch"),
        imagej(across=0),
        imagej(down=30),
        {34682: (ASCII, "no sections here")},
        {270: (ASCII, "<OME not closed")},
        {},
    ],
    ids=str,
)
def test_a_doubtful_scale_is_not_taken(tags):
    assert scale_in_metadata(io.BytesIO(tiff(PIXELS, tags))) is None


def test_dots_per_inch_are_never_a_scale():
    assert scale_in_metadata(io.BytesIO(tiff(PIXELS, dpi=(300, 300)))) is None
    assert scale_in_metadata(io.BytesIO(encoded(PIXELS, "PNG"))) is None


@pytest.mark.parametrize(
    ("content", "scale"),
    [
        ("[SemImageFile]\r\nImageName=a.tif\r\nPixelSize=25\r\n".encode("utf-16"), 40),
        (b"[SemImageFile]\r\nPixelSize=25.0\r\n", 40),
        (b"$$SM_MICRON_BAR 80\n$$SM_MICRON_MARKER 2um\n", 40),
        (b"$$SM_MICRON_BAR 80\n$$SM_MICRON_MARKER 500nm\n", 160),
        (b"[SemImageFile]\r\nPixelSize=0\r\n", None),
        (b"[SemImageFile]\r\nPixelSize=1.2.3\r\n", None),
        (b"notes of a tired person", None),
    ],
)
def test_the_scale_is_read_from_a_sidecar(tmp_path, content, scale):
    (tmp_path / "a.txt").write_bytes(content)
    assert sidecar_scale(tmp_path / "a.tif") == scale


def test_without_a_sidecar_nothing_is_said(tmp_path):
    assert sidecar_scale(tmp_path / "a.tif") is None
