"""Each layout in its other spellings: byte order, BigTIFF, page, unit, number and encoding."""

import io
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
import tifffile

from microdb.micrographs.scale.found import Extent
from microdb.micrographs.scale.metadata import read_metadata, scale_in_metadata
from microdb.micrographs.scale.sidecar import Sidecar, read_sidecar
from microdb.micrographs.scale.units import length, micrometres
from tests.micrographs import test_scale_layouts as layouts

ASCII, UNDEFINED = 2, 7
DESCRIPTION, X_RESOLUTION, Y_RESOLUTION = 270, 282, 283
Tags = Mapping[int, tuple[int, Any]]


def rewritten(tags: Tags, byteorder: str, bigtiff: bool, pages: int) -> io.BytesIO:
    """A TIFF whose last page has these tags."""
    extra = [
        (code, kind, len(value) if isinstance(value, bytes) else 1, value, True)
        for code, kind, value in ((code, kind, stored(kind, value)) for code, (kind, value) in tags.items())
        if code not in (DESCRIPTION, X_RESOLUTION, Y_RESOLUTION)
    ]
    last: dict[str, Any] = {"extratags": extra}
    if DESCRIPTION in tags:
        last["description"] = tags[DESCRIPTION][1].encode()
    if X_RESOLUTION in tags:
        last |= {"resolution": (tags[X_RESOLUTION][1], tags[Y_RESOLUTION][1]), "resolutionunit": 1}
    file = io.BytesIO()
    with tifffile.TiffWriter(file, byteorder=byteorder, bigtiff=bigtiff) as writer:  # type: ignore[arg-type]
        for page in range(pages):
            writer.write(np.full((8, 64), page, np.uint8), metadata=None, **(last if page == pages - 1 else {}))
    return file


def stored(kind: int, value: Any) -> Any:
    text = value.encode() if isinstance(value, str) else value
    return text + b"\0" if kind == ASCII else text


LAYOUTS = layouts.test_the_scale_of_each_layout.pytestmark[0].args[1]  # type: ignore[attr-defined]
TVIPS = 37706


@pytest.mark.parametrize("tags", LAYOUTS, ids=lambda tags: str(tags)[:60])
@pytest.mark.parametrize("bigtiff", [False, True])
@pytest.mark.parametrize("byteorder", ["<", ">"])
def test_the_scale_of_each_layout_in_each_byte_order(tags: Tags, byteorder: str, bigtiff: bool) -> None:
    if TVIPS in tags and byteorder == ">":
        pytest.skip("the block is written in little-endian order")
    one = scale_in_metadata(rewritten(tags, byteorder, bigtiff, 1))
    assert one.pixels_per_micrometre == pytest.approx(40, rel=1e-3), one.note
    third = rewritten(tags, byteorder, bigtiff, 3)
    assert scale_in_metadata(third, 2).pixels_per_micrometre == pytest.approx(40, rel=1e-3)
    assert "the scale of page 3, and page 1 is shown" in scale_in_metadata(third, 0).note


MICROMETRES = (
    *("um", "UM", "µm", "\u03bcm", "µ", "㎛", "micron", "Microns", "micro-meter", "micro metre", "Mikrometer", "um/px"),
    *("um per pixel", "[um]", "µm\0", "\\u00B5m", "\\u03bcm", "&#181;m", "Âµm", "Î¼m", " um ", "micrometres"),
)


@pytest.mark.parametrize("unit", MICROMETRES)
def test_a_micrometre_is_read_however_it_is_written(unit: str) -> None:
    assert micrometres(unit) == 1


@pytest.mark.parametrize("unit", ["", "pixel", "inch", "ms", "s", "u", "µm²", "um^-1", "1/nm", "nm-1", "mrad", "km"])
def test_what_is_no_length_is_none(unit: str) -> None:
    assert micrometres(unit) is None


@pytest.mark.parametrize("text", ["1,024 nm", "1.024,5 nm", "1_000 nm", "25' nm", "2.5D-8 m", "0x19 nm", "nan m"])
def test_a_number_that_could_mean_two_is_none(text: str) -> None:
    found = length(text)
    assert found is None or found != found


