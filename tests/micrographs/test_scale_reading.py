"""The scale that files tell of themselves, and the traps beside it."""

import io
import struct
from pathlib import Path

import numpy as np
import pytest

from microdb.micrographs.scale.found import Extent, ScaleFound
from microdb.micrographs.scale.metadata import scale_in_metadata
from microdb.micrographs.scale.sidecar import find_sidecar, read_sidecar
from tests.micrographs.conftest import encoded, tiff

PIXELS = np.zeros((8, 8), np.uint8)
PICTURE = Extent(1280, 960)
ASCII, RATIONAL, BYTES = 2, 5, 7


def scale_of(content: bytes) -> ScaleFound:
    return scale_in_metadata(io.BytesIO(content))


def sidecar_scale(image: Path, picture: Extent = PICTURE) -> ScaleFound:
    sidecar = find_sidecar(image)
    return read_sidecar(sidecar, picture).scale if sidecar else ScaleFound()


def fei(width: str = "2.5e-008", height: str = "2.5e-008") -> dict:
    text = f"[User]\r\nDate=1/2/2020\r\n\r\n[Scan]\r\nPixelWidth={width}\r\nPixelHeight={height}\r\nDwell=3e-5\r\n"
    return {34682: (ASCII, text)}


def ome(unit: str = "nm", size: str = "25", prefix: str = "") -> dict:
    space = 'xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06"'
    sizes = f'PhysicalSizeX="{size}" PhysicalSizeXUnit="{unit}" PhysicalSizeY="{size}" PhysicalSizeYUnit="{unit}"'
    return {270: (ASCII, f'{prefix}<OME {space}><Image ID="Image:0"><Pixels {sizes}/></Image></OME>')}


def zeiss(size: str) -> dict:
    """Unnamed numbers, then named values; the fourth number is the pixel size in metres at a width of 1024."""
    return {34118: (ASCII, f"0\r\n0\r\n1\r\n{size}\r\n0\r\nAP_PIXEL_SIZE\r\nPixel Size = 99.9 pm\r\n")}


def olympus(across: float, down: float, magic: bytes = b"SIS0") -> bytes:
    """Tag 33560 points to a block whose only entry, of type 1, points to exponent and pixel sizes: nm are 10^-9 m."""
    content = bytearray(tiff(PIXELS, {33560: (4, 0)}))
    block = len(content)
    content += struct.pack("<4s6xhhhhh6x32sH", magic, 30, 12, 1, 1, 120, b"sample", 1)
    content += struct.pack("<hhI", 1, 1, block + 68)
    content += struct.pack("<10xhdd8xd2x34s32s", -9, across, down, 5000.0, b"camera", b"kind")
    start = struct.unpack_from("<I", content, 4)[0]
    for entry in range(start + 2, start + 2 + 12 * struct.unpack_from("<H", content, start)[0], 12):
        if struct.unpack_from("<H", content, entry)[0] == 33560:
            struct.pack_into("<I", content, entry + 8, block)
    return bytes(content)


def olympus_text(sections: str = "") -> dict:
    text = f"[Dimension]\r\nZ=1\r\nBand=1\r\nTime=1\r\n[Z]\r\nZPos1=0\r\n[Time]\r\nTimePos1=0\r\n{sections}"
    return {33471: (BYTES, text.encode("latin-1"))}


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
    found = scale_of(tiff(PIXELS, tags))
    assert found.pixels_per_micrometre == pytest.approx(40, rel=1e-4)
    assert found.note


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
    assert scale_of(tiff(PIXELS, tags)).pixels_per_micrometre is None


def test_a_scale_that_is_not_taken_says_why():
    mismatch = scale_of(tiff(PIXELS, fei(height="2.6e-008")))
    reason = "Not taken, for pixels are 0.025 µm across and 0.026 µm down: FEI Scan.PixelWidth = 2.5e-08 m"
    assert mismatch.note == reason
    assert scale_of(tiff(PIXELS, fei(width="nan", height="nan"))).note.startswith("Not taken")
    assert scale_of(tiff(PIXELS)) == ScaleFound()


