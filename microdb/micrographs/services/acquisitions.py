"""Storing what a microscope recorded of a micrograph."""

from typing import Any

from microdb.micrographs.models import Acquisition, Micrograph
from microdb.micrographs.scale.acquisition import AcquisitionFound


def store_acquisition(*, micrograph: Micrograph, found: AcquisitionFound) -> None:
    """Replace the micrograph's record; nothing is stored where the file has none, and an imported one stays."""
    if not found.record:
        return
    columns: dict[str, Any] = {name: getattr(found, name) for name in (*Acquisition.FIELDS, "record")}
    Acquisition.objects.update_or_create(micrograph=micrograph, defaults=columns)
