"""A dataset as a zip: masters, ``micrographs.csv``, ``specimens.csv``, ``dataset.json``, and a card for its reader.

``import_dataset`` makes an identical dataset of it.
"""

import csv
import io
import json
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from django.utils import timezone

from microdb.csv_lines import csv_lines
from microdb.errors import MicroDBError
from microdb.manifest import COLUMNS, MANIFEST, SPECIMENS
from microdb.micrographs.import_export.dataset_json import DATASET_JSON
from microdb.micrographs.import_export.specimens_csv import specimens_csv
from microdb.micrographs.models import Acquisition, Dataset, Micrograph

CARD = "README.md"
LEFT_OUT = "left_out.csv"
"""Micrographs whose master is missing or was altered, each with the reason; only in a zip that lacks some."""
Named = tuple[Micrograph, str]
CHUNK = 2**20


def export_zip(dataset: Dataset) -> Iterator[bytes]:
    """The zip, piece by piece, without refused and trashed micrographs and those that the viewer may not see.

    A micrograph whose master is missing or was altered is left out too; ``left_out.csv`` names it.
    """
    micrographs = list(
        dataset.shown().ready().select_related("material_class", "acquisition").order_by("created_at", "id")
    )
    sink = _Sink()
    sound: list[Named] = []
    left_out: list[Named] = []
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as archive:
        for one, name in zip(micrographs, _names(micrographs), strict=True):
            try:
                master = one.open_master()
            except MicroDBError as error:
                left_out.append((one, error.message))
                continue
            sound.append((one, name))
            info = zipfile.ZipInfo(name, timezone.localtime(one.created_at).timetuple()[:6])
            with master, archive.open(info, "w", force_zip64=True) as packed:
                while chunk := master.read(CHUNK):
                    packed.write(chunk)
                    yield sink.taken()
        _describe(archive, dataset, sound, left_out)
    yield sink.taken()


def _describe(archive: zipfile.ZipFile, dataset: Dataset, sound: list[Named], left_out: list[Named]) -> None:
    """The tables and the card, which come last, when it is known which masters are whole."""
    micrographs, names = [one for one, _name in sound], [name for _one, name in sound]
    archive.writestr(CARD, _card(dataset, micrographs))
    archive.writestr(DATASET_JSON, json.dumps(_details(dataset, micrographs, names), indent=1, ensure_ascii=False))
    archive.writestr(MANIFEST, _manifest(micrographs, names))
    if records := [one for one in dataset.specimens.all() if not one.is_blank]:
        archive.writestr(SPECIMENS, "".join(specimens_csv(records)))
    if left_out:
        reasons = [(one.filename, reason) for one, reason in left_out]
        archive.writestr(LEFT_OUT, "".join(csv_lines([("filename", "reason"), *reasons])))


class _Sink(io.RawIOBase):
    """A file that can only be written on, whose contents are taken away while it grows."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._pieces.append(bytes(data))
        return len(self._pieces[-1])

    def taken(self) -> bytes:
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)


def _names(micrographs: list[Micrograph]) -> list[str]:
    """File names below ``files/``, each once, whatever they were called."""
    seen: Counter[str] = Counter()
    names = []
    for one in micrographs:
        path = PurePosixPath("files") / one.filename.replace(":", "_")
        seen[str(path).lower()] += 1
        number = seen[str(path).lower()]
        names.append(str(path.with_stem(f"{path.stem}~{number}") if number > 1 else path))
    return names


def _manifest(micrographs: list[Micrograph], names: list[str]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for one, name in zip(micrographs, names, strict=True):
        scale = "" if one.pixels_per_micrometre is None else repr(one.pixels_per_micrometre)
        writer.writerow([name, one.answer, scale, one.specimen, one.modality, one.split])
    return text.getvalue()


def _details(dataset: Dataset, micrographs: list[Micrograph], names: list[str]) -> dict[str, Any]:
    return {
        "format": 1,
        **{
            name: getattr(dataset, name)
            for name in ("description", "source", "licence", "citation", "doi", "scale_free")
        },
        "classes": list(dataset.material_classes.order_by("position").values("name", "description")),
        "micrographs": {
            name: {
                "filename": one.filename,
                "sha256": one.sha256,
                "scale_source": one.scale_source,
                "scale_note": one.scale_note,
                "data_bar_top": one.data_bar_top,
                "masked": one.masked,
                **_acquisition(one),
            }
            for one, name in zip(micrographs, names, strict=True)
        },
    }


def _acquisition(one: Micrograph) -> dict[str, Any]:
    found = getattr(one, "acquisition", None)
    return {"acquisition": {name: getattr(found, name) for name in (*Acquisition.FIELDS, "record")}} if found else {}


def _card(dataset: Dataset, micrographs: list[Micrograph]) -> str:
    """What somebody wants to know who finds the zip in five years, in Markdown."""
    counts = Counter((one.label or "(no label)", one.split or "neither") for one in micrographs)
    rows = [f"| {label} | {split} | {count} |" for (label, split), count in sorted(counts.items())]
    scales = [one.pixels_per_micrometre for one in micrographs if one.pixels_per_micrometre is not None]
    scale = f"{min(scales):.4g} to {max(scales):.4g} pixels per micrometre" if scales else "not known"
    parts = [
        f"# {dataset.name}",
        dataset.description,
        f"- Micrographs: {len(micrographs)}\n- Scale: {scale}\n- Exported: {timezone.now():%Y-%m-%d}",
        "## Source\n\n" + (dataset.source or "Not given."),
        "## Licence\n\n" + (dataset.licence or "Not given: ask before you share it."),
        "## Citation\n\n" + (dataset.citation or "Not given."),
        "## Contents\n\n| label | split | micrographs |\n| --- | --- | --- |\n" + "\n".join(rows),
        "`micrographs.csv` names every file with its label, scale (pixels per micrometre), specimen, modality and "
        "split; `specimens.csv` has what is known of the specimens; `dataset.json` holds the rest. "
        "`manage.py import_dataset` takes this zip back.",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"
