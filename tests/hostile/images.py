"""Hostile images: floods, bombs, broken, odd and cut ones. Each is made on demand, for some have tens of megabytes."""

import gzip
import struct
from collections.abc import Callable

from tests.hostile import bmp, jpeg, png, tiff

Makers = dict[str, Callable[[], bytes]]

FLOODS: Makers = {
    "JPEG of 1,500 EXIF segments": lambda: jpeg.jpeg(jpeg.segment(0xE1, b"Exif\0\0" + b"x" * 60_000) * 1500),
    "JPEG of 100,000 small EXIF segments": lambda: jpeg.jpeg(jpeg.segment(0xE1, b"Exif\0\0xx") * 100_000),
    "JPEG of 300,000 comments": lambda: jpeg.jpeg(jpeg.segment(0xFE, b"x") * 300_000),
    "JPEG of 1,000 profiles": lambda: jpeg.jpeg(jpeg.segment(0xE2, b"ICC_PROFILE\0\1\1" + b"x" * 60_000) * 1000),
    "JPEG of thousands of scans": lambda: jpeg.jpeg_of_scans(1_700_000),
    "PNG of 300,000 texts": lambda: png.png(png.chunk(b"tEXt", b"a\0b") * 300_000),
    "PNG of 1,000,000 empty pixel chunks": lambda: png.png(pixels=png.chunk(b"IDAT", b"") * 1_000_000),
    "TIFF of 65,000 tags": lambda: tiff.tiff(tiff.directory([*tiff.TAGS, *[(40_000, 3, 1, 1)] * 65_000])),
    "TIFF of 900 tags that share 20 MB": lambda: tiff.tiff(
        tiff.directory([*tiff.TAGS, *((40_000 + n, 2, 20_000_000, 20_000) for n in range(900))]),
        after=bytes(20_100_000),
    ),
}
"""Too many parts: refused as such."""

BOMBS: Makers = {
    "PNG of one colour": lambda: png.png_of_one_colour(12_000),
    "PNG of a million pixels a side": lambda: png.png(size=(10**6, 10**6)),
    "TIFF that claims a million pixels a side": lambda: tiff.tiff(
        tiff.directory([(256, 4, 1, 10**6), (257, 4, 1, 10**6), *tiff.TAGS[2:]])
    ),
    "TIFF of one byte per 40,000 pixels": lambda: tiff.tiff(
        tiff.directory([(256, 4, 1, 14_000), (257, 4, 1, 14_000), *tiff.TAGS[2:]])
    ),
    "JPEG that claims 65,000 pixels a side": lambda: jpeg.with_frame(size=(65_000, 65_000)),
    **bmp.BOMBS,
}
"""Small files of very many pixels: refused by their header."""

FOREIGN: Makers = {
    "nothing": lambda: b"",
    "one byte": lambda: b"\x89",
    "zeros": lambda: bytes(100_000),
    "a page with a script": lambda: b"<!DOCTYPE html><script>alert(document.cookie)</script>",
    "an SVG with a script": lambda: b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "an SVG that reads a file": lambda: (
        b'<?xml version="1.0"?><!DOCTYPE s [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg/>'
    ),
    "a PDF": lambda: b"%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj",
    "PostScript": lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(/etc/passwd) (r) file\n",
    "an ImageMagick script": lambda: (
        b"push graphic-context\nfill 'url(https://127.0.0.1/\"|id\")'\npop graphic-context"
    ),
    "a GIF": lambda: b"GIF89a" + struct.pack("<HHBBB", 65_535, 65_535, 0, 0, 0) + b";",
    "a WebP": lambda: b"RIFF" + struct.pack("<I", 2**32 - 1) + b"WEBPVP8L" + bytes(90),
    "an HEIC": lambda: b"\0\0\0\x18ftypheic" + bytes(90),
    "a program": lambda: b"\x7fELF\2\1\1" + bytes(900),
    "a packed TIFF": lambda: gzip.compress(tiff.picture()),
    "a zip": lambda: b"PK\3\4" + bytes(900),
    "a PNG after a blank": lambda: b" " + png.png(),
}
"""No image of a format that is read: refused by its first bytes."""

POLYGLOTS: Makers = {
    "JPEG and PNG in one": lambda: jpeg.plain() + png.png(),
    "PNG and zip in one": lambda: png.png() + b"PK\3\4" + bytes(100),
    "PNG and page in one": lambda: png.png(png.chunk(b"tEXt", b"Comment\0<script>alert(1)</script>")),
    "TIFF and PDF in one": lambda: tiff.picture(after=b"%PDF-1.7\n" + bytes(91)),
    "TIFF and program in one": lambda: tiff.described(b"#!/bin/sh\nid\n"),
    "BMP and script in one": lambda: bmp.bmp() + b"\n*/=1;alert(1)//",
}
"""A picture and something else: read as the picture, which is shown re-encoded."""


def _cut() -> Makers:
    files = {"PNG": png.png(), "JPEG": jpeg.plain(), "TIFF": tiff.picture(), "BMP": bmp.bmp()}
    places = {
        "PNG": png.boundaries,
        "JPEG": jpeg.boundaries,
        "TIFF": tiff.boundaries,
        "BMP": lambda _file: [2, 14, 54, 1078],
    }
    last_pixel = {"PNG": len(files["PNG"]) - len(png.END) - 4}  # its checksum and its end may be missing
    return {
        f"{name} cut after {at} bytes": lambda file=file, at=at: file[:at]
        for name, file in files.items()
        for at in places[name](file)
        if at < last_pixel.get(name, len(file))
    }


CUT = _cut()
"""A picture of each format, cut at each boundary before its last pixel."""

BROKEN: Makers = png.BROKEN | jpeg.BROKEN | tiff.BROKEN | bmp.BROKEN | CUT
"""None holds its pixels: never ready."""
ODD: Makers = png.ODD | jpeg.ODD | tiff.ODD | bmp.ODD | POLYGLOTS
"""Read as a picture or refused, but soon."""

NEVER_READY = FLOODS | BOMBS | FOREIGN | BROKEN
ALL = NEVER_READY | ODD
