"""Stored pictures in a PDF."""

from io import BytesIO

from django.core.files.storage import default_storage
from PIL import Image as Pixels
from reportlab.platypus import Image

QUALITY = 82


def stored_picture(name: str, pixels: int, points: float) -> Image:
    """A picture that the site has made, as a JPEG of at most so many pixels, so many points wide or high."""
    with default_storage.open(name) as file, Pixels.open(file) as opened:
        opened.thumbnail((pixels, pixels))
        small = Pixels.new("RGB", opened.size)
        rgba = opened.convert("RGBA")
        small.paste(rgba, mask=rgba.getchannel("A"))
    jpeg = BytesIO()
    small.save(jpeg, "JPEG", quality=QUALITY)
    jpeg.seek(0)
    scale = points / max(small.size)
    return Image(jpeg, width=small.width * scale, height=small.height * scale)
