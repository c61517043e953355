"""The layouts of light microscopes, scan generators and their sidecars; see docs/how-to/scale.md."""

import io
import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile

from microdb.file_names import SIDECAR_ENDINGS
from microdb.micrographs.scale.found import Extent
from microdb.micrographs.scale.metadata import read_metadata
from microdb.micrographs.scale.sidecar import MOST_BYTES, Sidecar, find_sidecar, read_sidecar, sent_sidecar

ASCII, LONG, UNDEFINED, BYTE = 2, 4, 7, 1
WIDTH, HEIGHT = 64, 48
SCALE = pytest.approx(40)
Tag = tuple[int, int, bytes]


def written(*tags: Tag, byteorder: str = "<", description: str | None = None, pages: int = 1) -> io.BytesIO:
    """A TIFF whose last page has these private tags: code, type and bytes."""
    file = io.BytesIO()
    with tifffile.TiffWriter(file, byteorder=byteorder) as writer:  # type: ignore[arg-type]
        for page in range(pages):
            extra = [(code, kind, len(value), value, True) for code, kind, value in tags] if page == pages - 1 else []
            text = description if page == pages - 1 else None
            writer.write(np.full((HEIGHT, WIDTH), page, np.uint8), extratags=extra, description=text, metadata=None)
    file.seek(0)
    return file


def lsm(across: float = 2.5e-8, down: float = 2.5e-8, width: int = WIDTH, scan: int = 0) -> Tag:
    info = np.zeros(1, tifffile.TIFF.CZ_LSMINFO)
    info["MagicNumber"], info["StructureSize"] = 67127628, info.itemsize
    info["DimensionX"], info["DimensionY"], info["ScanType"] = width, HEIGHT, scan
    info["VoxelSizeX"], info["VoxelSizeY"] = across, down
    return 34412, BYTE, info.tobytes()


def fluoview(resolution: float = 0.025, unit: bytes = b"um", width: int = WIDTH, byteorder: str = "<") -> Tag:
    header = np.zeros(1, np.dtype(tifffile.TIFF.MM_HEADER).newbyteorder(byteorder))  # type: ignore[call-overload]
    for number, (name, size) in enumerate([(b"x", width), (b"y", HEIGHT)]):
        header["Dimensions"][0, number] = (name, size, 0, resolution, unit)
    return 34361, BYTE, header.tobytes()


def fibics(
    field: str = "1.6", unit: str = "um", width: int = WIDTH, height: int = HEIGHT, down: str = "1.2", step: str = ""
) -> Tag:
    xml = (
        '<?xml version="1.0" encoding="iso-8859-1"?>\r\n<Fibics version="1.2"><Application><Version>Atlas</Version>'
        f"<Date>2020-01-31 10:00</Date></Application><Image><Width>{width}</Width><Height>{height}</Height>"
        "<OriginalWidth>0</OriginalWidth><Detector>InLens</Detector></Image>"
        f'<Scan><FOV_X units="{unit}">{field}</FOV_X><FOV_Y units="{unit}">{down}</FOV_Y>{step}</Scan>'
        '<Stage><X units="um">3</X></Stage></Fibics>'
    )
    return 51023, ASCII, xml.encode() + b"\0"


def micromanager(**metadata: Any) -> Tag:
    return 51123, ASCII, json.dumps(metadata).encode() + b"\0"


def metamorph_xml(size: str = "0.025", unit: str = "um", state: str = "on", width: str = "64") -> str:
    values = {
        "spatial-calibration-state": state,
        "spatial-calibration-x": size,
        "spatial-calibration-y": size,
        "spatial-calibration-units": unit,
        "pixel-size-x": width,
        "acquisition-time-local": "20200131 10:20:30.5",
    }
    props = "".join(f'<prop id="{name}" type="string" value="{value}"/>' for name, value in values.items())
    return f"<MetaData><PlaneInfo>{props}</PlaneInfo></MetaData>"


def stack(across: int = 25, unit: bytes = b"um", is_on: int = 1) -> io.BytesIO:
    """A MetaMorph stack of one plane. Its tag counts pairs of numbers, so that no library writes it."""
    pixels = bytes(WIDTH * HEIGHT)
    values = struct.pack("<II", across, 1000), struct.pack("<II", across, 1000), struct.pack("<I", len(unit) + 1)
    start = 8 + len(pixels)
    places = [start, start + 8, start + 16]
    block = b"".join(values) + unit + b"\0"
    uic_at = start + len(block) + len(block) % 2
    uic = struct.pack("<8I", 3, is_on, 4, places[0], 5, places[1], 6, places[2])
    entries = [
        *((256, 3, 1, WIDTH), (257, 3, 1, HEIGHT), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1), (273, 4, 1, 8)),
        *((277, 3, 1, 1), (278, 3, 1, HEIGHT), (279, 4, 1, len(pixels)), (33628, LONG, 4, uic_at)),
    ]
    directory = struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHII", *one) for one in entries) + bytes(4)
    head = struct.pack("<2sHI", b"II", 42, uic_at + len(uic))
    return io.BytesIO((head + pixels + block).ljust(uic_at, b"\0") + uic + directory)


