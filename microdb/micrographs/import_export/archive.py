"""Unpacking an uploaded zip safely: nothing outside its folder, no links, no bomb."""

import shutil
import stat
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from django.conf import settings
from django.utils.translation import gettext as _

from microdb.errors import MicroDBError
from microdb.micrographs.import_export.zip_names import entry_names
from microdb.outages import DISK_FULL, outage_of

MOST_FILES = 100_000
MOST_TIMES_PACKED = 200
"""Unpacked bytes per packed byte of the whole; images reach 3, a blank 16-bit one 1000, a bomb far more in sum."""

SMALL = 2**26
"""An archive that unpacks to less is harmless at any ratio."""

METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""The ones that a browser unpacks too (``static/js/upload/zip.js``)."""
DAMAGE = (
    zipfile.BadZipFile,
    NotImplementedError,
    RuntimeError,
    EOFError,
    OSError,
    ValueError,
    LookupError,
    struct.error,
    zlib.error,
)
"""What zipfile raises on damaged or encrypted archives."""


@contextmanager
def unpacked(archive: Path) -> Iterator[Path]:
    """A temporary folder with the zip's files, under their names on the machine that packed them.

    Raises MicroDBError, with nothing left behind, for a zip that is damaged or hostile.
    """
    with tempfile.TemporaryDirectory(prefix="microdb-import-") as name:
        folder = Path(name)
        try:
            with zipfile.ZipFile(archive) as opened:
                for member, name in _checked(opened, archive.stat().st_size):
                    _unpack(opened, member, folder / PurePosixPath(name))
        except DAMAGE as error:
            if outage_of(error) is DISK_FULL:
                raise
            raise MicroDBError(
                _("%(name)s is damaged, encrypted or packed in an unusual way (%(why)s). Pack it again as a plain zip.")
                % {"name": archive.name, "why": error},
                code="bad_zip",
            ) from error
        yield folder


def _checked(opened: zipfile.ZipFile, packed_size: int) -> list[tuple[zipfile.ZipInfo, str]]:
    """The files of the zip with their names."""
    entries = opened.infolist()
    files = [one for one in zip(entries, entry_names(entries), strict=True) if not one[1].endswith("/")]
    for member, name in files:
        parts = PurePosixPath(name).parts
        if not parts or parts[0] == "/" or ".." in parts or ":" in parts[0] or "\0" in name:
            raise _hostile(member, _("points outside the archive"))
        if stat.S_ISLNK(member.external_attr >> 16):
            raise _hostile(member, _("is a link"))
        if member.compress_type not in METHODS:
            raise _hostile(member, _("is packed in an unusual way"))
        if member.file_size > settings.UPLOAD_MAX_BYTES:
            raise _hostile(member, _("has %d bytes, more than an upload may") % member.file_size)
    total = sum(member.file_size for member, _name in files)
    if len(files) > MOST_FILES or total > max(SMALL, MOST_TIMES_PACKED * packed_size):
        raise MicroDBError(
            _(
                "The zip holds %(files)d files of %(size).0f MB in all, out of %(packed).1f MB. "
                "Import it in parts, unpacked."
            )
            % {"files": len(files), "size": total / 1e6, "packed": packed_size / 1e6},
            code="too_large",
        )
    return files


def _hostile(member: zipfile.ZipInfo, why: str) -> MicroDBError:
    return MicroDBError(
        _("The zip was not opened: its entry “%(name)s” %(why)s. Pack the plain files again.")
        % {"name": member.filename[:200], "why": why},
        code="bad_zip",
    )


def _unpack(opened: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path) -> None:
    """zipfile stops at the size that the entry claims, which was checked."""
    with opened.open(member) as source:
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            file = target.open("xb")
        except (FileExistsError, NotADirectoryError) as error:
            raise _hostile(member, _("stands there twice")) from error
        except (OSError, ValueError) as error:
            if outage_of(error) is DISK_FULL:
                raise
            raise _hostile(member, _("can't be stored under its name")) from error
        with file:
            shutil.copyfileobj(source, file, 2**20)
