"""The micron bar in a data bar: the drawn line whose length in pixels stands for a length of the specimen.

A wrong length makes a wrong scale, so a length is given only where one single shape can be the bar:

- a line with a tick at each end, whole or interrupted by its length text;
- eleven equal, evenly spaced marks, as Hitachi draws them;
- a plain line that stands alone, whole or interrupted by its length text.

Lines that belong to letters, frames, table cells or logos are ruled out by what surrounds them. Where two shapes of
the same kind remain, there is no length.
"""

from microdb.micrographs.files.micron_bar.dotted import dotted_bars
from microdb.micrographs.files.micron_bar.lines import Bar, Ink, lines_in
from microdb.micrographs.files.micron_bar.plain import plain_bars
from microdb.micrographs.files.micron_bar.ticked import ticked_bars


def find_bar(ink: Ink) -> Bar | None:
    """The micron bar in a band (H, W) of ink and paper; None where none is sure."""
    lines = lines_in(ink)
    ticked, plain = ticked_bars(ink, lines), plain_bars(ink, lines)
    found = ticked or [*dotted_bars(ink), *plain]
    return found[0] if len(found) == 1 else None
