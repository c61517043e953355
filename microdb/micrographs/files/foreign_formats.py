"""Formats that are recognised by their first bytes and not read, with the way to a TIFF or PNG."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SAVE_AGAIN = _("Save the image as TIFF or PNG.")
DIGITAL_MICROGRAPH = _("Export it from DigitalMicrograph as TIFF: File > Save As.")
NIS_ELEMENTS = _("Export it from NIS-Elements as TIFF: File > Save As.")
CELLSENS = _("Export it from cellSens as TIFF: File > Save As.")


@dataclass(frozen=True)
class ForeignFormat:
    """A format's name with its article, what to do with a file of it, and whether a file's first bytes are of it."""

    name: str
    advice: Promise
    begins: Callable[[bytes], bool]


def foreign_format(start: bytes) -> ForeignFormat | None:
    """The format of a file with these first bytes; None where it is not known."""
    return next((one for one in FOREIGN if one.begins(start)), None)


def _signature(*signatures: bytes, at: int = 0) -> Callable[[bytes], bool]:
    return lambda start: start[at:].startswith(signatures)


def _text(*signatures: bytes) -> Callable[[bytes], bool]:
    """Of a text, which may begin with white space."""
    return lambda start: start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(signatures)


def _brand(*brands: bytes) -> Callable[[bytes], bool]:
    """Of a file in boxes, whose first one names its brand."""
    return lambda start: start[4:8] == b"ftyp" and start[8:12] in brands


def _digital_micrograph(version: int, flag: int) -> Callable[[bytes], bool]:
    """The version, the length of the file, and a flag for the byte order, which is 0 or 1."""
    order = (b"\0\0\0\0", b"\0\0\0\1")
    return lambda start: start[:4] == bytes((0, 0, 0, version)) and start[flag : flag + 4] in order


def _leica(start: bytes) -> bool:
    return start.startswith(b"\x70\0\0\0") and start[8:9] == b"\x2a"


FOREIGN = (
    ForeignFormat("a Gatan DM3", DIGITAL_MICROGRAPH, _digital_micrograph(3, 8)),
    ForeignFormat("a Gatan DM4", DIGITAL_MICROGRAPH, _digital_micrograph(4, 12)),
    ForeignFormat(
        "an MRC", _("Export it as TIFF, for example with Fiji: File > Save As > Tiff."), _signature(b"MAP ", at=208)
    ),
    ForeignFormat("an FEI SER", _("Export it from TIA as TIFF: File > Export."), _signature(b"II\x97\x01")),
    ForeignFormat("a Zeiss CZI", _("Export it from ZEN as TIFF: Image Export."), _signature(b"ZISRAWFILE")),
    ForeignFormat("a Leica LIF", _("Export it from LAS X as TIFF: right-click the image > Export."), _leica),
    ForeignFormat("an Olympus ETS", CELLSENS, _signature(b"SIS\0")),
    ForeignFormat("an Olympus OIR", CELLSENS, _signature(b"OLYMPUSRAWFORMAT")),
    ForeignFormat("a Nikon ND2", NIS_ELEMENTS, _signature(b"\xda\xce\xbe\n")),
    ForeignFormat(
        "an Olympus OIB or a Zeiss ZVI",
        _("Export it from the microscope's program as TIFF."),
        _signature(b"\xd0\xcf\x11\xe0"),
    ),
    ForeignFormat("a Bruker BCF", _("Export its image from Esprit as TIFF."), _signature(b"AAMVHFSS")),
    ForeignFormat("a DICOM", _("Export it from its viewer as TIFF."), _signature(b"DICM", at=128)),
    ForeignFormat("an HDF5 or EMD", _("Export its image as TIFF, for example from Velox."), _signature(b"\x89HDF")),
    ForeignFormat("an FITS", SAVE_AGAIN, _signature(b"SIMPLE  =")),
    ForeignFormat("an HEIC", SAVE_AGAIN, _brand(b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1")),
    ForeignFormat("an AVIF", SAVE_AGAIN, _brand(b"avif", b"avis")),
    ForeignFormat("a JPEG 2000", SAVE_AGAIN, _signature(b"\0\0\0\x0cjP", b"\xff\x4f\xff\x51")),
    ForeignFormat("a JPEG XL", SAVE_AGAIN, _signature(b"\0\0\0\x0cJXL", b"\xff\n")),
    ForeignFormat("a JPEG XR", SAVE_AGAIN, _signature(b"II\xbc")),
    ForeignFormat("a GIF", SAVE_AGAIN, _signature(b"GIF8")),
    ForeignFormat("a WebP", SAVE_AGAIN, _signature(b"WEBP", at=8)),
    ForeignFormat("a Photoshop", SAVE_AGAIN, _signature(b"8BPS")),
    ForeignFormat("a zip", _("Unpack it first, or import it as a whole."), _signature(b"PK\x03\x04")),
    ForeignFormat("an SVG", SAVE_AGAIN, _text(b"<svg")),
    ForeignFormat("an XML or SVG", SAVE_AGAIN, _text(b"<?xml")),
    ForeignFormat("a PDF", SAVE_AGAIN, _text(b"%PDF")),
)

VSI = ForeignFormat(
    "an Olympus VSI",
    _("It holds a preview alone; the pixels are in the .ets files of its folder. Export it from cellSens as TIFF."),
    lambda start: False,  # a TIFF by its bytes
)
BY_NAME = {".vsi": VSI}
"""Formats that only the name tells."""

ENDINGS = frozenset(
    {".dm3", ".dm4", ".mrc", ".ser", ".emi", ".czi", ".lif", ".vsi", ".ets", ".oir", ".oib", ".zvi", ".nd2", ".bcf"}
    | {".emd", ".dcm", ".heic", ".heif", ".avif", ".jp2", ".j2k", ".jpf", ".jxl", ".jxr", ".gif", ".webp", ".svg"}
    | {".psd", ".zip"}
)
"""A file with one of them is offered for import, so that the person learns why it is not taken."""
