"""Masked rectangles: parts of a micrograph that show no material, such as an annotation box.

A micrograph keeps them as a list of objects with ``x``, ``y``, ``width`` and ``height`` in pixels of the master and a
``source``, sorted by their place. Versions and scores keep the same list without the sources.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import BooleanField, CheckConstraint, Func, Q, TextChoices, Value
from django.db.models.functions import JSONObject
from django.utils.translation import gettext_lazy as _

PLACE = ("x", "y", "width", "height")
MOST_MASKED = 8
"""Rectangles of one micrograph, at most."""


class MaskSource(TextChoices):
    FOUND = "found", _("found")
    BY_HAND = "by_hand", _("by hand")


def without_sources(masked: Iterable[Mapping[str, Any]]) -> list[dict[str, int]]:
    """The rectangles as versions and scores keep them."""
    return [{name: one[name] for name in PLACE} for one in masked]


# Keywords stand in the order of the alphabet, as migrations write them
_INSIDE = (
    "@.x >= 0 && @.y >= 0 && @.width >= 1 && @.height >= 1 && @.x + @.width <= $width && @.y + @.height <= $height"
)


def _path_exists(path: str, **variables: str) -> Func:
    arguments = [Value(path), JSONObject(**variables)] if variables else [Value(path)]
    return Func("masked", *arguments, function="jsonb_path_exists", output_field=BooleanField())


CONSTRAINTS = [
    CheckConstraint(
        condition=~Q(_path_exists(f"$[*] ? (!({_INSIDE}))", height="height", width="width")),
        name="micrograph_masked_inside",
        violation_error_message=_("A masked rectangle has whole pixels inside the picture."),
    ),
    CheckConstraint(
        condition=~Q(_path_exists(f"$[{MOST_MASKED}]")),
        name="micrograph_masked_few",
        violation_error_message=_("A micrograph has at most 8 masked rectangles."),
    ),
]
