"""The text file that a Hitachi, JEOL or TESCAN microscope writes beside an image."""

from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from microdb.errors import MicroDBError
from microdb.micrographs.scale.acquisition import AcquisitionFound
from microdb.micrographs.scale.found import Extent, ScaleFound, checked_size
from microdb.micrographs.scale.metadata import DAMAGE, Metadata
from microdb.micrographs.scale.vendors import hitachi, jeol, tescan
from microdb.micrographs.scale.vendors.ini import decoded_text

ENDINGS = (".txt", ".TXT", ".hdr", ".HDR")
MOST_BYTES = 2**16
READERS = (hitachi, tescan, jeol)


@dataclass(frozen=True)
class Sidecar:
    """A sidecar's name and its bytes."""

    name: str
    content: bytes


def find_sidecar(image: Path) -> Sidecar | None:
    """The text file of ``image``'s name; one that is longer than any vendor's is none."""
    for ending in ENDINGS:
        for beside in (image.with_suffix(ending), Path(f"{image}{ending}")):
            if beside.is_file() and beside.stat().st_size <= MOST_BYTES:
                return Sidecar(beside.name, beside.read_bytes())
    return None


def sent_sidecar(file: "UploadedFile[Any] | None") -> Sidecar | None:
    """One that came with its image, unread. Raises MicroDBError where it is too long to be one."""
    if file is None or not file.size:
        return None
    if file.size > MOST_BYTES:
        raise MicroDBError(
            _("The sidecar %(name)s has %(size)d bytes; at most %(most)d are taken. Send the image without it.")
            % {"name": file.name, "size": file.size, "most": MOST_BYTES},
            code="too_large",
        )
    return Sidecar(file.name or "", file.read())


def read_sidecar(sidecar: Sidecar, picture: Extent) -> Metadata:
    """What it says of a picture of this size; the note names a sidecar that gives no scale."""
    text = decoded_text(sidecar.content[:MOST_BYTES])
    reader = next((reader for reader in READERS if reader.is_text(text)), None)
    if reader is None:
        note = _("The sidecar %s was found, but it is not one of Hitachi, JEOL or TESCAN.") % sidecar.name
        return Metadata(ScaleFound(note=note))
    return Metadata(_scale(reader, text, picture, sidecar.name), _acquisition(reader, text))


def _scale(reader: ModuleType, text: str, picture: Extent, name: str) -> ScaleFound:
    try:
        size = reader.size_in_text(text, picture)
    except DAMAGE:
        size = None
    if size is None:
        note = _("The sidecar %(name)s (%(vendor)s) was found, but it holds no pixel size.")
        return ScaleFound(note=note % {"name": name, "vendor": reader.NAME})
    found = checked_size(size)
    return replace(found, note=f"{name}: {found.note}")


def _acquisition(reader: ModuleType, text: str) -> AcquisitionFound:
    try:
        found: AcquisitionFound = reader.acquisition_in_text(text)
    except DAMAGE:
        return AcquisitionFound()
    return found.under(reader.NAME)