@pytest.mark.parametrize("unit", ["cm", "inch", "Inch"])
def test_imagejs_print_units_are_not_taken(unit: str) -> None:
    tags = {270: (ASCII, f"ImageJ=1.53\nunit={unit}\n"), 282: (5, 118.11), 283: (5, 118.11)}
    found = scale_in_metadata(layouts.file_of(tags))
    assert found.pixels_per_micrometre is None
    assert "the size of a print" in found.note


def test_what_was_seen_on_another_page_is_named() -> None:
    file = rewritten({34682: (ASCII, "[System]\r\nType=Quanta\r\n")}, "<", False, 2)
    assert scale_in_metadata(file, 0).note == "Page 2: TIFF tag 34682 (FEI) was found, but it holds no pixel size."


def test_a_damaged_later_page_does_not_take_the_scale_of_the_first() -> None:
    file = rewritten({34682: (ASCII, "[Scan]\r\nPixelWidth=2.5e-8\r\n")}, "<", False, 1)
    content = bytearray(file.getvalue())
    first = int.from_bytes(content[4:8], "little")
    count = int.from_bytes(content[first : first + 2], "little")
    following = first + 2 + 12 * count
    content[following : following + 4] = len(content).to_bytes(4, "little")
    content += (1).to_bytes(2, "little") + b"\xff" * 12 + bytes(4)
    found = read_metadata(io.BytesIO(bytes(content))).scale
    assert found.pixels_per_micrometre == pytest.approx(40)


OME = '<?xml version="1.0"?><ome:OME xmlns:ome="x"><ome:Image><ome:Pixels PhysicalSizeX="0.025"/></ome:Image></ome:OME>'


@pytest.mark.parametrize(
    "tags",
    [
        {270: (ASCII, OME)},
        layouts.tescan("[Main]\r\nPixelSizeX=2.5e-8\r\nPixelSizeY=2.5e-8\r\n"),
        layouts.tescan("[MAIN]\r\nPixelSizeX=25 nm\r\nPixelSizeY=25 nm\r\n"),
        {65003: (UNDEFINED, b"\xb5m\0"), 65009: (12, 0.025)},
        {65003: (UNDEFINED, "µm".encode("utf-16-le")), 65009: (12, 0.025)},
        {270: (ASCII, "ImageJ=1.53\r\nunit=micron\r\n"), 282: (5, 40.0), 283: (5, 40.0)},
        {34683: (UNDEFINED, layouts.thermo("2.5E-08")[34683][1].decode().encode("utf-16"))},
    ],
    ids=lambda tags: str(tags)[:50],
)
def test_other_spellings_of_a_block(tags: Tags) -> None:
    found = scale_in_metadata(layouts.file_of(tags))
    assert found.pixels_per_micrometre == pytest.approx(40, rel=1e-4), found.note


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    "lines",
    [
        ["[SemImageFile]", "DataSize=64x48", "PixelSize=25"],
        ["[main]", "PixelSizeX=2,5e-8", "PixelSizeY=2,5e-8"],
        ["$CM_FORMAT JEOL", "$$SM_MICRON_BAR 40", "$$SM_MICRON_MARKER 1um", "$CM_FULL_SIZE 64 48"],
        ["$cm_format JEOL", "$$sm_micron_bar\t40", "$$sm_micron_marker\t1 µm", "$cm_full_size 64 48"],
    ],
)
def test_sidecars_with_the_line_ends_and_case_of_each_system(lines: list[str], ends: str) -> None:
    for encoding in ("utf-8-sig", "utf-16", "latin-1"):
        sidecar = Sidecar("a.txt", ends.join([*lines, ""]).encode(encoding))
        assert read_sidecar(sidecar, Extent(64, 48)).scale.pixels_per_micrometre == pytest.approx(40)


def test_zeiss_numbers_and_text_that_differ_are_not_taken() -> None:
    text = layouts.NUMBERS.format("2.5e-8") + "AP_IMAGE_PIXEL_SIZE\r\nImage Pixel Size = {} nm\r\n"
    assert scale_in_metadata(layouts.file_of(layouts.zeiss(text.format("25.01")), 1024)).pixels_per_micrometre
    found = scale_in_metadata(layouts.file_of(layouts.zeiss(text.format("50.00")), 1024))
    assert found.pixels_per_micrometre is None
    assert "its two pixel sizes differ" in found.note
