"""The manifest: a CSV table with one row per micrograph, as import, upload, batch scoring and the client read it.

Needs no Django and opens no image, so that the client can use it. The classifier, which may not import the site, reads
the same table with ``classifier.command_line.manifest``; a test holds the two equal.
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from microdb.errors import MicroDBError
from microdb.scale_bounds import HIGHEST_SCALE, LOWEST_SCALE, is_possible_scale

MANIFEST = "micrographs.csv"
COLUMNS = ("filename", "label", "pixels_per_micrometre", "specimen", "modality", "split")
"""Only ``filename`` is required. An empty label means unlabelled."""


@dataclass(frozen=True)
class ManifestRow:
    """One line; ``filename`` is relative to the manifest, with slashes. ``scale`` is still text: see the property."""

    line: int
    filename: str
    label: str = ""
    scale: str = ""
    specimen: str = ""
    modality: str = ""
    split: str = ""

    @property
    def pixels_per_micrometre(self) -> float | None:
        """None where the cell is empty. Raises MicroDBError ``bad_scale`` where it holds no possible scale.

        The number is read late so that a wrong one refuses its own row and no other.
        """
        if not self.scale:
            return None
        try:
            scale = float(self.scale)
        except ValueError:
            raise MicroDBError(
                f"pixels_per_micrometre must be a number with a decimal point; “{self.scale}” was given in line "
                f"{self.line}. Correct it.",
                code="bad_scale",
            ) from None
        if not is_possible_scale(scale):
            raise MicroDBError(
                f"pixels_per_micrometre must be from {LOWEST_SCALE:.6f} to {HIGHEST_SCALE:,.0f}; “{self.scale}” was "
                f"given in line {self.line}. Check its unit.",
                code="bad_scale",
            )
        return scale


def read_manifest(path: Path) -> list[ManifestRow]:
    """The rows of a manifest in UTF-8, with or without a byte order mark. Raises like ``parse_manifest``."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return parse_manifest(file, path.name)


def decode_manifest(raw: bytes, name: str = MANIFEST) -> list[ManifestRow]:
    """The rows of an uploaded manifest, from its bytes. Raises like ``parse_manifest``."""
    return parse_manifest(io.TextIOWrapper(io.BytesIO(raw), encoding="utf-8-sig", newline=""), name)


def parse_manifest(lines: Iterable[str], name: str = MANIFEST) -> list[ManifestRow]:
    """The rows of an open text file, or of its lines; ``name`` is how messages call it.

    Raises MicroDBError where the table as a whole is wrong: no CSV, unknown columns, no rows, a file outside.
    """
    try:
        reader = csv.DictReader(lines, strict=True, restkey="", restval="")
        reader.fieldnames = columns = [column.strip() for column in reader.fieldnames or ()]
        _check_columns(columns)
        rows = [_row(reader.line_num, cells, name) for cells in reader]
    except (UnicodeDecodeError, csv.Error) as error:
        raise MicroDBError(
            f"{name} is no CSV table in UTF-8 ({error}). Save it as “CSV UTF-8”.", code="bad_manifest"
        ) from error
    if not rows:
        raise MicroDBError(f"{name} names no file. Add a line for every micrograph.", code="empty")
    return rows


def _check_columns(columns: Sequence[str]) -> None:
    unknown = [column for column in columns if column not in COLUMNS]
    if unknown:
        problem = "the unknown column " + ", ".join(f"“{column}”" for column in unknown)
    elif "filename" not in columns:
        problem = "no column “filename”"
    elif len(set(columns)) < len(columns):
        problem = "a column twice"
    else:
        return
    raise MicroDBError(
        f"The manifest has {problem}. Known columns: {', '.join(COLUMNS)}; only filename is required, commas separate "
        "them.",
        code="unknown_column" if unknown else "bad_manifest",
    )


def _row(line: int, cells: Mapping[str, str], name: str) -> ManifestRow:
    if "" in cells:
        raise MicroDBError(
            f"Line {line} of {name} has more cells than columns. Put text that contains a comma in quotes.",
            code="bad_manifest",
        )
    values = {column: text.strip() for column, text in cells.items()}
    filename = values.pop("filename").replace("\\", "/")
    path = PurePosixPath(filename)
    if not filename or path.is_absolute() or ".." in path.parts or "\0" in filename:
        raise MicroDBError(
            f"Line {line} of {name}: a filename inside the manifest's folder was wanted, “{filename}” was given.",
            code="bad_manifest",
        )
    return ManifestRow(line, filename, scale=values.pop("pixels_per_micrometre", ""), **values)
