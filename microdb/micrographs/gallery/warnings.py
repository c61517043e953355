"""Warnings about micrographs: spoiled pixels, a doubtful scale, a near-duplicate, a leak between train and quiz."""

import math
from dataclasses import dataclass
from typing import Any

from django.db.models import BooleanField, Count, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet, Sum
from django.utils.translation import gettext_lazy as _

from microdb.micrographs.gallery.bar_scale import TO_CONFIRM, differs_from_bar
from microdb.micrographs.gallery.cached_counts import cached, cached_with_lag
from microdb.micrographs.models import Dataset, Flaw, Micrograph, MicrographQuerySet, NearDuplicate, Split

# The values stand in addresses of the gallery, which people keep: "twin" is the old name of a near-duplicate.
BLANK, SATURATED, ODD_SCALE, NEAR_DUPLICATE, LEAK = "blank", "saturated", "odd_scale", "twin", "leak"
OTHER_THAN_BAR, SCALE_TO_CONFIRM = "other_than_bar", "scale_to_confirm"
WARNINGS = {
    BLANK: _("blank"),
    SATURATED: _("saturated"),
    ODD_SCALE: _("odd scale"),
    OTHER_THAN_BAR: _("differs from its micron bar"),
    SCALE_TO_CONFIRM: _("scale of the bar to confirm"),
    NEAR_DUPLICATE: _("near-duplicate"),
    LEAK: _("leaks into the quiz"),
}
FEWEST_SCALES = 8
"""Of fewer micrographs none can be called odd."""
REACH = 3.0
"""Interquartile ranges beyond the quartiles, in log scale (Tukey's outer fences)."""
NARROWEST_RANGE = math.log(2)
"""Where all have one scale, half and double of it are still no surprise."""


@dataclass(frozen=True)
class Fences:
    """Pixels per micrometre outside which a scale is far from the rest of its dataset."""

    low: float = 0.0
    high: float = math.inf

    def hold(self, scale: float | None) -> bool:
        return scale is None or self.low <= scale <= self.high


def scale_fences(dataset: Dataset) -> Fences:
    """From the scales of the whole dataset; no fences while there are few."""
    return cached(dataset, "fences", lambda: _fences(dataset))


def _fences(dataset: Dataset) -> Fences:
    scaled = dataset.micrographs.kept().filter(pixels_per_micrometre__isnull=False)
    count = dataset.micrograph_counts.filter(scale_bin__isnull=False).aggregate(count=Sum("count", default=0))["count"]
    if count < FEWEST_SCALES:
        return Fences()
    first = _logarithm_at(scaled.order_by("pixels_per_micrometre"), (count - 1) / 4)
    third = _logarithm_at(scaled.order_by("-pixels_per_micrometre"), (count - 1) / 4)
    reach = REACH * max(NARROWEST_RANGE, third - first)
    return Fences(math.exp(first - reach), math.exp(third + reach))


def _logarithm_at(ordered: MicrographQuerySet, place: float) -> float:
    """Between two neighbours of the order, as quartiles are; an index counts to there without looking at rows."""
    below = math.floor(place)
    scales = ordered.values_list("pixels_per_micrometre", flat=True)[below : below + 2]
    near = [math.log(scale) for scale in scales if scale is not None]
    return near[0] + (place - below) * (near[-1] - near[0])


def warned(dataset: Dataset, warning: str) -> Q:
    """The condition under which micrographs of ``dataset`` have this warning; an unknown one matches none."""
    match warning:
        case "blank" | "saturated":
            return Q(flaw=Flaw(warning))
        case "odd_scale":
            fences = scale_fences(dataset)
            return Q(pixels_per_micrometre__lt=fences.low) | Q(pixels_per_micrometre__gt=fences.high)
        case "other_than_bar":
            return differs_from_bar()
        case "scale_to_confirm":
            return TO_CONFIRM
        case "twin":
            return _has_near_duplicate(dataset, Q())
        case "leak":
            leaking = cached_with_lag(dataset, "leaking specimens", lambda: list(_leaking_specimens(dataset)))
            return (~Q(split=Split.NEITHER) & Q(specimen__in=leaking)) | _has_near_duplicate(dataset, _ACROSS)
    return Q(pk=None)


def count_warned(dataset: Dataset, warning: str) -> int:
    """How many kept micrographs have the warning; of a large dataset the number may lag behind it."""
    return cached_with_lag(dataset, f"warned {warning}", lambda: _count_warned(dataset, warning))


def _count_warned(dataset: Dataset, warning: str) -> int:
    return dataset.shown().kept().filter(warned(dataset, warning)).count()


def with_warnings(micrographs: MicrographQuerySet) -> MicrographQuerySet:
    """With ``has_near_duplicate``, ``leaks``, ``other_than_bar`` and ``written_length`` (at its bar) on each row.

    For a page of them, not for a hundred thousand.
    """
    live = Q(dismissed_at=None, first__trashed_at=None, second__trashed_at=None)
    pairs = NearDuplicate.objects.filter(live, Q(first=OuterRef("pk")) | Q(second=OuterRef("pk")))
    other_side = Micrograph.objects.kept().filter(dataset=OuterRef("dataset"), specimen=OuterRef("specimen"))
    other_side = other_side.exclude(split=Split.NEITHER).exclude(split=OuterRef("split"))
    shares = Q(~Q(specimen=""), ~Q(split=Split.NEITHER), Exists(other_side))
    return micrographs.annotate(
        has_near_duplicate=Exists(pairs),
        leaks=shares | Exists(pairs.filter(_ACROSS)),
        other_than_bar=ExpressionWrapper(differs_from_bar(), output_field=BooleanField()),
        written_length=F("lettering__text"),
    )


_ACROSS = Q(first__split=Split.TRAIN, second__split=Split.QUIZ) | Q(first__split=Split.QUIZ, second__split=Split.TRAIN)


def _has_near_duplicate(dataset: Dataset, also: Q) -> Q:
    """The condition for a micrograph with a near-duplicate; there are few of them."""
    live = Q(dismissed_at=None, first__trashed_at=None, second__trashed_at=None, first__dataset=dataset)
    pairs = NearDuplicate.objects.filter(live, also).order_by()
    return Q(pk__in=pairs.values("first")) | Q(pk__in=pairs.values("second"))


def _leaking_specimens(dataset: Dataset) -> QuerySet[Any, Any]:
    """Names of specimens with micrographs both to train on and in the quiz."""
    named = dataset.micrographs.kept().exclude(specimen="").exclude(split=Split.NEITHER)
    sides = named.order_by().values("specimen").annotate(sides=Count(F("split"), distinct=True))
    return sides.filter(sides=2).values_list("specimen", flat=True)
