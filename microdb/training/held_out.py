"""The micrographs behind the numbers of a version's report: its out-of-fold answers, chosen and ordered."""

from dataclasses import dataclass, replace
from typing import Self
from urllib.parse import urlencode

from django.db.models import CharField, F, Func, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from microdb.micrographs.models import NONE_OF_THESE
from microdb.training.models import ModelVersion, OutOfFold

RIGHT, WRONG, NEAREST = OUTCOMES = "right", "wrong", "nearest-right"
"""``NEAREST``: right if a class had to be named."""
ORDERS = {
    "": (_("most certain first"), ("-probability", "pk")),
    "uncertain": (_("least certain first"), ("probability", "pk")),
    "name": (_("file name"), ("micrograph__filename", "pk")),
}
"""By the value in the address: its text, and what it orders by."""


class NearestClass(Func):
    """The most probable class in a column of probabilities, none of these excepted."""

    template = (
        f"(SELECT key FROM jsonb_each(%(expressions)s) WHERE key <> '{NONE_OF_THESE}' "  # nosec B608 # a constant
        "ORDER BY value DESC LIMIT 1)"
    )
    output_field = CharField()


@dataclass(frozen=True)
class HeldOutFilter:
    """Which answers: of one label, with one prediction, right or wrong, with a probability in [``low``, ``high``).

    Probabilities are in per cent; the highest one includes its end.
    """

    label: str = ""
    predicted: str = ""
    outcome: str = ""
    low: int | None = None
    high: int | None = None
    order: str = ""

    @classmethod
    def from_query(cls, query: QueryDict) -> Self:
        """What an address asks for; values that mean nothing are left out."""
        outcome, order = query.get("outcome", ""), query.get("order", "")
        return cls(
            label=query.get("label", ""),
            predicted=query.get("predicted", ""),
            outcome=outcome if outcome in OUTCOMES else "",
            low=_per_cent(query.get("low", "")),
            high=_per_cent(query.get("high", "")),
            order=order if order in ORDERS else "",
        )

    @property
    def query(self) -> str:
        """Of an address that asks for the same."""
        return urlencode({name: value for name, value in vars(self).items() if value not in ("", None)})

    @property
    def active(self) -> bool:
        return replace(self, order="") != HeldOutFilter()

    def apply(self, answers: QuerySet[OutOfFold]) -> QuerySet[OutOfFold]:
        """The chosen answers in the order asked for."""
        if self.label:
            answers = answers.filter(label=self.label)
        if self.predicted:
            answers = answers.filter(predicted=self.predicted)
        if self.outcome == RIGHT:
            answers = answers.filter(predicted=F("label"))
        if self.outcome == WRONG:
            answers = answers.exclude(predicted=F("label"))
        if self.outcome == NEAREST:
            answers = answers.alias(nearest=NearestClass("probabilities")).filter(nearest=F("label"))
        if self.low is not None:
            answers = answers.filter(probability__gte=self.low / 100)
        if self.high is not None and self.high < 100:
            answers = answers.filter(probability__lt=self.high / 100)
        _text, columns = ORDERS[self.order]
        return answers.order_by(*columns)


def held_out_answers(version: ModelVersion) -> QuerySet[OutOfFold]:
    """Of a version, without micrographs that an open quiz withholds from the reader."""
    answers = version.out_of_fold.exclude(micrograph__in=version.dataset.withheld)
    return answers.select_related("micrograph__material_class")


def _per_cent(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and int(text) <= 100 else None
