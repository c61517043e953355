"""Reads the micrographs of a manifest, a folder with one subfolder per class, a flat folder, or a file.

A manifest is CSV with the columns filename, label, pixels_per_micrometre, specimen, modality, split; only filename is
required, and paths are relative to the manifest. An empty label means unlabelled. `csv_table` reads the table itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath

from classifier.command_line.consoles import errors
from classifier.command_line.csv_table import NumberStyle, Table, read_table
from classifier.command_line.image_files.isolation import read_gray
from classifier.command_line.labels import one_spelling
from classifier.command_line.manifest_files import FileFinder, choose_manifest
from classifier.command_line.sidecars import note_sidecars
from classifier.errors import ClassifierError
from classifier.samples import Sample, checked_scale

COLUMNS = ("filename", "label", "pixels_per_micrometre", "specimen", "modality", "split")
SUFFIXES = {".png", ".tif", ".tiff", ".jpg", ".jpeg", ".bmp"}


@dataclass(frozen=True)
class Entry:
    """A row of a manifest, or a file; `filename` is as given, `path` where the file is."""

    path: Path
    filename: str
    label: str | None = None
    pixels_per_micrometre: float | None = None
    specimen: str = ""
    split: str = ""

    def sample(self) -> Sample:
        """The micrograph. Its file is read with its pixels, which raises ClassifierError if it is not an image."""
        read = partial(read_gray, self.path)
        return Sample(read, self.label, self.pixels_per_micrometre, self.specimen, self.filename)


def read_entries(given: Path, split: str | None = None, scale: float | None = None) -> list[Entry]:
    """The entries of a manifest, folder or file, or only those of one split.

    `scale` is the pixels per micrometre of entries without one. Raises ClassifierError if there are no entries.
    """
    if not given.exists():
        raise ClassifierError(f"There is no {given}; give a manifest, a folder or an image.")
    if given.is_dir():
        manifest = choose_manifest(given)
        entries = _manifest(manifest) if manifest else _folder(given)
    elif given.suffix.lower() == ".csv":
        entries = _manifest(given)
    else:
        entries = [Entry(given, str(given))]
    if split is not None:
        entries = [entry for entry in entries if entry.split == split]
    if not entries:
        what = f'row of split "{split}"' if split is not None else "micrograph"
        raise ClassifierError(f"{given} has no {what}; give one that has, with images as PNG, TIFF, JPEG or BMP.")
    scaled = [_with_scale(entry, scale) for entry in entries]
    note_sidecars(entry.path for entry in scaled if entry.pixels_per_micrometre is None)
    return scaled


def _with_scale(entry: Entry, scale: float | None) -> Entry:
    if scale is None or entry.pixels_per_micrometre is not None:
        return entry
    return Entry(entry.path, entry.filename, entry.label, scale, entry.specimen, entry.split)


def _folder(folder: Path) -> list[Entry]:
    """Images of the folder (unlabelled) and of its subfolders (labelled by their name)."""
    entries = [Entry(path, path.name) for path in _images(folder)]
    subfolders = sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))
    for sub, label in zip(subfolders, one_spelling(sub.name for sub in subfolders), strict=True):
        entries += [Entry(path, f"{sub.name}/{path.name}", label) for path in _images(sub)]
    return entries


def _images(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_file() and path.suffix.lower() in SUFFIXES)


def _manifest(path: Path) -> list[Entry]:
    table = read_table(path, "filename")
    _check_columns(path, table.header)
    if long := next((line for line, cells in table.rows if len(cells) > len(table.header)), None):
        raise ClassifierError(f"{path}, line {long}: more cells than columns; put text with a separator in quotes.")
    rows = [(line, dict(zip(table.header, cells, strict=False))) for line, cells in table.rows]
    scales = [cells.get("pixels_per_micrometre", "") for _line, cells in rows]
    numbers = NumberStyle.among(scales, table.separator)
    _note_format(path, table, numbers)
    labels, files = one_spelling(cells.get("label", "") for _line, cells in rows), FileFinder(path.parent)
    return [_entry(path, line, cells, label, numbers, files) for (line, cells), label in zip(rows, labels, strict=True)]


def _note_format(path: Path, table: Table, numbers: NumberStyle) -> None:
    """Say on stderr how the table was understood, where it is not in UTF-8 with commas and decimal points."""
    separator = {";": "semicolon-separated", "\t": "tab-separated"}.get(table.separator, "")
    parts = [separator, "decimal comma" if numbers.reads_commas else "", "UTF-16" if table.is_utf16 else ""]
    if found := ", ".join(part for part in parts if part):
        errors.print(f"{path.name} was read as {found}.", highlight=False, soft_wrap=True)


def _check_columns(path: Path, columns: Sequence[str]) -> None:
    if "filename" not in columns:
        raise ClassifierError(f"{path} has no column filename; the columns may be {', '.join(COLUMNS)}.")
    if unknown := [name for name in columns if name not in COLUMNS]:
        raise ClassifierError(f"{path} has the unknown column {unknown[0]!r}; the columns may be {', '.join(COLUMNS)}.")
    if len(set(columns)) < len(columns):
        raise ClassifierError(f"{path} has a column twice; remove one of the two.")


def _entry(
    path: Path, line: int, row: dict[str, str], label: str | None, numbers: NumberStyle, files: FileFinder
) -> Entry:
    cells = {key: row.get(key, "") for key in COLUMNS}
    filename = cells["filename"].replace("\\", "/")
    relative = PurePosixPath(filename)
    if not filename:
        raise ClassifierError(f"{path}, line {line}: the filename is empty.")
    if relative.is_absolute() or ".." in relative.parts or "\0" in filename:
        raise ClassifierError(f"{path}, line {line}: {filename!r} is not inside the manifest's folder; move it there.")
    scale = _scale(path, line, cells["pixels_per_micrometre"], numbers)
    return Entry(files.find(filename), filename, label, scale, cells["specimen"], cells["split"])


def _scale(path: Path, line: int, text: str, numbers: NumberStyle) -> float | None:
    if not text:
        return None
    try:
        scale = numbers.number(text)
    except ValueError as error:
        raise ClassifierError(
            f"{path}, line {line}: pixels_per_micrometre is {text!r} ({error}); give a number such as 10.3, or nothing."
        ) from error
    return checked_scale(scale, f"line {line} of {path}")
