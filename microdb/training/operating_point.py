"""What a version's limit of none of these rejects and finds, arranged for pages."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _

from microdb.micrographs.models import NONE_OF_THESE
from microdb.statistics import wilson_interval
from microdb.training.held_out import HeldOutFilter
from microdb.training.models import NoneOfTheseTest
from microdb.training.none_of_these import FOUND, MISSED, TestFilter

HELD_OUT, TESTS = "training:held_out", "training:none_of_these"
"""Pages of micrographs."""


@dataclass(frozen=True)
class Rate:
    """A share of ``count`` micrographs with its 95 % interval.

    ``page``: the name of the page that shows them; empty where they are drawn or were not kept. ``query`` chooses all
    of them there, ``hits_query`` those that count, ``rest_query`` the others, which are called ``rest_name``.
    """

    name: str
    share: float | None
    low: float
    high: float
    count: int
    hits: int
    page: str = ""
    query: str = ""
    hits_query: str = ""
    rest_query: str = ""
    rest_name: str = ""

    @property
    def rest(self) -> int:
        return self.count - self.hits


@dataclass(frozen=True)
class Choice:
    """What another share of known micrographs that may be rejected would do. ``limit``: of the evidence, above which a
    crop would be none of these; None for versions that did not keep it."""

    false_rejection: float
    limit: float | None
    known: float | None
    drawn: float | None
    labelled: float | None
    left_out: float | None
    chosen: bool
    known_rejected: int


@dataclass(frozen=True)
class OperatingPoint:
    """Known micrographs that are wrongly none of these, others that are rightly so, warnings of a false scale, and the
    consequences of other limits."""

    false_rejection: float
    rejected: list[Rate]
    found: list[Rate]
    warned: list[Rate]
    choices: list[Choice]
    has_labelled: bool
    known_count: int

    @property
    def chosen_place(self) -> int:
        """Of the choice that this version made."""
        return next((place for place, choice in enumerate(self.choices) if choice.chosen), 0)


def operating_point(metrics: dict[str, Any], kept: Collection[str] = ()) -> OperatingPoint | None:
    """The operating point of a version's metrics; None for a recipe or a training that did not measure one.

    ``kept``: the kinds of tests whose micrographs are known.
    """
    data = metrics.get("operating_point")
    if not data:
        return None
    kinds = {"drawn": _("other materials, drawn"), "labelled": _("your micrographs labelled None of these")}
    scale = data["false_scale"]

    def tested(name: str, rate: dict[str, Any], kind: str, label: str = "") -> Rate:
        found = _rate(name, rate)
        return _linked(found, kind, label) if kind in kept else found

    return OperatingPoint(
        false_rejection=data["false_rejection"],
        rejected=[
            replace(
                _rate(_("known, from specimens that it was not trained on"), data["known"]),
                page=HELD_OUT,
                hits_query=HeldOutFilter(predicted=NONE_OF_THESE).query,
            ),
            tested(_("the same, degraded (JPEG, blur, noise)"), data["degraded"], NoneOfTheseTest.Kind.DEGRADED),
        ],
        found=[
            *(tested(kinds[kind], rate, kind) for kind, rate in data["unknown"].items()),
            *(
                tested(_("%s, left out of the training") % name, rate, NoneOfTheseTest.Kind.LEFT_OUT, name)
                for name, rate in data["left_out"].items()
            ),
        ],
        warned=[
            _rate(_("right scale"), scale["false_alarms"]),
            *(_rate(_("scale wrong by a factor of %s") % factor, scale[factor]) for factor in ("2", "4", "10")),
        ],
        choices=[_choice(row, data["false_rejection"], data["known"]["count"]) for row in data["preview"]],
        has_labelled="labelled" in data["unknown"],
        known_count=data["known"]["count"],
    )


def rejected_known(metrics: dict[str, Any]) -> Rate | None:
    """Held-out micrographs that are called none of these; None where nothing was held out."""
    if not metrics.get("held_out"):
        return None
    hits = sum(row[-1] for row in metrics["confusion"])
    return replace(
        _measured(_("known micrographs"), hits, metrics["held_out"]),
        page=HELD_OUT,
        hits_query=HeldOutFilter(predicted=NONE_OF_THESE).query,
    )


def found_left_out(metrics: dict[str, Any], kept: Collection[str]) -> Rate | None:
    """Micrographs of classes that were left out in turn and called none of these; None where that was not measured."""
    rates = (metrics.get("operating_point") or {}).get("left_out", {}).values()
    if not rates:
        return None
    name = _("micrographs of a class that was left out")
    found = _measured(name, sum(one["hits"] for one in rates), sum(one["count"] for one in rates))
    kind = NoneOfTheseTest.Kind.LEFT_OUT
    return _linked(found, kind) if kind in kept else found


def _measured(name: str, hits: int, count: int) -> Rate:
    interval = wilson_interval(hits, count)
    return Rate(name, hits / count, interval.low, interval.high, count, hits)


def _linked(rate: Rate, kind: str, label: str = "") -> Rate:
    return replace(
        rate,
        page=TESTS,
        query=TestFilter(kind, label).query,
        hits_query=TestFilter(kind, label, FOUND).query,
        rest_query=TestFilter(kind, label, MISSED).query,
        rest_name=_("recognised") if kind == NoneOfTheseTest.Kind.DEGRADED else _("missed"),
    )


def _rate(name: str, rate: dict[str, Any]) -> Rate:
    low, high = rate["interval"]
    return Rate(name, rate["share"], low, high, rate["count"], rate["hits"])


def _choice(row: dict[str, Any], chosen: float, known_count: int) -> Choice:
    share, unknown = row["false_rejection"], row["unknown"]
    return Choice(
        false_rejection=share,
        limit=row.get("limit"),
        known=row["known"],
        drawn=unknown.get("drawn"),
        labelled=unknown.get("labelled"),
        left_out=row["left_out"],
        chosen=share == chosen,
        known_rejected=round((row["known"] or 0) * known_count),
    )