def test_zeiss_tells_its_pixel_for_a_width_of_1024_whatever_is_stored():
    wide = np.zeros((8, 2048), np.uint8)
    found = scale_of(tiff(wide, zeiss("5e-08")))
    assert found.pixels_per_micrometre == pytest.approx(40)  # 50 nm at 1024, so 25 nm at 2048
    assert scale_of(tiff(wide[:, :1024], zeiss("2.5e-08"))).pixels_per_micrometre == pytest.approx(40)
    assert "5e-08 m at 1024 of 2048" in found.note


@pytest.mark.parametrize("size", ["0", "-1e-8", "nan", "inf", "1e308"])
def test_an_impossible_number_is_never_a_scale_and_is_shown(size):
    for tags in (fei(size, size), ome(size=size), zeiss(size)):
        found = scale_of(tiff(np.zeros((8, 1024), np.uint8), tags))
        assert found.pixels_per_micrometre is None
        assert found.note.startswith("Not taken, for it can't be") or float(size) == 0


@pytest.mark.parametrize("size", ["0", "-1e-8", "nan", "1e308", "wide"])
def test_a_wrong_zeiss_value_is_not_taken(size):
    assert scale_of(tiff(np.zeros((8, 1024), np.uint8), zeiss(size))).pixels_per_micrometre is None


def test_olympus_tells_metres_in_a_block_that_its_tag_points_to():
    found = scale_of(olympus(25.0, 25.0))
    assert found.pixels_per_micrometre == pytest.approx(40)
    assert "Olympus" in found.note
    assert scale_of(olympus(25.0, 30.0)).pixels_per_micrometre is None
    none = scale_of(olympus(25.0, 25.0, magic=b"NONE"))
    assert none == ScaleFound(note="TIFF tag 33560 (Olympus) was found, but it holds no pixel size.")


@pytest.mark.parametrize(
    ("told", "scale"),
    [
        ("PixelSizeX=25\r\nPixelSizeY=25\r\nPixelSizeUnit=nm", 40),
        ("PixelSizeX=0.025 \u00b5m\r\nPixelSizeY=0.025 \u00b5m", 40),
        ("PixelSizeX=2.5e-08\r\nPixelSizeY=2.5e-08\r\nUnit=m", 40),
        ("PixelSizeX=25\r\nPixelSizeY=30\r\nUnit=nm", None),
        ("PixelSizeX=0\r\nUnit=nm", None),
        ("PixelSizeX=-25\r\nUnit=nm", None),
        ("PixelSizeX=1e308\r\nUnit=nm", None),
    ],
)
def test_olympus_also_tells_it_in_the_text_of_its_other_tag(told, scale):
    found = scale_of(tiff(PIXELS, olympus_text(f"[Image]\r\n{told}\r\n")))
    assert found.pixels_per_micrometre == (scale and pytest.approx(scale))
    assert found.note.startswith("Not taken" if scale is None else "Olympus INI PixelSizeX = ")


def test_an_olympus_size_without_a_unit_is_shown_and_not_taken():
    found = scale_of(tiff(PIXELS, olympus_text("[Image]\r\nPixelSizeX=25\r\nPixelSizeY=25\r\n")))
    assert found == ScaleFound(note="Not taken, for it can't be: Olympus INI PixelSizeX = 25")
    none = scale_of(tiff(PIXELS, olympus_text()))
    assert none == ScaleFound(note="TIFF tag 33471 (Olympus) was found, but it holds no pixel size.")


@pytest.mark.parametrize("beam", ["EBeam", "IBeam", "IRBeam"])
def test_fei_without_a_pixel_width_tells_the_field_of_its_beam(beam):
    text = f"[{beam}]\r\nHFW=2.56e-5\r\nVFW=1.92e-5\r\n\r\n[Image]\r\nResolutionX=1024\r\nResolutionY=768\r\n"
    wide = np.zeros((768, 1024), np.uint8)
    assert scale_of(tiff(wide, {34680: (ASCII, text)})).pixels_per_micrometre == pytest.approx(40)
    assert "ResolutionX is 1024 and the file has 8" in scale_of(tiff(PIXELS, {34680: (ASCII, text)})).note
    other = text.replace("VFW=1.92e-5", "VFW=1.5e-5")
    assert scale_of(tiff(PIXELS, {34682: (ASCII, other)})).pixels_per_micrometre is None


