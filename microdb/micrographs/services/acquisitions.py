"""Storing what a microscope recorded of a micrograph."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings

from microdb.micrographs.models import Acquisition, Micrograph
from microdb.micrographs.scale.acquisition import AcquisitionFound


def store_acquisition(*, micrograph: Micrograph, found: AcquisitionFound) -> None:
    """Replace the micrograph's record; nothing changes where the file has none."""
    if not found.record:
        return
    columns: dict[str, Any] = {name: getattr(found, name) for name in (*Acquisition.FIELDS, "record")}
    Acquisition.objects.update_or_create(micrograph=micrograph, defaults=columns)


def exported_acquisition(exported: Mapping[str, Any]) -> AcquisitionFound:
    """Of ``dataset.json``; a field of the wrong kind is left out."""
    numbers = {"kilovolts", "working_distance", "magnification"}
    kinds = {name: (int, float) if name in numbers else (str,) for name in Acquisition.FIELDS} | {"record": (dict,)}
    given = {name: exported[name] for name, kind in kinds.items() if isinstance(exported.get(name), kind)}
    return AcquisitionFound(**given).bounded(with_operator=settings.KEEP_OPERATOR)
