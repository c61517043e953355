"""Data leakage: micrographs that a competing model version knows from its training, so a quiz must not ask them."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet
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
    keys = {micrograph.pk for micrograph in asked}
    partners = near_duplicates_of(keys)
    known = set(trained.filter(micrograph__in=keys.union(*partners.values())).values_list("micrograph", flat=True))
    # Whether there is an entry of the specimen: there may be a hundred thousand
    of_specimen = Exists(trained.filter(specimen=OuterRef("specimen")))
    named = Micrograph.objects.filter(of_specimen, pk__in=keys).exclude(specimen="").order_by()
    by_specimen = set(named.values_list("pk", flat=True)) - known
    alike = {pk for pk, others in partners.items() if not known.isdisjoint(others)} - known - by_specimen
    return Leak(*([m for m in asked if m.pk in kind] for kind in (known, by_specimen, alike)))


def trained_entries(version: ModelVersion) -> "QuerySet[DatasetVersionEntry]":
    """The micrographs that a version was trained on, as its dataset version has them."""
    if version.imported:  # trained elsewhere: its file lists what on
        return DatasetVersionEntry.objects.order_by().filter(
            version=version.dataset_version_id, micrograph__sha256__in=version.model_import.trained_on
        )
    # Micrographs labelled none-of-these train as well, but did not before format version 3
    examples = [NONE_OF_THESE] if version.metrics.get("none_of_these") else []
    return DatasetVersionEntry.objects.order_by().filter(
        version=version.dataset_version_id, split=Split.TRAIN, label__in=[*version.classes, *examples]
    )


def near_duplicates_of(keys: Collection[UUID]) -> dict[UUID, set[UUID]]:
    """The near-duplicates of each of these micrographs that has some."""
    pairs = NearDuplicate.objects.filter(dismissed_at=None).order_by()
    found: dict[UUID, set[UUID]] = defaultdict(set)
    for one, other in (("first", "second"), ("second", "first")):
        for pk, near in pairs.filter(**{f"{one}__in": keys}).values_list(one, other):
            found[pk].add(near)
    return found


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
