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
        choices=[_choice(row, data["false_rejection"], data["known"]["count"]) for row in data["preview"]],
        has_labelled="labelled" in data["unknown"],
        known_count=data["known"]["count"],
    )


def _rate(name: str, rate: dict[str, Any]) -> Rate:
    low, high = rate["interval"]
    return Rate(name, rate["share"], low, high, rate["count"])


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
