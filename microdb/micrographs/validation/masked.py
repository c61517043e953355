"""Masked rectangles as people and programs give them, and as the history writes them."""

import re
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _

from microdb.errors import MicroDBError
from microdb.micrographs.models import MOST_MASKED, PLACE, MaskSource, Micrograph

MOST_OF_PICTURE = 0.5
"""Share of a picture that may be masked; the classifier refuses more."""
_WRITTEN = re.compile(r"(\d+),(\d+),(\d+)×(\d+)( found)?")

Masked = list[dict[str, Any]]
Given = Iterable[Mapping[str, Any]]


def checked_masked(given: Given, *, micrograph: Micrograph) -> Masked:
    """The rectangles in their order, each once, with their sources; raises MicroDBError for impossible ones.

    One without a source keeps that of the micrograph's own at the same place, and else is drawn by hand.
    """
    sources = {_place(one): one["source"] for one in micrograph.masked}
    found = {}
    for one in given:
        place = _checked_place(one, micrograph)
        source = str(one.get("source") or sources.get(place, MaskSource.BY_HAND))
        if source not in MaskSource.values:
            raise _bad(_("The source of a masked rectangle is found or by_hand; “%s” was given.") % source)
        found[place] = {**dict(zip(PLACE, place, strict=True)), "source": source}
    if len(found) > MOST_MASKED:
        raise _bad(
            _("A micrograph has at most %(most)d masked rectangles; these are %(count)d. Remove one, or join some.")
            % {"most": MOST_MASKED, "count": len(found)}
        )
    share = _area(found) / (micrograph.width * micrograph.height)
    if share > MOST_OF_PICTURE:
        raise _bad(
            _("Masked rectangles would cover %(share).0f %% of %(name)s; leave at least half of it free.")
            % {"share": 100 * share, "name": micrograph.filename}
        )
    return [found[place] for place in sorted(found, key=lambda place: (place[1], place[0], place))]


def masked_text(masked: Given) -> str:
    """One line for people, which ``masked_from_text`` reads: ``x,y,width×height``, with ``found`` where it was."""
    return "; ".join(
        "{x},{y},{width}×{height}".format(**one) + (" found" if one.get("source") == MaskSource.FOUND else "")
        for one in masked
    )


def masked_from_text(text: str) -> Masked:
    """The inverse of ``masked_text``."""
    return [
        {
            **dict(zip(PLACE, map(int, groups[:4]), strict=True)),
            "source": MaskSource.FOUND if groups[4] else MaskSource.BY_HAND,
        }
        for groups in _WRITTEN.findall(text)
    ]


Place = tuple[int, ...]


def _place(one: Mapping[str, Any]) -> Place:
    return tuple(one[name] for name in PLACE)


def _checked_place(one: Mapping[str, Any], micrograph: Micrograph) -> Place:
    values = [one.get(name) for name in PLACE]
    if not all(isinstance(value, int) and not isinstance(value, bool) for value in values):
        raise _bad(_("A masked rectangle has x, y, width and height in whole pixels."))
    x, y, width, height = place = _place(one)
    if min(x, y) < 0 or min(width, height) < 1 or x + width > micrograph.width or y + height > micrograph.height:
        raise _bad(
            _(
                "The rectangle %(rectangle)s is not inside %(name)s, which has %(width)d × %(height)d pixels. "
                "Correct it."
            )
            % {
                "rectangle": masked_text([one]),
                "name": micrograph.filename,
                "width": micrograph.width,
                "height": micrograph.height,
            }
        )
    return place


def _area(places: Iterable[Place]) -> int:
    """Pixels in any of the rectangles, counted once."""
    boxes = list(places)
    across = sorted({edge for x, _y, width, _height in boxes for edge in (x, x + width)})
    down = sorted({edge for _x, y, _width, height in boxes for edge in (y, y + height)})
    return sum(
        (right - left) * (bottom - top)
        for left, right in pairwise(across)
        for top, bottom in pairwise(down)
        if any(x <= left and right <= x + width and y <= top and bottom <= y + height for x, y, width, height in boxes)
    )


def _bad(sentence: str) -> MicroDBError:
    return MicroDBError(sentence, code="bad_mask")
