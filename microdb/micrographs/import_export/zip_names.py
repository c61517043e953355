"""The names of a zip's entries as they were on the machine that packed it; ``static/js/upload/zip_names.js`` is equal.

A zip marks names in UTF-8 or adds them in a field of their own (Info-ZIP's 0x7075). Windows packs others in a code page
of DOS, and macOS in UTF-8 without the mark.
"""

import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Sequence

MARKED_UTF8 = 0x800
UNICODE_PATH = 0x7075
CODE_PAGES = ("cp437", "cp850")


def entry_names(entries: Sequence[zipfile.ZipInfo]) -> list[str]:
    """The names in the order of the entries, with slashes; one encoding for all that name none."""
    encoding = _encoding_of([_raw(entry) for entry in entries if _declared(entry) is None])
    names = []
    for entry in entries:
        declared = _declared(entry)
        names.append((_raw(entry).decode(encoding) if declared is None else declared).replace("\\", "/"))
    return names


def _raw(entry: zipfile.ZipInfo) -> bytes:
    """The bytes of an unmarked name, which zipfile read as code page 437."""
    return entry.orig_filename.encode("cp437", "replace")


def _declared(entry: zipfile.ZipInfo) -> str | None:
    """The name of an entry that says how it is encoded; None for one that does not."""
    if entry.flag_bits & MARKED_UTF8:
        return entry.orig_filename
    extra = entry.extra
    while len(extra) >= 4:
        kind, size = struct.unpack("<HH", extra[:4])
        field, extra = extra[4 : 4 + size], extra[4 + size :]
        if kind == UNICODE_PATH and field[:5] == b"\x01" + struct.pack("<L", zlib.crc32(_raw(entry))):
            return field[5:].decode("utf-8", "replace")
    return None


def _encoding_of(names: list[bytes]) -> str:
    """UTF-8 where all names are; else the first code page in which all letters are letters."""
    whole = b"".join(names)
    try:
        whole.decode("utf-8")
        return "utf-8"
    except UnicodeDecodeError:
        return next((page for page in CODE_PAGES if _is_plausible(whole.decode(page))), CODE_PAGES[0])


def _is_plausible(text: str) -> bool:
    return all(char < "\x80" or unicodedata.category(char)[0] in "LN" for char in text)
