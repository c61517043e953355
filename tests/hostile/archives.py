"""Hostile zips, as ``import_dataset`` gets them."""

import io
import json
import stat
import struct
import zipfile
from collections.abc import Callable, Iterable

from tests.hostile import png
from tests.hostile.names import NAMES

Entry = tuple[str, bytes]


def archive(entries: Iterable[Entry], packing: int = zipfile.ZIP_STORED, mode: int = 0) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", packing) as opened:
        for name, content in entries:
            entry = zipfile.ZipInfo("x")
            entry.filename = name  # as it is: the constructor would cut at a NUL
            entry.compress_type, entry.external_attr = packing, mode << 16
            opened.writestr(entry, content)
    return file.getvalue()


def picture(seed: int = 0) -> bytes:
    """A PNG of other bytes for each seed."""
    return png.png(png.chunk(b"tEXt", b"n\0" + str(seed).encode()))


def lying(field: str, value: int) -> bytes:
    """A zip of one picture whose central directory states another number."""
    content = bytearray(archive([("a.png", picture())]))
    at = content.index(b"PK\1\2")
    place, kind = {"packed": (20, "<I"), "size": (24, "<I"), "offset": (42, "<I"), "method": (10, "<H")}[field]
    struct.pack_into(kind, content, at + place, value)
    return bytes(content)


def nested(depth: int) -> bytes:
    content = archive([("a.png", picture())])
    for _level in range(depth):
        content = archive([("inner.zip", content)])
    return content


def with_dataset_json(content: object) -> bytes:
    text = content if isinstance(content, bytes) else json.dumps(content).encode()
    table = b"filename,label\na.png,ferrite\n"
    return archive([("micrographs.csv", table), ("dataset.json", text), ("a.png", picture())])


REFUSED: dict[str, Callable[[], bytes]] = {
    "zip that climbs": lambda: archive([("../../a.png", picture())]),
    "zip that climbs on Windows": lambda: archive([("..\\..\\a.png", picture())]),
    "zip of an absolute path": lambda: archive([("/tmp/a.png", picture())]),
    "zip of a drive": lambda: archive([("C:\\a.png", picture())]),
    "zip of a link": lambda: archive([("a.png", b"/etc/passwd")], mode=stat.S_IFLNK | 0o777),
    "zip of one name twice": lambda: archive([("a.png", picture(1)), ("a.png", picture(2))]),
    "zip of a file that is a folder too": lambda: archive([("a", picture(1)), ("a/b.png", picture(2))]),
    "zip of a name of 300 bytes": lambda: archive([("x" * 300 + ".png", picture())]),
    "zip of a path of 3,000 folders": lambda: archive([("a/" * 3000 + "b.png", picture())]),
    "zip of 100 MB of zeros": lambda: archive([("a.png", bytes(100 * 2**20))], zipfile.ZIP_DEFLATED),
    "zip that states 4 GB": lambda: lying("size", 2**32 - 2),
    "zip that states less than it holds": lambda: lying("size", 5),
    "zip whose entry is elsewhere": lambda: lying("offset", 2**31),
    "zip packed in an unknown way": lambda: lying("method", 98),
    "zip without its end": lambda: archive([("a.png", picture())])[:-30],
    "zip of a zip of a zip": lambda: nested(3),
    "zip of nothing": lambda: archive([]),
    "zip of one text": lambda: archive([("a.txt", b"x")]),
    "zip whose description is deep": lambda: with_dataset_json(b'{"classes":' + b"[" * 100_000),
    "zip whose description is a list": lambda: with_dataset_json([]),
    "zip whose description has no text": lambda: with_dataset_json(b"\xff\xfe\0"),
}
"""Nothing of them is imported."""

TAKEN: dict[str, Callable[[], bytes]] = {
    "zip that states more than it packs": lambda: lying("packed", 2**31),
    "zip of odd names": lambda: archive(
        (name, picture(n))
        for n, name in enumerate(NAMES)
        if name and not name.endswith("/") and len(name.encode("utf-8", "replace")) < 250 and _is_inside(name)
    ),
    "zip of 2,000 texts and a picture": lambda: archive(
        [*((f"{n}.txt", b"") for n in range(2000)), ("a.png", picture())]
    ),
    "zip whose description has wrong values": lambda: with_dataset_json(
        {
            "scale_free": "yes",
            "classes": [{"name": "ferrite", "description": 10**400}],
            "micrographs": {
                "a.png": {
                    "filename": {"a": []},
                    "scale_source": "x",
                    "data_bar_top": 10**30,
                    "masked": [{"x": -1, "y": 1e99, "width": None}],
                    "acquisition": {"kilovolts": "high", "record": [[[]]]},
                }
            },
        }
    ),
}
"""Opened; each file answers for itself."""


def _is_inside(name: str) -> bool:
    parts = name.replace("\\", "/").split("/")
    return ".." not in parts and bool(parts[0]) and ":" not in parts[0] and "\0" not in name and "\ud800" not in name
