"""The text file that a microscope's program writes beside an image."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

from django.core.files import File
from django.utils.translation import gettext as _

from microdb.file_names import SIDECAR_ENDINGS
from microdb.micrographs.scale.acquisition import AcquisitionFound
from microdb.micrographs.scale.found import Extent, ScaleFound, checked_size
from microdb.micrographs.scale.metadata import DAMAGE, Metadata
from microdb.micrographs.scale.vendors import hitachi, jeol, tescan, zen
from microdb.micrographs.scale.vendors.ini import decoded_text

MOST_BYTES = 2**18
READERS = (hitachi, tescan, jeol, zen)
UNREAD: Mapping[str, tuple[str, ...]] = {
    "EMSA/MAS": ("EMSA/MAS",),
    "Leica": ("DimensionDescription", "LeicaMicrosystems", "LMSDataContainer"),
    "Oxford Instruments": ("Oxford Instruments", "AZtec"),
    "EDAX": ("EDAX",),
    "Bruker": ("Bruker", "TRTSpectrum"),
    "Nikon": ("NIS-Elements",),
}
"""Sidecars that are recognised and not read, with the marks of their texts: they hold no pixel size, or one that can
mean two things. Leica states the length of a side, which is divided by the pixels or by one less."""


@dataclass(frozen=True)
class Sidecar:
    """A sidecar's name and its bytes, none where it is too long to be one."""

    name: str
    content: bytes


def is_sidecar_name(name: str) -> bool:
    return name.lower().endswith(SIDECAR_ENDINGS)


def find_sidecar(image: Path) -> Sidecar | None:
    """The text file of ``image``'s name."""
    for ending in SIDECAR_ENDINGS:
        for beside in (image.with_suffix(ending), Path(f"{image}{ending}")):
            for path in (beside, beside.with_suffix(ending.upper())):
                if os.path.isfile(path):  # unlike Path.is_file it is false for a name that is too long
                    return Sidecar(path.name, path.read_bytes() if path.stat().st_size <= MOST_BYTES else b"")
    return None


def sent_sidecar(file: "File[Any] | None") -> Sidecar | None:
    """One that came with its image, unread."""
    if file is None:
        return None
    file.seek(0)  # it may belong to more than one image
    return Sidecar(file.name or "", file.read() if (file.size or 0) <= MOST_BYTES else b"")


def read_sidecar(sidecar: Sidecar, picture: Extent) -> Metadata:
    """What it says of a picture of this size; the note names a sidecar that gives no scale."""
    if not sidecar.content:
        return _without_scale(
            _("The sidecar %(name)s was found, but it is empty or has more than %(most)d bytes."), sidecar
        )
    text = decoded_text(sidecar.content[:MOST_BYTES])
    reader = next((reader for reader in READERS if reader.is_text(text)), None)
    if reader is not None:
        return Metadata(_scale(reader, text, picture, sidecar), _acquisition(reader, text))
    unread = next((name for name, marks in UNREAD.items() if any(mark in text for mark in marks)), None)
    if unread is not None:
        return _without_scale(_("The sidecar %(name)s (%(vendor)s) was found, but it is not read."), sidecar, unread)
    names = ", ".join(reader.NAME for reader in READERS)
    return _without_scale(_("The sidecar %(name)s was found, but it is none of these: %(vendor)s."), sidecar, names)


def _without_scale(sentence: str, sidecar: Sidecar, vendor: str = "") -> Metadata:
    return Metadata(ScaleFound(note=sentence % {"name": sidecar.name, "vendor": vendor, "most": MOST_BYTES}))


def _scale(reader: ModuleType, text: str, picture: Extent, sidecar: Sidecar) -> ScaleFound:
    try:
        size = reader.size_in_text(text, picture)
    except DAMAGE:
        size = None
    if size is None:
        sentence = _("The sidecar %(name)s (%(vendor)s) was found, but it holds no pixel size.")
        return _without_scale(sentence, sidecar, reader.NAME).scale
    found = checked_size(size)
    return replace(found, note=f"{sidecar.name}: {found.note}")


def _acquisition(reader: ModuleType, text: str) -> AcquisitionFound:
    try:
        found: AcquisitionFound = reader.acquisition_in_text(text)
    except DAMAGE:
        return AcquisitionFound()
    return found.under(reader.NAME)
