"""Data leakage: micrographs that a competing model version knows from its training, so a quiz must not ask them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from microdb.micrographs.models import NONE_OF_THESE, DatasetVersionEntry, Micrograph, NearDuplicate, Split
from microdb.training.models import ModelVersion

NAMED_AT_MOST = 5


@dataclass(frozen=True)
class Leak:
    """Micrographs that leak: a version was trained on them, on their specimen, or on a near-duplicate that no curator
    has dismissed.
    """

    seen: list[Micrograph]
    by_specimen: list[Micrograph]
    alike: list[Micrograph]

    @property
    def all(self) -> list[Micrograph]:
        return [*self.seen, *self.by_specimen, *self.alike]


def leaks(micrographs: Iterable[Micrograph], competitors: Iterable[ModelVersion]) -> list[str]:
    """A sentence for every competitor with leaking micrographs."""
    asked = list(micrographs)
    return [sentence for version in competitors for sentence in _sentences(version, leak_of(asked, version))]


def leaking_micrographs(micrographs: Iterable[Micrograph], competitors: Iterable[ModelVersion]) -> set[UUID]:
    """Keys of the micrographs that leak to a competitor."""
    asked = list(micrographs)
    return {micrograph.pk for version in competitors for micrograph in leak_of(asked, version).all}


def leak_of(asked: list[Micrograph], version: ModelVersion) -> Leak:
    """The micrographs that leak to the version, each under the first of the three kinds that applies."""
    trained = trained_entries(version)
    specimens = {micrograph.specimen for micrograph in asked if micrograph.specimen}
    pks = set(trained.filter(micrograph__in=[m.pk for m in asked]).values_list("micrograph", flat=True))
    seen_specimens = set(trained.filter(specimen__in=specimens).values_list("specimen", flat=True))
    alike = near_duplicates_of(asked, trained.values("micrograph"))
    seen = [m for m in asked if m.pk in pks]
    by_specimen = [m for m in asked if m.pk not in pks and m.specimen in seen_specimens]
    rest = alike - {m.pk for m in (*seen, *by_specimen)}
    return Leak(seen, by_specimen, [m for m in asked if m.pk in rest])


def trained_entries(version: ModelVersion) -> "QuerySet[DatasetVersionEntry]":
    """The micrographs that a version was trained on, as its dataset version has them."""
    # Micrographs labelled none-of-these train as well, but did not before format version 3
    examples = [NONE_OF_THESE] if version.metrics.get("none_of_these") else []
    return DatasetVersionEntry.objects.filter(
        version=version.dataset_version_id, split=Split.TRAIN, label__in=[*version.classes, *examples]
    )


def near_duplicates_of(asked: Iterable[Micrograph], others: Any) -> set[UUID]:
    """Keys of the micrographs that have a near-duplicate among ``others``."""
    pks = [micrograph.pk for micrograph in asked]
    pairs = NearDuplicate.objects.filter(dismissed_at=None)
    found = pairs.filter(first__in=pks, second__in=others).values_list("first", flat=True)
    return set(found.union(pairs.filter(second__in=pks, first__in=others).values_list("second", flat=True)))


def named(names: list[str]) -> str:
    """The first few names and the number of the others, as text."""
    more = len(names) - NAMED_AT_MOST
    shown = ", ".join(names[:NAMED_AT_MOST])
    return shown if more <= 0 else shown + _(" and %d more") % more


def _sentences(version: ModelVersion, leak: Leak) -> list[str]:
    wordings = {
        _("%(version)s was trained on %(names)s: leave it out of the quiz, or train a version without it."): [
            m.filename for m in leak.seen
        ],
        _("%(version)s was trained on the same specimen as %(names)s: leave that out of the quiz."): [
            f"{m.filename} ({m.specimen})" for m in leak.by_specimen
        ],
        _(
            "%(version)s was trained on a near-duplicate of %(names)s: leave that out of the quiz, or say on its page "
            "that the two pictures differ."
        ): [m.filename for m in leak.alike],
    }
    return [wording % {"version": version, "names": named(names)} for wording, names in wordings.items() if names]