def test_dots_per_inch_are_never_a_scale():
    assert scale_of(tiff(PIXELS, dpi=(300, 300))) == ScaleFound()
    assert scale_of(encoded(PIXELS, "PNG")) == ScaleFound()


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
    assert sidecar_scale(tmp_path / "a.tif").pixels_per_micrometre == (scale and pytest.approx(scale))


@pytest.mark.parametrize("ending", [".hdr", ".tif.hdr", ".HDR"])
def test_tescan_writes_its_scale_beside_the_image(tmp_path, ending):
    (tmp_path / f"a{ending}").write_bytes(b"[MAIN]\r\nDevice=VEGA\r\nPixelSizeX=5,0e-8\r\nPixelSizeY=5,0e-8\r\n")
    assert sidecar_scale(tmp_path / "a.tif").pixels_per_micrometre == pytest.approx(20)


def test_a_sidecar_that_gives_no_scale_is_named(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"$CM_FORMAT JEOL-SEM\r\n$CM_MAG 50\r\n")
    assert sidecar_scale(tmp_path / "a.tif") == ScaleFound(
        note="a.txt: Not taken, for the file has no CM_FULL_SIZE: JEOL CM_MAG = 50"
    )
    (tmp_path / "a.txt").write_bytes(b"notes of a tired person")
    assert sidecar_scale(tmp_path / "a.tif") == ScaleFound(
        note="The sidecar a.txt was found, but it is none of these: Hitachi, TESCAN, JEOL, Zeiss ZEN."
    )


@pytest.mark.parametrize(("folder", "scale"), [("tescan_pair", 40), ("jeol_pair", None)])
def test_pairs_of_image_and_sidecar(case_files, folder, scale):
    found = sidecar_scale(case_files / folder / "a.tif", Extent(200, 160))
    assert found.pixels_per_micrometre == (scale and pytest.approx(scale))
    assert found.note.startswith("a.")


JEOL = "$CM_FORMAT JEOL-SEM\n$CM_MAG 50\n$CM_FULL_SIZE 1280 960\n"
HITACHI = "[SemImageFile]\r\nDataSize=1280x960\r\nPixelSize=25\r\n"


@pytest.mark.parametrize(
    ("text", "scale"),
    [
        (JEOL, 0.5),
        (JEOL + "$$SM_MICRON_BAR 80\n$$SM_MICRON_MARKER 2um\n", 40),
        (JEOL.replace("50", "0"), None),
        (JEOL.replace("50", "high"), None),
        (HITACHI, 40),
        (HITACHI.replace("25", "0.025 \u00b5m"), 40),
        (HITACHI.replace("25", "0,025 \u03bcm"), 40),
        (HITACHI.replace("25", "250 Angstrom"), 40),
        (HITACHI.replace("25", "25 parsec"), None),
        (HITACHI.replace("25", "-25"), None),
        (HITACHI.replace("PixelSize=25\r\n", ""), None),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-16-be"])
def test_a_sidecar_counts_for_a_picture_of_its_size_alone(tmp_path, text, scale, encoding):
    (tmp_path / "a.txt").write_bytes(text.encode(encoding))
    whole, cropped = (sidecar_scale(tmp_path / "a.tif", Extent(width, 960)) for width in (1280, 640))
    assert whole.pixels_per_micrometre == (scale and pytest.approx(scale))
    assert cropped.pixels_per_micrometre is None
    if scale:
        assert "is 1280 x 960 and the file has 640 x 960 pixels" in cropped.note
    else:
        assert "a.txt" in whole.note


def test_without_a_sidecar_nothing_is_said(tmp_path):
    assert sidecar_scale(tmp_path / "a.tif") == ScaleFound()
