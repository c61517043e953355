"""Heat treatments: steps with temperature, time and cooling, read from what people write.

“970 °C, 90 min, quenched in water; 180 °C, 2 h, air-cooled” has two steps, and so has “970C 90M WQ 180C 2H AC”. What is
not understood stays in the step as its note.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from microdb.errors import MicroDBError
from microdb.labels import visible_line

QUENCHED, AIR_COOLED, FURNACE_COOLED = "quenched", "air-cooled", "furnace-cooled"
COOLINGS = (QUENCHED, AIR_COOLED, FURNACE_COOLED)
MOST_CHARACTERS = 1000
ABSOLUTE_ZERO = -273.15
HOTTEST = 4000
"""°C; above it every material is a liquid or a gas."""
LONGEST = 60 * 24 * 366 * 10
"""Minutes, ten years."""


@dataclass(frozen=True)
class Step:
    """One hold and how it ended; None and empty where that is not known."""

    celsius: float | None = None
    minutes: float | None = None
    cooling: str = ""
    """One of COOLINGS."""
    medium: str = ""
    """Of a quench, for example water."""
    note: str = ""

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Step":
        return cls(**stored)

    def as_json(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if value not in (None, "")}

    def __str__(self) -> str:
        parts = [
            "" if self.celsius is None else f"{self.celsius:.10g} °C",
            "" if self.minutes is None else _time_text(self.minutes),
            f"{self.cooling} in {self.medium}" if self.medium else self.cooling,
            self.note,
        ]
        return ", ".join(part for part in parts if part)


def treatment_text(steps: Sequence[Step]) -> str:
    """The steps as ``parse_heat_treatment`` reads them."""
    return "; ".join(str(step) for step in steps)


def parse_heat_treatment(text: str) -> list[Step]:
    """Raises MicroDBError for a number without a unit, or an impossible temperature or time."""
    if len(text) > MOST_CHARACTERS:
        raise _wrong(
            f"A heat treatment has at most {MOST_CHARACTERS:,} characters; {len(text):,} were given. Shorten it."
        )
    line = visible_line(text.replace("\n", "; ")).translate(_ALIKE)
    return [step for part in _NEXT_STEP.split(line) for step in _steps(part)]


_ALIKE = str.maketrans("−º˚", "-°°")
"""What people write for a minus and for a degree sign."""
_NUMBER = r"(?<![\w.,])-?(?:\d+(?:[.,]\d+)?)"
_MEDIA = "water|oil|brine|salt|polymer|gas|nitrogen|argon|helium"
_COOL = r"cool(?:ed|ing)?\b"
_CODES = {
    "WQ": (QUENCHED, "water"),
    "OQ": (QUENCHED, "oil"),
    "Q": (QUENCHED, ""),
    "AC": (AIR_COOLED, ""),
    "FC": (FURNACE_COOLED, ""),
}
_NEXT_STEP = re.compile(r"\s*(?:;|→|->|\+|\|)\s*|,?\s+(?:and\s+)?then\s+|,?\s+followed\s+by\s+", re.IGNORECASE)
_TOKEN = re.compile(
    rf"""(?P<rate>{_NUMBER}\s*(?:K|°?\s*[CF])\s*/\s*(?:s|sec|min|h)\b)
    |(?P<degrees>{_NUMBER})\s*(?P<scale>(?:°|deg\.?|degrees)\s*[CF]\b|℃|℉|[CFK]\b(?!/)|celsius\b|fahrenheit\b|kelvin\b)
    |(?P<amount>{_NUMBER})\s*(?P<span>s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?)\b
    |(?<![\w-])(?P<before>{_MEDIA}|air)[\s-]*quench(?:ed|ing)?\b
    |(?<![\w-])(?P<quench>quench(?:ed|ing)?)\b(?:\s+(?:(?:in|into|with)\s+)?(?P<after>{_MEDIA}|air)\b)?
    |(?<![\w-])(?P<chill>water|oil|brine)[\s-]*{_COOL}
    |(?<![\w-])(?P<air>air[\s-]*{_COOL}|{_COOL}\s+in\s+(?:still\s+)?air\b)
    |(?<![\w-])(?P<furnace>(?:furnace|oven)[\s-]*{_COOL}|{_COOL}\s+in\s+(?:the\s+)?(?:furnace|oven)\b)
    |(?<![\w-])(?P<alone>water|oil|brine|air|furnace)(?=\s*(?:$|[,/]))
    |(?<![\w-])(?P<code>(?-i:WQ|OQ|AC|FC|Q))(?![\w-])
    |(?P<bare>{_NUMBER})(?:(?!\s*[^\W\d_]|\s*[%°×^]|[.,]?\d)|(?=\s*(?:quench|cool|water|oil|air|furnace|WQ\b|OQ\b|AC\b|FC\b|Q\b)))
    """,
    re.IGNORECASE | re.VERBOSE,
)
_FILLER = re.compile(r"^(?:(?:at|for|and|to|from|with|by)\b\s*)+|(?:\s*\b(?:at|for|and|to|from|with|by|in))+$", re.I)
_EDGES = " ().:@×"
_GROUPED = re.compile(r"-?[1-9]\d{0,2}[.,]\d{3}")
_MINUTES = {"s": 1 / 60, "m": 1.0, "h": 60.0, "d": 1440.0}


def _steps(part: str) -> Iterator[Step]:
    """The steps of a text without separators between them: each further temperature begins the next."""
    step, end = Step(), 0
    for found in _TOKEN.finditer(part):
        between = part[end : found.start()]
        values = _values(found, step, is_alone=not between.strip(" ,/"))
        if not values:
            continue
        step = _noted(step, between)
        end = found.end()
        if any(getattr(step, name) not in (None, "") for name in values if name != "note"):
            yield step
            step = Step()
        step = _noted(step, values["note"]) if "note" in values else replace(step, **values)
    step = _noted(step, part[end:])
    if step != Step():
        yield step


def _values(found: re.Match[str], step: Step, *, is_alone: bool) -> dict[str, Any]:
    """What a token tells; nothing where its words belong to the note."""
    if found["bare"]:
        raise _wrong(f"“{found['bare']}” has no unit. Write a temperature as 970 °C and a time as 90 min or 2 h.")
    if found["rate"]:
        return {"note": found["rate"]}
    if found["degrees"]:
        return {"celsius": _celsius(found["degrees"], found["scale"])}
    if found["amount"]:
        return {"minutes": _duration(found["amount"], found["span"])}
    known = step.celsius is not None or step.minutes is not None
    if found["code"]:  # without a temperature before it, AC is rather the name of an alloy
        cooling, medium = _CODES[found["code"]]
        return _cooled(cooling, medium) if known else {}
    if word := found["alone"]:
        cooling = {"air": AIR_COOLED, "furnace": FURNACE_COOLED}.get(word.lower(), QUENCHED)
        return _cooled(cooling, word.lower() if cooling == QUENCHED else "") if known and is_alone else {}
    if found["air"] or found["furnace"]:
        return _cooled(AIR_COOLED if found["air"] else FURNACE_COOLED, "")
    return _cooled(QUENCHED, (found["before"] or found["after"] or found["chill"] or "").lower())


def _cooled(cooling: str, medium: str) -> dict[str, Any]:
    return {"cooling": cooling} | ({"medium": medium} if medium else {})


def _noted(step: Step, words: str) -> Step:
    """The step with what else is written about it."""
    parts = [_FILLER.sub("", part.strip(_EDGES)).strip(_EDGES) for part in re.split(r"[,]|\s/\s|^/|/$", words)]
    note = ", ".join(part for part in [step.note, *parts] if part)
    return replace(step, note=note)


def _celsius(number: str, scale: str) -> float:
    degrees = _number(number)
    words = {"℃": "C", "℉": "F", "celsius": "C", "fahrenheit": "F", "kelvin": "K"}
    letter = words.get(scale.lower(), scale[-1].upper())
    celsius = {"C": degrees, "K": degrees + ABSOLUTE_ZERO, "F": (degrees - 32) / 1.8}[letter]
    if not ABSOLUTE_ZERO <= celsius <= HOTTEST:
        raise _wrong(f"{number} {scale} is no possible temperature of a heat treatment. Correct it.")
    return round(celsius, 6)


def _duration(number: str, span: str) -> float:
    minutes = _number(number) * _MINUTES[span[0].lower()]
    if not 0 < minutes <= LONGEST:
        raise _wrong(f"{number} {span} is no possible time of a heat treatment. Correct it.")
    return round(minutes, 6)


def _number(text: str) -> float:
    if _GROUPED.fullmatch(text):
        raise _wrong(f"“{text}” can be read in two ways. Write it without a separator of thousands.")
    return float(text.replace(",", "."))


def _time_text(minutes: float) -> str:
    if minutes >= 60 and minutes % 60 == 0:
        return f"{minutes / 60:.10g} h"
    return f"{minutes * 60:.10g} s" if minutes < 1 else f"{minutes:.10g} min"


def _wrong(message: str) -> MicroDBError:
    return MicroDBError(message, code="bad_heat_treatment")
