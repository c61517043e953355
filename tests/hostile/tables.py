"""Hostile manifests, tables of specimens and sidecars."""

from collections.abc import Callable

HEADER = "filename,label,pixels_per_micrometre,specimen,modality,split"


def manifest(*lines: str) -> bytes:
    return "\n".join([HEADER, *lines, ""]).encode("utf-8", "surrogatepass")


REFUSED: dict[str, Callable[[], bytes]] = {
    "nothing": lambda: b"",
    "manifest of its header alone": lambda: manifest(),
    "manifest of a million columns": lambda: b",".join(b"c%d" % n for n in range(1_000_000)) + b"\na.png\n",
    "manifest of a million cells in a line": lambda: manifest("a.png" + "," * 1_000_000),
    "manifest of a cell of 10 MB": lambda: manifest("a.png," + "x" * 10_000_000),
    "manifest of a quoted cell that never ends": lambda: manifest('"a.png,' + "x\n" * 100_000),
    "manifest of 70 MB": lambda: manifest("a.png," + "x" * 70_000_000),
    "manifest of UTF-16 without its mark": lambda: manifest("a.png,ferrite").decode().encode("utf-16-le"),
    "manifest of UTF-16 that is cut": lambda: manifest("a.png,ferrite").decode().encode("utf-16")[:-1],
    "manifest of UTF-32": lambda: manifest("a.png,ferrite").decode().encode("utf-32"),
    "manifest of bytes": lambda: HEADER.encode() + b"\n" + bytes(range(128, 256)),
    "manifest of half a character": lambda: manifest("a.png,\ud800"),
    "manifest of the same column twice": lambda: b"filename,filename\na.png,b.png\n",
    "manifest that climbs": lambda: manifest("../../etc/passwd"),
    "manifest of an absolute path": lambda: manifest("/etc/passwd"),
    "manifest of a NUL": lambda: manifest("a\0.png"),
    "manifest of NULs alone": lambda: bytes(100_000),
    "manifest that is a picture": lambda: b"\x89PNG\r\n\x1a\n" + bytes(1000),
    "manifest that is a spreadsheet": lambda: b"PK\3\4" + bytes(1000),
}
"""No row of them is read."""

TAKEN: dict[str, Callable[[], bytes]] = {
    "manifest of formulas": lambda: manifest("a.png,=1+1,,@SUM(A1),+1,train", "b.png,\"=cmd|'/c calc'!A1\""),
    "manifest of scripts": lambda: manifest('a.png,<script>alert(1)</script>,,"""><img src=x>"'),
    "manifest of impossible scales": lambda: manifest(
        *(f"{n}.png,,{scale}" for n, scale in enumerate(("nan", "inf", "-1", "0", "1e999", "9" * 400, "1_0", "١٢")))
    ),
    "manifest of long labels": lambda: manifest("a.png," + "x" * 100_000, "b.png,,," + "y" * 100_000),
    "manifest of NULs in a label": lambda: manifest("a.png,fer\0rite,,S\0\x01"),
    "manifest of marks that turn the text": lambda: manifest("a.png,\u202eetirref,,\u2066S1\u2069"),
    "manifest of 500 classes": lambda: manifest(*(f"{n}.png,class {n}" for n in range(500))),
    "manifest of a name of 300 bytes": lambda: manifest("x" * 300 + ".png,ferrite"),
    "manifest of an unknown split": lambda: manifest("a.png,,,,,both"),
    "manifest of UTF-16": lambda: manifest("a.png,ferrite").decode().encode("utf-16"),
}
"""Each row answers for itself."""

SIDECARS: dict[str, Callable[[], bytes]] = {
    "empty": lambda: b"",
    "NULs": lambda: bytes(2**18),
    "bytes": lambda: bytes(range(256)) * 1024,
    "a picture": lambda: b"\x89PNG\r\n\x1a\n" + bytes(1000),
    "too long": lambda: b"[SemImageFile]\r\nPixelSize=25\r\n" + b" " * 2**18,
    "JEOL with 200 KB of spaces": lambda: b"$CM_MAG 50\n$SM_MICRON_BAR 8" + b" " * 200_000 + b"x\n",
    "JEOL with 200 KB of blank lines": lambda: b"$CM_MAG 50\nx" + b"\n" * 200_000 + b"y\n",
    "Hitachi with an endless number": lambda: b"[SemImageFile]\r\nPixelSize=" + b"1" * 200_000,
    "Hitachi with 60,000 values": lambda: b"[SemImageFile]\r\n" + b"".join(b"%d=\n" % n for n in range(30_000)),
    "TESCAN of brackets": lambda: b"[MAIN]\n" + b"[" * 200_000,
    "ZEN 30,000 deep": lambda: b"<Scaling><Distance/>" + b"<a>" * 30_000 + b"</a>" * 30_000 + b"</Scaling>",
    "ZEN with entities": lambda: (
        b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><Scaling><Distance>&b;</Distance></Scaling>'
    ),
    "UTF-16 that is cut": lambda: "[MAIN]\nPixelSizeX=1".encode("utf-16")[:-1],
    "half characters": lambda: b"\xff\xfe" + b"\x00\xd8" * 1000,
    "impossible numbers": lambda: b"[SemImageFile]\r\nPixelSize=1e999\r\nDataSize=" + b"9" * 5000 + b"x1\r\n",
}
"""Beside a picture, which is ready whatever its sidecar holds."""
