"""Which file of a folder, a zip or a drop is its manifest."""

from collections.abc import Iterable
from pathlib import PurePosixPath

from microdb.errors import MicroDBError

MANIFEST = "micrographs.csv"
SPECIMENS = "specimens.csv"
"""The table of specimens, which is never the manifest."""


def has_manifest_name(path: str) -> bool:
    """Whether the file is called ``micrographs.csv``, in whatever case."""
    return PurePosixPath(path).name.lower() == MANIFEST


def has_specimens_name(path: str) -> bool:
    """Whether the file is called ``specimens.csv``, in whatever case."""
    return PurePosixPath(path).name.lower() == SPECIMENS


def choose_manifest(paths: Iterable[str]) -> str | None:
    """The ``micrographs.csv`` nearest the top; where no file has that name, the only CSV file; else None.

    ``static/js/micrographs/upload_plan.js`` chooses by the same rule. Raises MicroDBError where two are equally near.
    """
    tables = [path for path in paths if path.lower().endswith(".csv") and not has_specimens_name(path)]
    named = [path for path in tables if has_manifest_name(path)]
    if not named:
        return tables[0] if len(tables) == 1 else None
    depth = min(path.count("/") for path in named)
    nearest = sorted(path for path in named if path.count("/") == depth)
    if len(nearest) > 1:
        raise MicroDBError(
            f"There are {len(nearest)} manifests: {', '.join(nearest[:5])}. Give one folder at a time.",
            code="several_manifests",
        )
    return nearest[0]