READ = {
    "LSM": lambda: written(lsm()),
    "LSM of other lengths": lambda: written(lsm(2.5e-8, 2.51e-8)),
    "LSM of a time series": lambda: written(lsm(scan=3)),
    "FluoView": lambda: written(fluoview()),
    "FluoView in nanometres": lambda: written(fluoview(25, b"nm")),
    "FluoView in Latin-1": lambda: written(fluoview(0.025, b"\xb5m")),
    "FluoView in big-endian order": lambda: written(fluoview(byteorder=">"), byteorder=">"),
    "Fibics": lambda: written(fibics()),
    "Fibics in nanometres": lambda: written(fibics("1600", "nm", down="1200")),
    "Fibics with its steps": lambda: written(fibics(step="<Ux>0.025</Ux><Uy>0</Uy><Vx>0</Vx><Vy>-0.025</Vy>")),
    "Fibics turned": lambda: written(fibics(step="<Ux>0.015</Ux><Uy>0.02</Uy>")),
    "Fibics in big-endian order": lambda: written(fibics(), byteorder=">"),
    "Micro-Manager": lambda: written(micromanager(PixelSizeUm=0.025, Width=WIDTH)),
    "MetaMorph stack": lambda: stack(),
    "MetaMorph stack in nanometres": lambda: stack(25_000, b"nm"),
    "MetaMorph": lambda: written(description=metamorph_xml()),
    "MetaMorph spelt out": lambda: written(description=metamorph_xml("0,025", "microns")),
}


@pytest.mark.parametrize("layout", READ)
def test_the_scale_of_each_layout(layout: str) -> None:
    found = read_metadata(READ[layout]()).scale
    assert found.pixels_per_micrometre == SCALE, found.note


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (written(lsm(0, 0)), "can't be: Zeiss LSM"),
        (written(lsm(2.5e-8, 5e-8)), "across and"),
        (written(lsm(width=128)), "DimensionX is 128 x 48 and the file has 64"),
        (written(lsm(scan=1)), "depth or time"),
        (written((34412, BYTE, bytes(200))), "TIFF tag 34412 (Zeiss LSM) was found, but it holds no pixel size."),
        (written(fluoview(0.025, b"furlong")), "unit is no known length"),
        (written(fluoview(0.025, b"")), "unit is no known length"),
        (written(fluoview(width=128)), "The size of x is 128 and the file has 64"),
        (written((34361, BYTE, bytes(20))), "TIFF tag 34361 (Olympus FluoView) was found"),
        (written(fibics(unit="px")), "unit is no known length"),
        (written(fibics(down="2.4")), "across and"),
        (written(fibics("3.2", down="2.4", width=128, height=96)), "Width is 128 and the file has 64"),
        (written(fibics(step="<Ux>0.05</Ux><Uy>0</Uy>")), "the step of the scan is another"),
        (written((51023, ASCII, b"<Fibics/>\0")), "TIFF tag 51023 (Fibics) was found"),
        (written((51023, ASCII, b"<Fibics><Scan\0")), "TIFF tag 51023 (Fibics) was found"),
        (written((51023, ASCII, b"<!DOCTYPE a><Fibics/>\0")), "TIFF tag 51023 (Fibics) was found"),
        (written(micromanager(PixelSizeUm=0)), "TIFF tag 51123 (Micro-Manager) was found"),
        (written(micromanager(PixelSizeUm=0.025, Width=128)), "Width is 128 and the file has 64"),
        (stack(0), "can't be"),
        (stack(unit=b"pixel"), "unit is no known length"),
        (stack(is_on=0), "switched off"),
        (written(description=metamorph_xml(state="off")), "switched off"),
        (written(description=metamorph_xml(width="128")), "pixel-size-x is 128"),
        (written(description="<MetaData></MetaData>"), "The description of MetaMorph was found"),
        (
            written((65330, BYTE, b"x" * 9), (65331, BYTE, b"x" * 9)),
            "TIFF tag 65330 (Nikon) was found, but it is not read.",
        ),
        (written((4864, LONG, bytes(4))), "TIFF tag 4864 (Andor) was found, but it is not read."),
    ],
)
def test_without_a_sure_scale_the_note_names_what_was_seen(file: io.BytesIO, words: str) -> None:
    found = read_metadata(file).scale
    assert found.pixels_per_micrometre is None
    assert words in found.note
    assert found.note.count("Nikon") < 2


