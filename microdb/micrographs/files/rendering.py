"""What is shown of a micrograph: always encoded anew from its pixels, so that nothing of the sent file gets through."""

import io

import numpy as np
from PIL import Image

DISPLAY_SIDE = 2048
THUMBNAIL_SIDE = 320
STRETCH_PERCENTILES = (0.5, 99.5)
STRIP_ROWS = 512
SAMPLED_PIXELS = 4_000_000


def display_and_thumbnail(pixels: np.ndarray) -> tuple[bytes, bytes]:
    """Of (H, W) pixels: an 8-bit gray PNG, the longer side at most 2048, and a WebP, the longer side at most 320.

    Pixels of more than 8 bits are stretched to their contrast.
    """
    image = Image.fromarray(_eight_bit(pixels))
    image.thumbnail((DISPLAY_SIDE, DISPLAY_SIDE), Image.Resampling.LANCZOS)
    display = _encoded(image, "PNG", compress_level=4)
    image.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), Image.Resampling.LANCZOS)
    return display, _encoded(image, "WEBP", quality=80, method=2)


def _encoded(image: Image.Image, image_format: str, **options: int) -> bytes:
    file = io.BytesIO()
    image.save(file, image_format, **options)
    return file.getvalue()


def _eight_bit(pixels: np.ndarray) -> np.ndarray:
    if pixels.dtype == np.uint8:
        return pixels
    step = max(1, int((pixels.size / SAMPLED_PIXELS) ** 0.5))
    low, high = np.percentile(pixels[::step, ::step].astype(np.float64), STRETCH_PERCENTILES)
    if high <= low:  # nearly constant: the percentiles meet, the extremes may not
        low, high = float(pixels.min()), float(pixels.max())
    span = high - low or 1.0
    shown = np.empty(pixels.shape, np.uint8)
    for top in range(0, len(pixels), STRIP_ROWS):  # in strips, for a float copy of 200 million pixels is 1.6 GB
        strip = pixels[top : top + STRIP_ROWS].astype(np.float64)
        shown[top : top + STRIP_ROWS] = np.clip((strip - low) * (255 / span), 0, 255)
    return shown
