"""Each layout that is read gives its scale, or a note that names what was seen; see docs/how-to/scale.md."""

import io
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
import tifffile

from microdb.micrographs.scale.found import Extent
from microdb.micrographs.scale.metadata import scale_in_metadata
from microdb.micrographs.scale.microscope import read_microscope_data
from microdb.micrographs.scale.sidecar import Sidecar
from tests.micrographs.conftest import tiff

ASCII, SHORT, RATIONAL, UNDEFINED, DOUBLE = 2, 3, 5, 7, 12
WIDTH = 64


def file_of(tags: Mapping[int, tuple[int, Any]], width: int = WIDTH) -> io.BytesIO:
    return io.BytesIO(tiff(np.zeros((8, width), np.uint8), dict(tags)))


def thermo(across: str, down: str | None = None, unit: str = "m") -> dict[int, Any]:
    sides = "".join(
        f'<{name} unit="{unit}">{value}</{name}>' for name, value in (("X", across), ("Y", down)) if value is not None
    )
    xml = f"<Metadata><BinaryResult><PixelSize>{sides}</PixelSize></BinaryResult></Metadata>"
    return {34683: (UNDEFINED, xml.encode())}


def phenom(across: str, down: str = "", unit: str = "um") -> dict[int, Any]:
    second = f'<pixelHeight unit="{unit}">{down}</pixelHeight>' if down else ""
    xml = f'<FeiImage><multiStage/><pixelWidth unit="{unit}">{across}</pixelWidth>{second}</FeiImage>'
    return {34683: (ASCII, f'<?xml version="1.0"?>\r\n{xml}')}


def fibsem(**metadata: Any) -> dict[int, Any]:
    return {270: (ASCII, json.dumps({"version": "v3", **metadata}))}


def tescan(text: str) -> dict[int, Any]:
    return {50431: (UNDEFINED, b"Y\x14\0\0\1\0" + text.encode())}


def fei(text: str) -> dict[int, Any]:
    return {34682: (ASCII, text)}


def tvips(size: float = 25.0, mode: int = 0, width: int = WIDTH) -> dict[int, Any]:
    """Version 2 of the header: records of fixed size, those in between left zero."""
    first = np.zeros(1, tifffile.TIFF.TVIPS_HEADER_V1)
    first["Version"] = 2
    second = np.zeros(1, tifffile.TIFF.TVIPS_HEADER_V2)
    second["ImageSizeX"], second["PixelSizeX"], second["PixelSizeY"] = width, size, size
    second["TemMode"], second["TemHighTension"], second["Magic"] = mode, 99_000, 0xAAAAAAAA
    return {37706: (UNDEFINED, first.tobytes() + second.tobytes())}


def zeiss(text: str) -> dict[int, Any]:
    return {34118: (ASCII, text)}


NUMBERS = "0\r\n0\r\n0\r\n{}\r\n2000\r\n6\r\n"


@pytest.mark.parametrize(
    "tags",
    [
        thermo("2.5E-08", "2.5E-08"),
        thermo("25", unit="nm"),
        thermo("25000", "25000", "pm"),
        thermo("0,025", "0,025", "\u00b5m"),
        phenom("0.025", "0.025"),
        phenom("25", unit="nm"),
        phenom("0.025", unit="&#956;m"),
        fibsem(pixel_size={"x": 2.5e-8, "y": 2.5e-8}),
        fibsem(image={"resolution": [64, 48]}, pixel_size={"x": 2.5e-8, "y": 2.5e-8}),
        fibsem(pixel_size={"x": 2.5e-8, "y": 2.5e-8}, resolution="64x48"),
        tescan("[MAIN]\r\nPixelSizeY=2.5e-8\r\nPixelSizeX=2.5e-8\r\n[SEM]\r\nHV=5000\r\n"),
        tescan("[MAIN]\nPixelSizeX = 2,5e-8\n"),
        fei("[EScan]\r\nPixelWidth=2.5e-8\r\nPixelHeight=2.5e-8\r\n"),
        fei("[Scan]\r\nPixelWidth=2.5e-8\r\nHorFieldsize=1.6e-6\r\n"),
        fei("[EBeam]\r\nHFW=1.6e-6\r\n[Image]\r\nResolutionX=64\r\n"),
        tvips(),
        {
            65003: (UNDEFINED, b"\xb5m"),
            65004: (UNDEFINED, "\u03bcm".encode()),
            65009: (DOUBLE, 0.025),
            65010: (DOUBLE, 0.025),
        },
        {65003: (ASCII, "nm"), 65009: (DOUBLE, 25.0)},
        {270: (ASCII, "<TemReporter><PixelsPerMeter><Width>40000000</Width></PixelsPerMeter></TemReporter>")},
        {270: (ASCII, "ImageJ=1.53\nunit=Angstrom\n"), 282: (RATIONAL, 0.004), 283: (RATIONAL, 0.004)},
    ],
    ids=str,
)
def test_the_scale_of_each_layout(tags):
    found = scale_in_metadata(file_of(tags))
    assert found.pixels_per_micrometre == pytest.approx(40, rel=1e-4), found.note


