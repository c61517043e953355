"""A valid file of each layout whose scale is read, to start from."""

import io
import struct

import numpy as np
import tifffile
from PIL import Image

from tests.hostile.tiff import directory
from tests.micrographs import test_acquisition as acquisitions
from tests.micrographs import test_scale_of_light_microscopes as light
from tests.micrographs import test_scale_reading as scales
from tests.micrographs.test_scale_variants import LAYOUTS, rewritten

NAMES = ("PixelWidth", "ResolutionX", "FOV_X", "Width", "PhysicalSizeX", "unit", "SizeX", "pixel_size")


def tiffs() -> list[bytes]:
    """Every vendor's block, in both byte orders and both sizes of offsets."""
    files = [make().getvalue() for make in light.READ.values()]
    for tags in LAYOUTS:
        files += [rewritten(tags, order, big, 1).getvalue() for order, big in (("<", False), (">", True))]
    files += [scales.olympus(2.5e-8, 2.5e-8)]
    pixels = np.zeros((8, 64), np.uint8)
    for tags in (scales.olympus_text("[PixelSize]\r\nPixelSizeX=25 nm\r\n"), scales.ome(), scales.zeiss("2.5e-8")):
        files.append(scales.tiff(pixels, tags))
    return files


def texts_of_tags() -> list[tuple[int, int, str]]:
    """The vendors that write text: code, type and text of their tag."""
    found = []
    for tags in [*LAYOUTS, scales.fei(), scales.ome(), scales.zeiss("2.5e-8"), scales.imagej(), scales.olympus_text()]:
        for code, (kind, value) in tags.items():
            if isinstance(value, str | bytes):
                found.append((code, kind, value if isinstance(value, str) else value.decode("latin-1")))
    for text in (acquisitions.FEI, acquisitions.ZEISS):
        found.append((34682 if text is acquisitions.FEI else 34118, 2, text))
    found += [(270, 2, light.metamorph_xml()), (51023, 2, light.fibics()[2].decode("latin-1"))]
    return [*found, (51123, 2, light.micromanager(PixelSizeUm=0.025, Width=64)[2].decode("latin-1"))]


def tagged(code: int, kind: int, content: bytes) -> bytes:
    """A picture of 64 x 48 pixels whose directory has this tag, written plainly: no library checks the value."""
    pixels = bytes(range(64)) * 48
    fixed = [(256, 3, 1, 64), (257, 3, 1, 48), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1), (273, 4, 1, 8)]
    fixed += [(277, 3, 1, 1), (278, 3, 1, 48), (279, 4, 1, len(pixels)), (282, 5, 1, 8), (283, 5, 1, 16)]
    at = 8 + len(pixels)
    field = struct.unpack("<I", content.ljust(4, b"\0")[:4])[0] if len(content) <= 4 else at
    entries = sorted([*fixed, (code, kind, len(content), field)])
    start = at + len(content) + len(content) % 2
    return (struct.pack("<2sHI", b"II", 42, start) + pixels + content).ljust(start, b"\0") + directory(entries)


def pictures() -> list[bytes]:
    """Small files of the formats that are read, of one and of several pages, packed and plain."""
    gray = np.random.default_rng(0).integers(0, 256, (24, 32), dtype=np.uint8)
    files = []
    for image_format, options in (
        *(("PNG", {}), ("JPEG", {}), ("JPEG", {"progressive": True}), ("BMP", {}), ("TIFF", {})),
        *(("TIFF", {"compression": packing}) for packing in ("tiff_lzw", "tiff_deflate", "packbits", "jpeg")),
    ):
        file = io.BytesIO()
        Image.fromarray(gray).save(file, image_format, **options)
        files.append(file.getvalue())
    file = io.BytesIO()
    with tifffile.TiffWriter(file, bigtiff=True) as writer:
        for page in range(3):
            writer.write(gray + page, tile=(16, 16), compression="zlib", predictor=True)
    return [*files, file.getvalue()]


SIDECARS = [
    acquisitions.HITACHI,
    acquisitions.JEOL,
    scales.JEOL + "$$SM_MICRON_BAR 80\n$$SM_MICRON_MARKER 2um\n",
    scales.HITACHI,
    light.ZEN.format(size="2.5E-08", width=64),
    "[MAIN]\r\nPixelSizeX=2.5e-8\r\nPixelSizeY=2.5e-8\r\nDate=2020-01-31\r\n[SEM]\r\nHV=5000\r\nWD=0.01\r\n",
]
