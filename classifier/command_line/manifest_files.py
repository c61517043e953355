"""Which file of a folder is its manifest, and which file a row of it names.

`microdb.manifest` and the import of the site choose by the same rules; `tests/test_manifests.py` holds both equal.
"""

import os
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


class FileFinder:
    """Finds the files below a folder, which is listed at most once: a manifest may have thousands of rows."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._names: dict[Path, _Names] = {}

    def find(self, name: str) -> Path:
        """The file `name`, in another normal form or case where only one fits; else the path as written."""
        found = self.folder
        for part in PurePosixPath(name).parts:
            if os.path.exists(found / part):  # unlike Path.exists it is false for a name that is too long
                found /= part
                continue
            if found not in self._names:
                self._names[found] = _Names(found)
            alike = self._names[found].alike(part)
            if len(alike) != 1:
                return self.folder / name
            found /= alike[0]
        return found


class _Names:
    """The names in a folder, by what is the same in every normal form, and in every case too."""

    def __init__(self, folder: Path) -> None:
        self._composed: dict[str, list[str]] = {}
        self._folded: dict[str, list[str]] = {}
        for path in folder.iterdir() if folder.is_dir() else ():
            self._composed.setdefault(_composed(path.name), []).append(path.name)
            self._folded.setdefault(_folded(path.name), []).append(path.name)

    def alike(self, name: str) -> list[str]:
        """Those that are the same but for the normal form; where there is none, but for the case."""
        return self._composed.get(_composed(name)) or self._folded.get(_folded(name), [])


def _is_shown(path: Path, folder: Path) -> bool:
    hidden = any(part.startswith((".", "__")) for part in path.relative_to(folder).parts)
    return not hidden and path.is_file()


def _composed(name: str) -> str:
    return unicodedata.normalize("NFC", name)


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", _composed(name).casefold())
