"""The format of a file, by its first bytes and never by its name."""

from pathlib import Path, PurePath
from typing import IO

from django.utils.translation import gettext as _

from microdb.errors import MicroDBError
from microdb.micrographs.files.foreign_formats import BY_NAME, ForeignFormat, foreign_format

FIRST_BYTES = 512

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


def file_format(file: IO[bytes]) -> str:
    """PNG, JPEG, TIFF or BMP by the first bytes; raises MicroDBError for everything else."""
    start = first_bytes(file)
    if not start:
        raise empty_file()
    for signature, name in ACCEPTED.items():
        if start.startswith(signature):
            return name
    if foreign := foreign_format(start):
        raise _not_read(foreign)
    raise MicroDBError(
        _("This is no image file, whatever its name says; PNG, JPEG, TIFF or BMP was wanted. Choose the image itself."),
        code="not_an_image",
    )


def empty_file() -> MicroDBError:
    return MicroDBError(_("The file is empty (0 bytes). Export or copy it again."), code="empty")


def check_name(filename: str) -> None:
    """Raise MicroDBError for a file whose name alone tells that it is of a format that is not read."""
    if foreign := BY_NAME.get(PurePath(filename).suffix.lower()):
        raise _not_read(foreign)


def _not_read(foreign: ForeignFormat) -> MicroDBError:
    return MicroDBError(
        _("This is %(name)s file; PNG, JPEG, TIFF or BMP was wanted. %(advice)s")
        % {"name": foreign.name, "advice": foreign.advice},
        code="unsupported_format",
    )


def has_accepted_start(path: Path) -> bool:
    """Whether the file begins like one of the accepted formats."""
    with path.open("rb") as file:
        return file.read(8).startswith(tuple(ACCEPTED))


def first_bytes(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read(FIRST_BYTES)
