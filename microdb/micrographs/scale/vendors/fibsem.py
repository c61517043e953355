"""OpenFIBSEM: JSON in the description."""

import json
import re
from collections.abc import Mapping
from typing import Any

from microdb.micrographs.scale.acquisition import AcquisitionFound, first_text, recorded_date
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
    """``pixel_size`` with ``x`` and ``y`` in metres, stated for the ``resolution`` of the image's settings."""
    metadata = _metadata(tags)
    stated = metadata.get("pixel_size")
    if not isinstance(stated, dict) or stated.get("x") is None:
        return None
    across, down = number(stated["x"]), number(stated.get("y", stated["x"]))
    size = PixelSize(across * 1e6, down * 1e6, f"fibsem pixel_size.x = {stated['x']} m")
    stored = re.findall(r"\d+", str(_settings(metadata).get("resolution", "")))
    if len(stored) != 2:
        return size
    return size.for_extent(Extent(int(stored[0]), int(stored[1])), picture, "resolution")


def acquisition(tags: Tags) -> AcquisitionFound:
    metadata = _metadata(tags)
    settings, system = _settings(metadata), metadata.get("system_info", {})
    return AcquisitionFound(
        detector=first_text(settings.get("detector")),
        instrument=first_text(system.get("model")) if isinstance(system, dict) else "",
        date=recorded_date(first_text(metadata.get("timestamp"), metadata.get("date"))),
        record=metadata,
    )


def _settings(metadata: Mapping[str, Any]) -> Mapping[str, Any]:
    """Of the image; older versions put them beside the pixel size."""
    found = metadata.get("image")
    return found if isinstance(found, dict) else metadata


def _metadata(tags: Tags) -> Mapping[str, Any]:
    text = tag_text(tags.get(DESCRIPTION)).strip()
    if not text.startswith("{") or len(text) > MOST_CHARACTERS or not any(f'"{mark}"' in text for mark in MARKS):
        return {}
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
