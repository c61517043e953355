"""Reading the length at a micron bar: right, or not at all.

A child process reads each picture twice, dark on white and white on dark. A length counts where both readings agree,
each of its characters is certain, and no other text at the bar is another length.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from microdb.micrographs.reading.child_process import ChildProcess
from microdb.micrographs.scale.lettering import Length, length_in

LEAST_CERTAINTY = 0.95
"""Of each character but spaces and the micro sign, which Unicode has twice."""
LEAST_OF_SIGN = 0.3
SECONDS = 60
"""For the few pictures of one bar; one takes some hundredths."""
SIGNS = "\u00b5\u03bc"

_server = ChildProcess("microdb.micrographs.reading.lettering_server")


@dataclass(frozen=True)
class LengthRead:
    """A length with the text that it was read from, and the certainty (0 to 1) of the least certain character."""

    length: Length
    text: str
    confidence: float


def read_length(pictures: Sequence[str], *, while_waiting: Callable[[], None] = lambda: None) -> LengthRead | None:
    """The length in pictures of the texts at a bar (PNG in base64); None where none is certain.

    ``while_waiting`` is called now and then, and what it raises stops the child. Raises RuntimeError where it fails.
    """
    request = {"pictures": list(pictures)}
    return certain_length(_server.ask(request, seconds=SECONDS, while_waiting=while_waiting)["readings"])


def certain_length(readings: Sequence[Sequence[dict[str, Any]]]) -> LengthRead | None:
    """Of the readings of each picture, in both polarities: the one length that is certain."""
    found = [one for one in (_agreed(both) for both in readings) if one]
    if len({one.length.micrometres for one in found}) != 1 or found[0].confidence < LEAST_CERTAINTY:
        return None
    return found[0]


def _agreed(both: Sequence[dict[str, Any]]) -> LengthRead | None:
    """The length that all readings of a picture give, with the lowest of their certainties."""
    lengths = [length_in(one["text"]) for one in both]
    first = lengths[0]
    if first is None or any(one != first for one in lengths):
        return None
    return LengthRead(first, both[0]["text"].strip(), min(_certainty(one) for one in both))


def _certainty(reading: dict[str, Any]) -> float:
    """Of the least certain character; 0 where they are not as many as the certainties."""
    text, certainty = reading["text"], reading["certainty"]
    if len(text) != len(certainty):
        return 0.0
    counted = [
        one if sign not in SIGNS else float(one >= LEAST_OF_SIGN)
        for sign, one in zip(text, certainty, strict=True)
        if sign != " "
    ]
    return min(counted, default=0.0)
