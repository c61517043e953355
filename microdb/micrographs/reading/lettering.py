"""Reading the length at a micron bar: right, or not at all.

A child process reads each picture twice, dark on white and white on dark. A length counts where both readings agree,
each of its characters is certain, and no other text at the bar is another length. A number without a decimal sign also
needs a picture without a mark that may be one: the recogniser overlooks faint commas.
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
DECIMAL_SIGNS = frozenset(".,")
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
    return certain_length(_server.ask(request, seconds=SECONDS, while_waiting=while_waiting)["texts"])


def certain_length(texts: Sequence[dict[str, Any]]) -> LengthRead | None:
    """The one length that is certain, of the child's response for each picture."""
    found = [one for one in (_agreed(text) for text in texts) if one]
    if len({one.length.micrometres for one in found}) != 1 or found[0].confidence < LEAST_CERTAINTY:
        return None
    return found[0]


def _agreed(text: dict[str, Any]) -> LengthRead | None:
    """The length that both readings of a picture give, with the lowest certainty; 0 where a decimal sign may lack."""
    lengths = [length_in(one["text"]) for one in text["readings"]]
    first = lengths[0]
    if first is None or any(one != first for one in lengths):
        return None
    written = text["readings"][0]["text"].strip()
    overlooked = text["low_mark"] and not DECIMAL_SIGNS.intersection(written)
    return LengthRead(first, written, 0.0 if overlooked else min(_certainty(one) for one in text["readings"]))


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