@pytest.mark.parametrize("tag", [lsm(), fluoview(), fibics(), micromanager(PixelSizeUm=0.025)])
def test_a_scale_counts_for_its_own_page(tag: Tag) -> None:
    second = written(tag, pages=2)
    assert "the scale of page 2, and page 1 is shown" in read_metadata(second, 0).scale.note
    assert read_metadata(second, 1).scale.pixels_per_micrometre == SCALE


def test_what_else_they_recorded_is_kept() -> None:
    found = read_metadata(written(fibics())).acquisition
    assert (found.detector, found.date) == ("InLens", "2020-01-31")
    assert found.bounded(with_operator=False).record["Fibics"]["Image"]["Width"] == str(WIDTH)
    assert read_metadata(written(description=metamorph_xml())).acquisition.date == "2020-01-31"
    assert (
        read_metadata(written(lsm())).acquisition.bounded(with_operator=False).record["Zeiss LSM"]["DimensionX"]
        == WIDTH
    )


ZEN = (
    '<?xml version="1.0" encoding="utf-8"?>\n<ImageDocument><Metadata>'
    "<Information><Image><SizeX>{width}</SizeX></Image></Information>"
    '<Scaling><Items><Distance Id="X"><Value>{size}</Value></Distance><Distance Id="Y"><Value>{size}'
    "</Value></Distance></Items></Scaling></Metadata></ImageDocument>"
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_zen_sidecar_gives_its_distances_in_metres(encoding: str) -> None:
    text = ZEN.format(size="2.5E-08", width=WIDTH)
    found = read_sidecar(Sidecar("a.xml", text.encode(encoding)), Extent(WIDTH, HEIGHT)).scale
    assert found.pixels_per_micrometre == SCALE
    assert found.note == "a.xml: Zeiss ZEN Distance of X = 2.5E-08 m"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (ZEN.format(size="2.5E-08", width=128), "SizeX is 128 and the file has 64"),
        (ZEN.format(size="", width=WIDTH), "(Zeiss ZEN) was found, but it holds no pixel size"),
        (ZEN.format(size="0", width=WIDTH), "can't be"),
        (
            '<Data><Image><DimensionDescription DimID="X" Length="1e-4"/></Image></Data>',
            "(Leica) was found, but it is not",
        ),
        ("#FORMAT      : EMSA/MAS Spectral Data File\n#XPERCHAN : 10\n", "(EMSA/MAS) was found, but it is not read"),
        ("Oxford Instruments AZtec\n", "(Oxford Instruments) was found, but it is not read"),
        ("EDAX Genesis\n", "(EDAX) was found, but it is not read"),
        ("notes", "none of these: Hitachi, TESCAN, JEOL, Zeiss ZEN."),
        ("", "it is empty or has more than"),
    ],
)
def test_a_sidecar_that_gives_no_scale_is_named(text: str, words: str) -> None:
    found = read_sidecar(Sidecar("a.xml", text.encode()), Extent(WIDTH, HEIGHT)).scale
    assert found.pixels_per_micrometre is None
    assert words in found.note


@pytest.mark.parametrize("ending", SIDECAR_ENDINGS)
def test_sidecars_are_found_by_name_in_any_case(tmp_path: Path, ending: str) -> None:
    for name in (f"a{ending}", f"a{ending.upper()}", f"a.tif{ending}", f"a.tif{ending.upper()}"):
        (tmp_path / name).write_bytes(b"x")
        found = find_sidecar(tmp_path / "a.tif")
        assert found is not None
        assert found.name.lower() == name.lower()
        (tmp_path / name).unlink()
    assert find_sidecar(tmp_path / "a.tif") is None


def test_a_sidecar_that_is_too_long_is_named_and_the_image_is_kept(tmp_path: Path) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    long = b"[SemImageFile]\r\nPixelSize=25\r\n".ljust(MOST_BYTES + 1)
    (tmp_path / "a.txt").write_bytes(long)
    for sidecar in (find_sidecar(tmp_path / "a.tif"), sent_sidecar(SimpleUploadedFile("a.txt", long))):
        assert sidecar == Sidecar("a.txt", b"")
        assert f"more than {MOST_BYTES} bytes" in read_sidecar(sidecar, Extent(WIDTH, HEIGHT)).scale.note
