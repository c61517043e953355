"""The scale of real layouts: right, or absent with a note that says why."""

import io
from pathlib import Path

import numpy as np
import pytest
import tifffile

from microdb.micrographs import services
from microdb.micrographs.models import Change
from microdb.micrographs.scale.metadata import scale_in_metadata
from tests.micrographs.conftest import tiff

NOTED = "Not taken, for "


@pytest.mark.parametrize(
    ("name", "scale"),
    [
        ("fei_decimal_comma.tif", 40),
        ("fei_halved_400_to_200.tif", None),
        ("fei_ion_beam_active_both_sections.tif", 20),
        ("gatan_dm_tags_65009.tif", 40),
        ("imagej_unit_micrometers.tif", 40),
        ("imagej_unit_nanometer.tif", 40_000),
        ("imagej_yunit_differs.tif", None),
        ("jeol_sightx_xml.tif", 40),
        ("pages_fei_16bit_page_has_other_scale.tif", 40),
        ("pages_scale_only_on_second_page.tif", 40),
        ("tescan_tag_50431.tif", 40),
        ("tfs_xml_34683.tif", 40),
        ("zeiss_cropped_1024_to_200.tif", None),
    ],
)
def test_a_stored_file_has_its_scale_or_a_note(case_files: Path, dataset, owner, media, name: str, scale: float | None):
    content = io.BytesIO((case_files / name).read_bytes())
    one = services.add_and_read_micrograph(dataset=dataset, file=content, filename=name, by=owner)
    assert one.pixels_per_micrometre == (scale and pytest.approx(scale))
    assert one.scale_note.startswith(NOTED) == (scale is None)
    assert one.changes.filter(field=Change.Field.SCALE).count() == (scale is not None)


def test_only_the_page_that_is_shown_counts():
    file = io.BytesIO()
    with tifffile.TiffWriter(file) as writer:
        for dtype, size in (("u1", b"[Scan]\r\nPixelWidth=5e-8\r\n"), ("u2", None)):
            tags = [(34682, "s", 0, size, True)] if size else []
            writer.write(np.zeros((64, 80), dtype), extratags=tags, metadata=None)
    assert scale_in_metadata(file, 0).pixels_per_micrometre == pytest.approx(20)
    assert "the scale of page 1, and page 2 is shown" in scale_in_metadata(file, 1).note


def scale_of(text: str, width: int = 64) -> float | None:
    content = tiff(np.zeros((8, width), np.uint8), {34682: (2, text)})
    return scale_in_metadata(io.BytesIO(content)).pixels_per_micrometre


def test_fei_takes_the_active_scan_and_nothing_where_beams_differ():
    both = "[EScan]\r\nPixelWidth=5e-8\r\n[IScan]\r\nPixelWidth=2,5e-8\r\n"
    assert scale_of(both) is None
    assert scale_of(f"[Beam]\r\nBeam=IBeam\r\n{both}") == pytest.approx(40)
    assert scale_of(f"[Beam]\r\nBeam=EBeam\r\nScan=EScan\r\n{both}") == pytest.approx(20)
    assert scale_of("[EScan]\r\nPixelWidth=5e-8\r\n") == pytest.approx(20)
    assert scale_of("[EScan]\r\nPixelWidth=5e-8\r\n[Image]\r\nResolutionX=128\r\n") is None
