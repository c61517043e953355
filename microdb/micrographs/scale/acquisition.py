"""How a picture was taken, as its microscope recorded it: the fields that vendors share, and all that they wrote."""

import json
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

MOST_BYTES = 2**16
"""Of the record as JSON; the largest vendors write some 20 KB."""
MOST_CHARACTERS, MOST_ITEMS, DEEPEST = 2000, 2000, 8
MOST_IN_FIELD = 100
PERSON = re.compile(r"user|operator|author|experimenter|creator|owner|login", re.IGNORECASE)
"""Names of fields that may hold a person's name."""
DATE = re.compile(r"(?P<year>(?:19|20)\d\d)[-/.](?P<month>\d\d?)[-/.](?P<day>\d\d?)")
NAMED_MONTH = re.compile(r"(?P<day>\d\d?)[ -](?P<month>[A-Za-z]{3})[a-z]*[ -](?P<year>(?:19|20)\d\d)")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


@dataclass(frozen=True)
class AcquisitionFound:
    """The normalised fields; an empty one was not recorded. ``record`` is all that was, by the vendor's name."""

    kilovolts: float | None = None
    working_distance: float | None = None
    """In millimetres."""
    magnification: float | None = None
    detector: str = ""
    instrument: str = ""
    date: str = ""
    """YYYY-MM-DD where the order of day and month is certain; else as it was written."""
    operator: str = ""
    record: Mapping[str, Any] = field(default_factory=dict)

    def under(self, name: str) -> "AcquisitionFound":
        """With its record below the name of who wrote it."""
        return replace(self, record={name: self.record})

    def completed_by(self, other: "AcquisitionFound") -> "AcquisitionFound":
        """With the fields of ``other`` where this one has none."""
        missing = {one.name: getattr(other, one.name) for one in fields(self) if getattr(self, one.name) in (None, "")}
        return replace(self, **missing | {"record": {**other.record, **self.record}})

    def bounded(self, *, with_operator: bool) -> "AcquisitionFound":
        """As it is stored: possible numbers, short texts, a record of limited size; a person's name only if wanted."""
        record = _plain(self.record, with_operator)
        if len(json.dumps(record)) > MOST_BYTES:
            record = {"left_out": f"The microscope's record has more than {MOST_BYTES} bytes."}
        return AcquisitionFound(
            kilovolts=_possible(self.kilovolts),
            working_distance=_possible(self.working_distance),
            magnification=_possible(self.magnification),
            detector=_line(self.detector),
            instrument=_line(self.instrument),
            date=_line(self.date),
            operator=_line(self.operator) if with_operator else "",
            record=record,
        )


def recorded_date(text: object) -> str:
    """``YYYY-MM-DD`` where the text says so beyond doubt; else the text itself: 3/4/2020 is March or April."""
    written = str(text).strip()
    found = DATE.search(written) or NAMED_MONTH.search(written)
    if found is None:
        return written
    month = found["month"].lower()
    number = MONTHS.index(month) + 1 if month in MONTHS else int(month) if month.isdigit() else 0
    if not (1 <= number <= 12 and 1 <= int(found["day"]) <= 31):
        return written
    return f"{found['year']}-{number:02d}-{int(found['day']):02d}"


def first_text(*values: object) -> str:
    """The first that is not empty."""
    return next((str(value).strip() for value in values if value not in (None, "") and str(value).strip()), "")


def first_number(values: Iterable[float | None]) -> float | None:
    """The first that is a finite number above zero."""
    return next((value for value in values if value is not None and math.isfinite(value) and value > 0), None)


def _possible(value: float | None) -> float | None:
    return value if value is not None and 0 < value < 1e9 else None


def _line(text: str) -> str:
    return " ".join(_storable(text).split())[:MOST_IN_FIELD]


def _plain(value: Any, with_operator: bool, depth: int = 0) -> Any:
    """``value`` as JSON of limited depth and length, without the fields of persons unless they are wanted."""
    if isinstance(value, Mapping) and depth < DEEPEST:
        kept = [(str(name), one) for name, one in list(value.items())[:MOST_ITEMS]]
        return {
            _storable(name)[:MOST_IN_FIELD]: _plain(one, with_operator, depth + 1)
            for name, one in kept
            if with_operator or not PERSON.search(name)
        }
    if isinstance(value, list | tuple) and depth < DEEPEST:
        return [_plain(one, with_operator, depth + 1) for one in value[:MOST_ITEMS]]
    if isinstance(value, bool | int | None):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    return _storable(str(value))[:MOST_CHARACTERS]


def _storable(text: str) -> str:
    """Without what a database takes for no text: NUL and halves of characters."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()
