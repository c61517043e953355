"""What a folder, a manifest or a zip offers for import: one row per micrograph. Nothing is written here."""

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, TextIO

from django.utils.translation import gettext as _

from microdb.errors import MicroDBError
from microdb.micrographs.files.file_format import has_accepted_start
from microdb.micrographs.scale.found import ScaleFound
from microdb.micrographs.scale.sidecar import sidecar_scale

NAME = "micrographs.csv"
DETAILS = "dataset.json"
"""Beside the manifest of an exported dataset: what the manifest can't say."""
COLUMNS = ("filename", "label", "pixels_per_micrometre", "specimen", "modality", "split")
IMAGE_ENDINGS = {
    ".png",
    ".jpg",
    ".jpeg",
    ".tif",
    ".tiff",
    ".bmp",
    ".gif",
    ".webp",
    ".svg",
    ".jp2",
    ".dm3",
    ".dm4",
    ".zip",
}
"""A file that calls itself an image is offered even if it is none, so that somebody hears why it is not taken."""


@dataclass(frozen=True)
class Row:
    """One micrograph on offer; ``filename`` is relative to the manifest or folder, ``scale`` still text.

    ``details`` is what an export tells beyond the manifest: filename, scale_source, scale_note, data_bar_top.
    """

    path: Path
    filename: str
    label: str = ""
    scale: str = ""
    specimen: str = ""
    modality: str = ""
    split: str = ""
    details: Mapping[str, Any] | None = None

    @property
    def pixels_per_micrometre(self) -> float | None:
        return self.found_scale.pixels_per_micrometre

    @property
    def found_scale(self) -> ScaleFound:
        """From the manifest, else from a sidecar file. Raises MicroDBError where the manifest's text is no number."""
        if not self.scale:
            return sidecar_scale(self.path)
        try:
            return ScaleFound(float(self.scale), f"{NAME}: {self.scale}")
        except ValueError:
            raise MicroDBError(
                _("pixels_per_micrometre must be a number with a decimal point; “%s” was given. Correct it.")
                % self.scale,
                code="bad_scale",
            ) from None


def read_rows(source: Path) -> list[Row]:
    """Rows of a CSV file, a folder with ``micrographs.csv``, a folder with a subfolder per class, or a flat folder.

    Raises MicroDBError where the whole can't be understood; what is wrong with one file shows when it is read.
    """
    if source.is_file():
        return _manifest_rows(source)
    if not source.is_dir():
        raise MicroDBError(_("There is no file or folder %s. Check the path.") % source, code="not_found")
    if (source / NAME).is_file():
        return _manifest_rows(source / NAME)
    rows = list(_folder_rows(source))
    if not rows:
        raise MicroDBError(
            _("%(folder)s holds neither %(name)s nor an image file. Choose the folder with the micrographs.")
            % {"folder": source, "name": NAME},
            code="empty",
        )
    return rows


def _folder_rows(folder: Path) -> Iterator[Row]:
    """The name of the first folder below is the label; files beside the folders have none."""
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        if any(part.startswith((".", "__")) for part in parts) or not path.is_file():
            continue
        if path.suffix.lower() in IMAGE_ENDINGS or has_accepted_start(path):
            yield Row(path, "/".join(parts), label=parts[0] if len(parts) > 1 else "")


def _manifest_rows(manifest: Path) -> list[Row]:
    with manifest.open(encoding="utf-8-sig", newline="") as file:
        return rows_of(file, manifest)


def rows_of(text: TextIO, manifest: Path) -> list[Row]:
    """The rows of an open manifest; ``manifest`` is where it lies, or would."""
    try:
        reader = csv.DictReader(text, strict=True, restkey="", restval="")
        _check_columns(reader.fieldnames or [])
        details = read_details(manifest.parent).get("micrographs", {})
        rows = [_row(manifest, reader.line_num, cells, details) for cells in reader]
    except (UnicodeDecodeError, csv.Error) as error:
        raise MicroDBError(
            _("%(name)s is no CSV table in UTF-8 (%(why)s). Save it as “CSV UTF-8”.")
            % {"name": manifest.name, "why": error},
            code="bad_manifest",
        ) from error
    if not rows:
        raise MicroDBError(_("%s names no file. Add a line for every micrograph.") % manifest.name, code="empty")
    return rows


def _check_columns(names: Sequence[str]) -> None:
    unknown = [name for name in names if name not in COLUMNS]
    if not unknown and "filename" in names and len(set(names)) == len(names):
        return
    problem = _("the unknown column %s") % ", ".join(f"“{name}”" for name in unknown)
    if not unknown:
        problem = _("no column “filename”") if "filename" not in names else _("a column twice")
    raise MicroDBError(
        _("The manifest has %(problem)s. Known columns: %(known)s; only filename is required, commas separate them.")
        % {"problem": problem, "known": ", ".join(COLUMNS)},
        code="unknown_column" if unknown else "bad_manifest",
    )


def read_details(folder: Path) -> dict[str, Any]:
    """The ``dataset.json`` of an exported dataset; empty where there is none."""
    path = folder / DETAILS
    if not path.is_file():
        return {}
    try:
        details = json.loads(path.read_text(encoding="utf-8"))
        if _sound(details):
            return dict(details)
    except ValueError:
        pass  # said below, as for every other content
    raise MicroDBError(
        _("%s is not as MicroDB exports it. Take it from the export again, or remove it.") % DETAILS,
        code="bad_manifest",
    )


def _sound(details: Any) -> bool:
    if not isinstance(details, dict):
        return False
    classes, micrographs = details.get("classes", []), details.get("micrographs", {})
    named = isinstance(classes, list) and all(isinstance(one, dict) and "name" in one for one in classes)
    told = isinstance(micrographs, dict) and all(
        isinstance(one, dict) and isinstance(one.get("data_bar_top"), int | None) for one in micrographs.values()
    )
    return named and told


def _row(manifest: Path, line: int, cells: dict[str, str], details: Mapping[str, Any]) -> Row:
    if "" in cells:
        raise MicroDBError(
            _("Line %(line)d of %(name)s has more cells than columns. Put text that contains a comma in quotes.")
            % {"line": line, "name": manifest.name},
            code="bad_manifest",
        )
    values = {name: text.strip() for name, text in cells.items()}
    filename = values.pop("filename").replace("\\", "/")
    relative = PurePosixPath(filename)
    if not filename or relative.is_absolute() or ".." in relative.parts or "\0" in filename:
        raise MicroDBError(
            _("Line %(line)d of %(name)s: a filename inside the manifest's folder was wanted, “%(given)s” was given.")
            % {"line": line, "name": manifest.name, "given": filename},
            code="bad_manifest",
        )
    scale = values.pop("pixels_per_micrometre", "")
    known = details.get(filename)
    return Row(manifest.parent / relative, filename, scale=scale, **values, details=known)
