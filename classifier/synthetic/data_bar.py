"""The data bar that a scanning electron microscope burns into the bottom of its images."""

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

BACKGROUND, INK = 16, 255
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


def bar_length(width: int, pixels_per_micrometre: float) -> float:
    """A round length in micrometres (1, 2 or 5 times a power of ten) that covers a tenth to a quarter of the width."""
    longest = 0.25 * width / pixels_per_micrometre
    power = 10.0 ** math.floor(math.log10(longest))
    return max(step * power for step in (1, 2, 5) if step * power <= longest)


def bar_height(height: int) -> int:
    """Height in pixels of the data bar in an image `height` pixels high."""
    return max(8, round(0.075 * height))


def length_text(micrometres: float) -> str:
    """The length in nm, µm or mm, as instruments write it."""
    for unit, size in (("mm", 1000.0), ("µm", 1.0), ("nm", 0.001)):
        if micrometres >= size * 0.999:
            return f"{micrometres / size:.6g} {unit}"
    return f"{micrometres * 1000:.6g} nm"


def draw_data_bar(image: NDArray[np.uint8], pixels_per_micrometre: float, kilovolts: float) -> NDArray[np.uint8]:
    """A copy with a data bar: a white micron bar drawn to scale, its length, and the voltage, on a dark strip."""
    height, width = image.shape
    strip = bar_height(height)
    length = bar_length(width, pixels_per_micrometre)
    pixels = max(1, round(length * pixels_per_micrometre))
    canvas = Image.fromarray(image.copy())
    pen = ImageDraw.Draw(canvas)
    top, left = height - strip, round(0.03 * width)
    middle, thick = top + strip // 2, max(1, strip // 8)
    pen.rectangle((0, top, width - 1, height - 1), fill=BACKGROUND)
    pen.rectangle((left, middle - thick // 2, left + pixels - 1, middle - thick // 2 + thick - 1), fill=INK)
    if strip >= 12:
        font = ImageFont.load_default(size=0.55 * strip)
        text = f"{length_text(length)}   {kilovolts:.1f} kV   SE"
        _write(pen, (left + pixels + strip // 2, middle), text, font)
    return np.asarray(canvas)


def _write(pen: ImageDraw.ImageDraw, at: tuple[int, int], text: str, font: Font) -> None:
    """Write text, left-aligned and vertically centred. Pillow's font has no micro sign: a u gets a stem."""
    pen.text(at, text.replace("µ", "u"), fill=INK, font=font, anchor="lm")
    if "µ" in text:
        before = text[: text.index("µ")]
        left, top, _, bottom = pen.textbbox((at[0] + font.getlength(before), at[1]), "u", font=font, anchor="lm")
        stem, tail = max(1, round((bottom - top) / 7)), round((bottom - top) / 2.5)
        pen.rectangle((left, top, left + stem - 1, bottom + tail), fill=INK)
