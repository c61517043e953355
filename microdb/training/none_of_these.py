"""The micrographs behind the rates of none of these: rejected known ones, and others that were found or missed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from microdb.training.models import ModelVersion, NoneOfTheseTest

MISSED, FOUND = OUTCOMES = "missed", "found"
TEXTS = {MISSED: _("not called None of these"), FOUND: _("called None of these")}


@dataclass(frozen=True)
class TestFilter:
    """Which tests: of one kind, of one label, called none of these (``found``) or not (``missed``)."""

    kind: str = ""
    label: str = ""
    outcome: str = ""

    @classmethod
    def from_query(cls, query: QueryDict) -> Self:
        """What an address asks for; values that mean nothing are left out."""
        kind, outcome = query.get("kind", ""), query.get("outcome", "")
        return cls(
            kind=kind if kind in NoneOfTheseTest.Kind.values else "",
            label=query.get("label", ""),
            outcome=outcome if outcome in OUTCOMES else "",
        )

    @property
    def query(self) -> str:
        """Of an address that asks for the same."""
        return urlencode({name: value for name, value in vars(self).items() if value})

    def apply(self, tests: QuerySet[NoneOfTheseTest]) -> QuerySet[NoneOfTheseTest]:
        """The chosen tests, those next to the limit first among what was missed, and the clearest first otherwise."""
        if self.kind:
            tests = tests.filter(kind=self.kind)
        if self.label:
            tests = tests.filter(label=self.label)
        if self.outcome == FOUND:
            tests = tests.filter(margin__gt=0)
        if self.outcome == MISSED:
            tests = tests.filter(margin__lte=0)
        return tests.order_by("-margin", "pk")


def none_of_these_tests(version: ModelVersion) -> QuerySet[NoneOfTheseTest]:
    """Of a version, without micrographs that an open quiz withholds from the reader."""
    tests = version.none_of_these_tests.exclude(micrograph__in=version.dataset.withheld)
    return tests.select_related("micrograph__material_class")


def tested_kinds(version: ModelVersion) -> set[str]:
    """The kinds that were kept; none for versions that were trained before this."""
    return set(version.none_of_these_tests.order_by().values_list("kind", flat=True).distinct())


Tests = Mapping[str, Mapping[UUID, tuple[str, float]]]
"""By kind and micrograph its label and margin."""


def tests_of(version: ModelVersion, found: Tests) -> Iterable[NoneOfTheseTest]:
    """Rows, not saved, of what a training found."""
    for kind, margins in found.items():
        for micrograph, (label, margin) in margins.items():
            yield NoneOfTheseTest(
                model_version=version, micrograph_id=micrograph, kind=kind, label=label, margin=margin
            )
