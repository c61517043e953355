"""TESCAN: sections of names and values after a binary start in tag 50431, and the same text in a ``.hdr`` file."""

from collections.abc import Mapping

from microdb.micrographs.scale.acquisition import AcquisitionFound, first_number, first_text, recorded_date
from microdb.micrographs.scale.found import Extent, PixelSize, unknown_unit
from microdb.micrographs.scale.units import length, number, stated
from microdb.micrographs.scale.vendors.ini import Sections, sections_of
from microdb.micrographs.scale.vendors.tags import Tags

NAME = "TESCAN"
TESCAN = 50431
TAGS = (TESCAN,)
START = "[MAIN]"


def pixel_size(tags: Tags, picture: Extent) -> PixelSize | None:
    return size_in_text(_text(tags), picture)


def acquisition(tags: Tags) -> AcquisitionFound:
    return acquisition_in_text(_text(tags))


def is_text(text: str) -> bool:
    """Whether a text file is one of TESCAN's."""
    return START in text.upper()


def size_in_text(text: str, picture: Extent) -> PixelSize | None:
    """``PixelSizeX`` and ``PixelSizeY`` of ``[MAIN]``, in metres."""
    main = _sections(text).get("MAIN", {})
    if "PixelSizeX" not in main:
        return None
    across = main["PixelSizeX"]
    sizes = [length(one, "m") for one in (across, main.get("PixelSizeY", across))]
    origin = f"TESCAN PixelSizeX = {stated(across, 'm')}"
    if sizes[0] is None or sizes[1] is None:
        return unknown_unit(origin)
    return PixelSize(sizes[0], sizes[1], origin)


def acquisition_in_text(text: str) -> AcquisitionFound:
    sections = _sections(text)
    main, sem = sections.get("MAIN", {}), sections.get("SEM", {})
    volts = first_number(number(sem.get(name)) for name in ("HV", "AcceleratorVoltage"))
    metres = first_number([number(sem.get("WD"))])
    return AcquisitionFound(
        kilovolts=volts and volts / 1000,
        working_distance=metres and metres * 1000,
        magnification=first_number([number(main.get("Magnification"))]),
        detector=first_text(*(sem.get(name) for name in ("Detector", "Detector0"))),
        instrument=first_text(main.get("DeviceModel"), main.get("Device")),
        date=recorded_date(main.get("Date", "")),
        operator=first_text(main.get("FullUserName"), main.get("UserName")),
        record=sections,
    )


def _text(tags: Tags) -> str:
    block = tags.get(TESCAN)
    raw = block if isinstance(block, bytes) else bytes(block) if isinstance(block, tuple) else b""
    return block if isinstance(block, str) else raw.decode("latin-1")


def _sections(text: str) -> Mapping[str, Mapping[str, str]]:
    """From ``[MAIN]`` on; a binary header stands before it in the tag."""
    start = text.upper().find(START)
    sections: Sections = sections_of(text[start:]) if start >= 0 else {}
    return {name.upper(): values for name, values in sections.items() if values}