@pytest.mark.parametrize(
    ("tags", "words"),
    [
        (thermo("2.5E-08", "5E-08"), "across and"),
        (thermo("25", unit="parsec"), "unit is no known length"),
        (thermo("0"), "can't be"),
        ({34683: (ASCII, "<Metadata></Metadata>")}, "TIFF tag 34683 (Thermo Fisher)"),
        ({34683: (ASCII, "<Metadata")}, "TIFF tag 34683 (Thermo Fisher)"),
        (phenom("-0.025"), "can't be"),
        (phenom("nan"), "can't be"),
        (fibsem(pixel_size=None), "The description of fibsem was found"),
        (fibsem(image={"resolution": [128, 96]}, pixel_size={"x": 2.5e-8, "y": 2.5e-8}), "128 x 96"),
        (tescan("[MAIN]\r\nDevice=VEGA\r\n"), "TIFF tag 50431 (TESCAN)"),
        (tescan("[MAIN]\r\nPixelSizeX=2.5e-8\r\nPixelSizeY=5e-8\r\n"), "across and"),
        (fei("[Scan]\r\nPixelWidth=2.5e-8\r\nHorFieldsize=3.2e-6\r\n"), "128 and the file has 64"),
        (fei("[EBeam]\r\nHFW=1.6e-6\r\n"), "no ResolutionX"),
        (fei("[System]\r\nType=Quanta\r\n"), "TIFF tag 34682 (FEI)"),
        (tvips(mode=3), "diffraction"),
        (tvips(width=128), "128 x 0 and the file has 64"),
        (tvips(0), "can't be"),
        ({65009: (DOUBLE, 25.0)}, "unit is no known length"),
        ({65003: (ASCII, "nm")}, "TIFF tag 65003 (Gatan) was found, but it holds no pixel size."),
        ({270: (ASCII, "ImageJ=1.53\nunit=pixel\n")}, "The description of ImageJ was found"),
        ({270: (ASCII, "<OME><Image><Pixels/></Image></OME>")}, "The description of OME was found"),
        ({51023: (ASCII, "<Fibics/>")}, "TIFF tag 51023 (Fibics)"),
        (zeiss(NUMBERS.format("2.5e-8")), "none that Zeiss stores"),
    ],
    ids=str,
)
def test_without_a_sure_scale_the_note_names_what_was_seen(tags, words):
    found = scale_in_metadata(file_of(tags))
    assert found.pixels_per_micrometre is None
    assert words in found.note


@pytest.mark.parametrize(
    ("text", "width", "scale"),
    [
        (NUMBERS.format("2.5e-8"), 1024, 40),
        (NUMBERS.format("5e-8"), 2048, 40),
        ("0\r\nDP_IMAGE_STORE\r\nStore resolution = 1024 * 768\r\nAP_IMAGE_PIXEL_SIZE\r\n"
         "Image Pixel Size = 25.0 nm\r\n", 1024, 40),
        ("0\r\nAP_IMAGE_PIXEL_SIZE\r\nImage Pixel Size = 25000 pm\r\n", 1024, 40),
        ("0\r\nAP_PIXEL_SIZE\r\nPixel Size = 25.0 nm\r\n", 1024, None),
    ],
)  # fmt: skip
def test_zeiss_numbers_and_text_each_do_alone(text, width, scale):
    found = scale_in_metadata(file_of(zeiss(text), width))
    assert found.pixels_per_micrometre == (scale and pytest.approx(scale))
    assert found.note


