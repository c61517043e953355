"""Micrographs that somebody chose on the map, as the filter ``among`` of the gallery.

The address names the version and has one bit for each micrograph of its map, so a choice is short, can be kept and
shared, and needs no row of its own.
"""

import base64
import binascii

from microdb.micrographs.models import Dataset
from microdb.training.models import ModelVersion

SOURCE = "map"
"""Of ``among``: ``map:3:BITS`` are micrographs on the map of version 3."""


def chosen_on_map(dataset: Dataset, value: str) -> list[str]:
    """The keys of the micrographs that ``value`` chooses, ``NUMBER:BITS``; none for an address that means nothing.

    BITS is base64 for addresses, without padding. Bit 0 of byte 0 stands for the first micrograph of the map.
    """
    number, _colon, bits = value.partition(":")
    if not (number.isascii() and number.isdigit() and len(number) < 10):
        return []
    versions = ModelVersion.objects.filter(dataset=dataset, number=int(number))
    stored = versions.values_list("descriptor_map__micrographs", flat=True).first() or []
    bitmap = _bytes(bits)
    return [pk for place, pk in enumerate(stored) if place // 8 < len(bitmap) and bitmap[place // 8] >> place % 8 & 1]


def _bytes(bits: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(bits + "=" * (-len(bits) % 4))
    except (binascii.Error, ValueError):
        return b""
