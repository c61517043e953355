"""Which file of a folder is its manifest, and which file a row of it names.

`microdb.manifest` and the import of the site choose by the same rules; `tests/test_manifests.py` holds both equal.
"""

import unicodedata
from pathlib import Path, PurePosixPath

from classifier.command_line.consoles import errors
from classifier.command_line.csv_table import read_table
from classifier.errors import ClassifierError

MANIFEST = "micrographs.csv"


def choose_manifest(folder: Path) -> Path | None:
    """The `micrographs.csv` nearest the top, in whatever case; where no file has that name, the only CSV file that has
    a column `filename`; else None. CSV files that are not read are named on stderr.

    Raises ClassifierError where two are equally near.
    """
    tables = [path for path in sorted(folder.rglob("*")) if path.suffix.lower() == ".csv" and _is_shown(path, folder)]
    named = [path for path in tables if path.name.lower() == MANIFEST]
    if named:
        depth = min(len(path.parts) for path in named)
        nearest = [path for path in named if len(path.parts) == depth]
        if len(nearest) > 1:
            names = ", ".join(str(path.relative_to(folder)) for path in nearest[:5])
            raise ClassifierError(f"{folder} has {len(nearest)} manifests: {names}. Give one of them.")
        return nearest[0]
    if len(tables) == 1 and "filename" in read_table(tables[0], "filename").header:
        return tables[0]
    if tables:
        names = ", ".join(str(path.relative_to(folder)) for path in tables[:5])
        errors.print(
            f"These CSV files were not read: {names}. Give the manifest itself, or call it {MANIFEST}.",
            highlight=False,
            soft_wrap=True,
        )
    return None


def find_file(folder: Path, name: str) -> Path:
    """The file `name` below `folder`, in another normal form or case where only one fits; else the path as written."""
    found = folder
    for part in PurePosixPath(name).parts:
        if (found / part).exists():
            found /= part
            continue
        there = [one.name for one in found.iterdir()] if found.is_dir() else []
        alike = _alike(part, there)
        if len(alike) != 1:
            return folder / name
        found /= alike[0]
    return found


def _alike(name: str, others: list[str]) -> list[str]:
    """Those that are the same but for the normal form; where there is none, but for the case."""
    same = [other for other in others if _composed(other) == _composed(name)]
    return same or [other for other in others if _folded(other) == _folded(name)]


def _is_shown(path: Path, folder: Path) -> bool:
    hidden = any(part.startswith((".", "__")) for part in path.relative_to(folder).parts)
    return not hidden and path.is_file()


def _composed(name: str) -> str:
    return unicodedata.normalize("NFC", name)


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", _composed(name).casefold())
