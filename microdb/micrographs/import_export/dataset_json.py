"""``dataset.json``, beside the manifest of an exported dataset: what the manifest has no column for."""

import json
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from microdb.errors import MicroDBError

DATASET_JSON = "dataset.json"
MOST_BYTES = 2**28
"""That of a hundred thousand micrographs with their microscopes' records has 100 MB."""


def read_dataset_json(folder: Path) -> dict[str, Any]:
    """Its content; empty where there is none. Raises MicroDBError where it is not as an export writes it."""
    path = folder / DATASET_JSON
    if not path.is_file():
        return {}
    try:
        content = json.loads(path.read_text(encoding="utf-8")) if path.stat().st_size <= MOST_BYTES else None
    except (ValueError, RecursionError):
        content = None
    if isinstance(content, dict) and _is_sound(content):
        return dict(content)
    raise MicroDBError(
        _("%s is not as MicroDB exports it. Take it from the export again, or remove it.") % DATASET_JSON,
        code="bad_manifest",
    )


def _is_sound(content: Any) -> bool:
    if not isinstance(content, dict):
        return False
    classes, micrographs = content.get("classes", []), content.get("micrographs", {})
    classes_are = isinstance(classes, list) and all(isinstance(one, dict) and "name" in one for one in classes)
    micrographs_are = isinstance(micrographs, dict) and all(map(_is_sound_micrograph, micrographs.values()))
    return classes_are and micrographs_are


def _is_sound_micrograph(one: Any) -> bool:
    if not isinstance(one, dict) or not isinstance(one.get("data_bar_top"), int | None):
        return False
    masked = one.get("masked", [])
    return isinstance(masked, list) and all(isinstance(rectangle, dict) for rectangle in masked)
