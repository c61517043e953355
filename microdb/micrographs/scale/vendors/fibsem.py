"""OpenFIBSEM: JSON in the description."""

import json
from collections.abc import Mapping
from typing import Any

from microdb.micrographs.scale.acquisition import Acquisition, first_text, recorded_date
from microdb.micrographs.scale.found import Extent, PixelSize
from microdb.micrographs.scale.units import number
from microdb.micrographs.scale.vendors.tags import DESCRIPTION, Tags, tag_text

NAME = "fibsem"
TAGS = (DESCRIPTION,)
MARKS = ("pixel_size", "microscope_state")
MOST_CHARACTERS = 2**20


def is_marked(tags: Tags) -> bool:
    return bool(_metadata(tags))


def pixel_size(tags: Tags, picture: Extent) -> PixelSize | None:
    """``pixel_size`` with ``x`` and ``y`` in metres, stated for ``image.resolution``."""
    metadata = _metadata(tags)
    stated = metadata.get("pixel_size")
    if not isinstance(stated, dict) or "x" not in stated:
        return None
    across, down = number(stated["x"]), number(stated.get("y", stated["x"]))
    size = PixelSize(across * 1e6, down * 1e6, f"fibsem pixel_size.x = {stated['x']} m")
    stored = _settings(metadata).get("resolution")
    if not isinstance(stored, list) or len(stored) != 2 or not all(isinstance(side, int) for side in stored):
        return size
    return size.for_extent(Extent(*stored), picture, "image.resolution")


def acquisition(tags: Tags) -> Acquisition:
    metadata = _metadata(tags)
    return Acquisition(
        detector=first_text(_settings(metadata).get("detector")),
        date=recorded_date(first_text(metadata.get("timestamp"), metadata.get("date"))),
        record=metadata,
    )


def _settings(metadata: Mapping[str, Any]) -> Mapping[str, Any]:
    found = metadata.get("image")
    return found if isinstance(found, dict) else {}


def _metadata(tags: Tags) -> Mapping[str, Any]:
    text = tag_text(tags.get(DESCRIPTION)).strip()
    if not text.startswith("{") or len(text) > MOST_CHARACTERS or not any(f'"{mark}"' in text for mark in MARKS):
        return {}
    found = json.loads(text)
    return found if isinstance(found, dict) else {}
