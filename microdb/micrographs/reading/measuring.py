"""What is measured of a master's pixels, in one pass; it runs in a child process with limits (see ``isolation``)."""

import base64
import hashlib
import io
from dataclasses import asdict, dataclass
from typing import IO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from microdb.micrographs.files.annotation_box import find_annotation_boxes
from microdb.micrographs.files.data_bar import find_data_bar
from microdb.micrographs.files.decoding import decoded
from microdb.micrographs.files.perceptual_hash import perceptual_hash
from microdb.micrographs.files.rendering import display_and_thumbnail

BLANK, SATURATED = "blank", "saturated"
FEWEST_LEVELS = 5
"""Gray levels between the 0.5th and the 99.5th percentile under which a picture shows nothing."""
MOST_CLIPPED = 0.25
"""Share of the pixels at the darkest or brightest value above which structure was lost."""

MEASURES_RELEASE = 1
"""Goes up where more is found in the pixels; ``backfill_measurements`` measures older micrographs again."""

SAMPLED_PIXELS = 200_000


@dataclass(frozen=True)
class Measurements:
    """The decoded size, hashes, data bar, annotation boxes (``masked``) and flaw of a master, which page is shown, and
    the images made of it.

    ``lettering``: what is written at the micron bar, as PNG images in base64.
    """

    width: int
    height: int
    bit_depth: int
    pixel_sha256: str
    perceptual_hash: int
    data_bar_top: int | None
    masked: list[dict[str, int]]
    bar_pixels: float | None
    lettering: list[str]
    flaw: str
    page: int
    display: bytes
    thumbnail: bytes


def measure_file(file: IO[bytes]) -> Measurements:
    """Decode and measure a master; raises MicroDBError like ``decoded``."""
    found = decoded(file)
    pixels = found.pixels
    bar = find_data_bar(pixels)
    field = pixels[: bar.top] if bar else pixels
    display, thumbnail = display_and_thumbnail(pixels)
    height, width = pixels.shape
    return Measurements(
        width=width,
        height=height,
        bit_depth=8 * pixels.itemsize,
        pixel_sha256=pixel_sha256(pixels),
        perceptual_hash=perceptual_hash(field),
        data_bar_top=bar.top if bar else None,
        masked=[asdict(box) for box in find_annotation_boxes(field)],
        bar_pixels=bar.bar_pixels if bar else None,
        lettering=[_png(text) for text in bar.texts] if bar else [],
        flaw=flaw_of(field),
        page=found.page,
        display=display,
        thumbnail=thumbnail,
    )


def _png(gray: NDArray[np.uint8]) -> str:
    file = io.BytesIO()
    Image.fromarray(gray).save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()


def pixel_sha256(pixels: NDArray[np.generic]) -> str:
    """Of gray pixels (H, W), whatever file they came in; shape and kind count."""
    digest = hashlib.sha256(f"{pixels.shape} {pixels.dtype.newbyteorder('<').str}".encode())
    digest.update(np.ascontiguousarray(pixels).data)
    return digest.hexdigest()


def flaw_of(field: NDArray[np.generic]) -> str:
    """``blank``, ``saturated``, or empty for a picture (H, W) that shows something."""
    step = max(1, int((field.size / SAMPLED_PIXELS) ** 0.5))
    sample = field[::step, ::step].astype(np.float64)
    low, high = np.percentile(sample, (0.5, 99.5))
    levels = high - low if field.dtype.kind == "u" else (high - low) / (abs(high) + abs(low) or 1) * 1e6
    if levels < FEWEST_LEVELS:
        return BLANK
    clipped = max(float((sample == sample.min()).mean()), float((sample == sample.max()).mean()))
    return SATURATED if clipped > MOST_CLIPPED else ""