def pages(*tags: tuple[int, int, bytes] | None) -> io.BytesIO:
    """A TIFF with a page for each, 1024 pixels wide; a page without its tag has none."""
    file = io.BytesIO()
    with tifffile.TiffWriter(file) as writer:
        for number, tag in enumerate(tags):
            extra = [(tag[0], tag[1], 0, tag[2], True)] if tag else []
            writer.write(np.full((64, 1024), number, np.uint8), extratags=extra, metadata=None)
    return file


OME = '<OME><Image><Pixels SizeX="1024" PhysicalSizeX="{}" PhysicalSizeXUnit="nm"/></Image></OME>'
ON_PAGES = {
    "Zeiss": lambda size: (34118, ASCII, NUMBERS.format(f"{size}e-9").encode()),
    "Olympus": lambda size: (
        33471,
        UNDEFINED,
        f"[Dimension]\r\nZ=1\r\nBand=1\r\nTime=1\r\n[Z]\r\nZPos1=0\r\n[Time]\r\nTimePos1=0\r\n[Image]\r\nPixelSizeX={size}\r\nUnit=nm\r\n".encode(),
    ),
    "OME": lambda size: (270, ASCII, OME.format(size).encode()),
    "FEI": lambda size: (34682, ASCII, f"[Scan]\r\nPixelWidth={size}e-9\r\n".encode()),
}


@pytest.mark.parametrize("vendor", ON_PAGES)
def test_scale_and_pixels_are_of_the_same_page(vendor):
    tag = ON_PAGES[vendor]
    both = pages(tag(100), tag(25))
    assert scale_in_metadata(both, 0).pixels_per_micrometre == pytest.approx(10)
    assert scale_in_metadata(both, 1).pixels_per_micrometre == pytest.approx(40)
    second = pages(None, tag(25))
    assert "the scale of page 2, and page 1 is shown" in scale_in_metadata(second, 0).note
    assert scale_in_metadata(second, 1).pixels_per_micrometre == pytest.approx(40)


def test_images_of_an_ome_file_with_different_sizes_give_no_scale():
    one = '<Image><Pixels PhysicalSizeX="{}"/></Image>'
    text = f"<OME>{one.format(0.025)}{one.format(0.1)}</OME>"
    found = scale_in_metadata(file_of({270: (ASCII, text)}))
    assert found.pixels_per_micrometre is None
    assert "different pixel sizes" in found.note


HITACHI = Sidecar("a.txt", b"[SemImageFile]\r\nDataSize=64x8\r\nPixelSize=25\r\n")


def together(tags: Mapping[int, tuple[int, Any]], sidecar: Sidecar = HITACHI) -> tuple[float | None, str, str]:
    found = read_microscope_data(file_of(tags), 0, Extent(WIDTH, 8), sidecar)
    return found.scale.pixels_per_micrometre, found.source, found.scale.note


def test_file_and_sidecar_agree_or_both_notes_are_shown():
    assert together({})[:2] == (40, "sidecar")
    assert together(fei("[Scan]\r\nPixelWidth=2.5e-8\r\n"))[:2] == (pytest.approx(40), "metadata")
    scale, source, note = together(fei("[Scan]\r\nPixelWidth=5e-8\r\n"))
    assert (scale, source) == (None, "")
    assert "the file and its sidecar differ: a.txt: Hitachi PixelSize = 25 nm FEI" in note
    scale, _source, note = together(fei("[Scan]\r\nPixelWidth=5e-8\r\n[Image]\r\nResolutionX=128\r\n"))
    assert scale is None
    assert "Hitachi PixelSize" in note
    assert "ResolutionX is 128" in note
    scale, _source, note = together(fei("[System]\r\n"), Sidecar("a.txt", b"[SemImageFile]\r\n"))
    assert scale is None
    assert "The sidecar a.txt (Hitachi)" in note
    assert "TIFF tag 34682 (FEI)" in note
