"""Reads what the command line is given: a manifest, a folder with one subfolder per class, a flat folder, or files.

A manifest is CSV with the columns filename, label, pixels_per_micrometre, specimen, modality, split; only filename is
required, and paths are relative to the manifest. An empty label means unlabelled.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from classifier.errors import ClassifierError
from classifier.samples import Sample

COLUMNS = ("filename", "label", "pixels_per_micrometre", "specimen", "modality", "split")
MANIFEST = "micrographs.csv"
SUFFIXES = {".png", ".tif", ".tiff", ".jpg", ".jpeg", ".bmp"}


@dataclass(frozen=True)
class Entry:
    """A micrograph not yet read; `filename` is how it was called, `path` where it lies."""

    path: Path
    filename: str
    label: str | None = None
    pixels_per_micrometre: float | None = None
    specimen: str = ""
    split: str = ""

    def sample(self) -> Sample:
        """The micrograph, whose file is read when its pixels are asked for; ClassifierError then if it is no image."""
        read = partial(read_gray, self.path)
        return Sample(read, self.label, self.pixels_per_micrometre, self.specimen, self.filename)


def read_entries(given: Path, split: str | None = None, scale: float | None = None) -> list[Entry]:
    """The entries of one manifest, folder or file, of one split where one is named.

    `scale` is the pixels per micrometre of those that bring none. Raises ClassifierError in a sentence.
    """
    if not given.exists():
        raise ClassifierError(f"There is no {given}; give a manifest, a folder or an image.")
    if given.is_dir():
        entries = _manifest(given / MANIFEST) if (given / MANIFEST).exists() else _folder(given)
    elif given.suffix.lower() == ".csv":
        entries = _manifest(given)
    else:
        entries = [Entry(given, str(given))]
    if split is not None:
        entries = [entry for entry in entries if entry.split == split]
    if not entries:
        what = f'row of split "{split}"' if split is not None else "micrograph"
        raise ClassifierError(f"{given} has no {what}; give one that has, with images as PNG, TIFF, JPEG or BMP.")
    return [_with_scale(entry, scale) for entry in entries]


def read_gray(path: Path) -> NDArray[np.generic]:
    """The file's gray values (H, W): as stored, colour as luminance; of several pages the first."""
    try:
        with Image.open(path) as image:
            if image.mode in ("L", "I", "I;16", "I;16B", "I;16L", "F"):
                values = np.asarray(image)
                return values.astype(np.float32) if values.dtype.kind == "i" else values
            return np.asarray(image.convert("L"))
    except FileNotFoundError as error:
        raise ClassifierError(f"There is no file {path}; check its name.") from error
    except UnidentifiedImageError as error:
        raise ClassifierError(f"{path.name} is no image that can be read; give PNG, TIFF, JPEG or BMP.") from error
    except Image.DecompressionBombError as error:
        raise ClassifierError(f"{path.name} has too many pixels to open safely; give a smaller image.") from error
    except (OSError, ValueError, SyntaxError) as error:
        raise ClassifierError(f"{path.name} is damaged ({error}); export it again.") from error


def _with_scale(entry: Entry, scale: float | None) -> Entry:
    if scale is None or entry.pixels_per_micrometre is not None:
        return entry
    return Entry(entry.path, entry.filename, entry.label, scale, entry.specimen, entry.split)


def _folder(folder: Path) -> list[Entry]:
    """Images of the folder (unlabelled) and of its subfolders (labelled by their name)."""
    entries = [Entry(path, path.name) for path in _images(folder)]
    for sub in sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith(".")):
        entries += [Entry(path, f"{sub.name}/{path.name}", sub.name) for path in _images(sub)]
    return entries


def _images(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_file() and path.suffix.lower() in SUFFIXES)


def _manifest(path: Path) -> list[Entry]:
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            columns = [name.strip() for name in reader.fieldnames or ()]
            reader.fieldnames = columns
            _check_columns(path, columns)
            return [_entry(path, number, row) for number, row in enumerate(reader, start=2)]
    except (UnicodeDecodeError, csv.Error) as error:
        raise ClassifierError(f"{path} cannot be read as CSV ({error}); save it as CSV in UTF-8.") from error


def _check_columns(path: Path, columns: Sequence[str]) -> None:
    if "filename" not in columns:
        raise ClassifierError(f"{path} has no column filename; the columns may be {', '.join(COLUMNS)}.")
    if unknown := [name for name in columns if name not in COLUMNS]:
        raise ClassifierError(f"{path} has the unknown column {unknown[0]!r}; the columns may be {', '.join(COLUMNS)}.")


def _entry(path: Path, number: int, row: dict[str, str | None]) -> Entry:
    cells = {key: (row.get(key) or "").strip() for key in COLUMNS}
    if not cells["filename"]:
        raise ClassifierError(f"{path}, line {number}: the filename is empty.")
    text = cells["pixels_per_micrometre"]
    try:
        scale = float(text) if text else None
    except ValueError as error:
        raise ClassifierError(
            f"{path}, line {number}: pixels_per_micrometre is {text!r}; give a number such as 10.3, or nothing."
        ) from error
    place = path.parent / cells["filename"]
    return Entry(place, cells["filename"], cells["label"] or None, scale, cells["specimen"], cells["split"])
