"""What a version's limit of none of these rejects and finds, arranged for pages."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _


@dataclass(frozen=True)
class Rate:
    """A share of ``count`` micrographs with its 95 % interval."""

    name: str
    share: float | None
    low: float
    high: float
    count: int


@dataclass(frozen=True)
class Choice:
    """What another share of known micrographs that may be rejected would do."""

    false_rejection: float
    known: float | None
    drawn: float | None
    labelled: float | None
    left_out: float | None
    chosen: bool


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


def operating_point(metrics: dict[str, Any]) -> OperatingPoint | None:
    """The operating point of a version's metrics; None for a recipe or a training that did not measure one."""
    data = metrics.get("operating_point")
    if not data:
        return None
    kinds = {"drawn": _("other materials, drawn"), "labelled": _("your micrographs labelled none of these")}
    scale = data["false_scale"]
    return OperatingPoint(
        false_rejection=data["false_rejection"],
        rejected=[
            _rate(_("known, from specimens that it was not trained on"), data["known"]),
            _rate(_("the same, degraded (JPEG, blur, noise)"), data["degraded"]),
        ],
        found=[
            *(_rate(kinds[kind], rate) for kind, rate in data["unknown"].items()),
            *(_rate(_("%s, left out of the training") % name, rate) for name, rate in data["left_out"].items()),
        ],
        warned=[
            _rate(_("right scale"), scale["false_alarms"]),
            *(_rate(_("scale wrong by a factor of %s") % factor, scale[factor]) for factor in ("2", "4", "10")),
        ],
        choices=[_choice(row, data["false_rejection"]) for row in data["preview"]],
        has_labelled="labelled" in data["unknown"],
    )


def _rate(name: str, rate: dict[str, Any]) -> Rate:
    low, high = rate["interval"]
    return Rate(name, rate["share"], low, high, rate["count"])


def _choice(row: dict[str, Any], chosen: float) -> Choice:
    unknown = row["unknown"]
    share = row["false_rejection"]
    return Choice(share, row["known"], unknown.get("drawn"), unknown.get("labelled"), row["left_out"], share == chosen)
