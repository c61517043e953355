"""The format of a file, by its first bytes and never by its name."""

from pathlib import Path
from typing import IO

from django.utils.translation import gettext as _

from microdb.errors import MicroDBError

ACCEPTED = {
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
    b"II+\0": "TIFF",
    b"MM\0+": "TIFF",
    b"BM": "BMP",
}
"""First bytes of the formats that are stored; all of them are plain rasters that can carry no script."""

FOREIGN = {
    b"GIF8": "GIF",
    b"RIFF": "WebP",
    b"<svg": "SVG",
    b"<?xml": "XML or SVG",
    b"\0\0\0\x0cjP": "JPEG 2000",
    b"%PDF": "PDF",
    b"PK\x03\x04": "zip",
    b"8BPS": "Photoshop",
    b"\x89HDF": "HDF5",
}
"""First bytes of formats that are refused by name, since “not an image” would not help."""


def file_format(file: IO[bytes]) -> str:
    """PNG, JPEG, TIFF or BMP by the first bytes; raises MicroDBError for everything else."""
    start = first_bytes(file)
    if not start:
        raise MicroDBError(_("The file is empty (0 bytes). Export or copy it again."), code="empty")
    for signature, name in ACCEPTED.items():
        if start.startswith(signature):
            return name
    for signature, name in FOREIGN.items():
        if start.lstrip().startswith(signature):
            raise MicroDBError(
                _("This is a %(name)s file; PNG, JPEG, TIFF or BMP was wanted. Save the image as TIFF or PNG.")
                % {"name": name},
                code="unsupported_format",
            )
    raise MicroDBError(
        _("This is no image file, whatever its name says; PNG, JPEG, TIFF or BMP was wanted. Choose the image itself."),
        code="not_an_image",
    )


def has_accepted_start(path: Path) -> bool:
    """Whether the file begins like one of the accepted formats."""
    with path.open("rb") as file:
        return file.read(8).startswith(tuple(ACCEPTED))


def first_bytes(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read(64)
