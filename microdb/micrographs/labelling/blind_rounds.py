"""Blind rounds: which micrographs a round takes, whose answers stand where, and what a rater still has to label."""

from dataclasses import dataclass, field

from django.db.models import Q, QuerySet

from microdb.accounts.models import User
from microdb.micrographs.labelling.inter_rater import AgreementTable, agreement_table
from microdb.micrographs.models import BlindItem, BlindRound, Split

SCOPES = {
    "unlabelled": Q(material_class=None, none_of_these=False),
    "labelled": Q(material_class__isnull=False) | Q(none_of_these=True),
    "quiz": Q(split=Split.QUIZ),
}
"""The micrographs of a dataset that a round may take, by the name of the choice."""


def answer_column(blind: BlindRound, user: User) -> str | None:
    """The field of an item that holds this person's answer; None where they are no rater of the round."""
    return {blind.first_id: "first_answer", blind.second_id: "second_answer"}.get(user.pk)


def shown_items(blind: BlindRound) -> QuerySet[BlindItem]:
    """The items of a round, without those whose micrograph is withheld from the viewer of its dataset."""
    return blind.items.exclude(micrograph__in=blind.dataset.withheld)


def rater_progress(blind: BlindRound, column: str) -> dict[str, int]:
    """How many items of the round the rater of ``column`` has answered, of how many."""
    items = shown_items(blind)
    return {"labelled": items.exclude(**{column: ""}).count(), "total": items.count()}


def unanswered(blind: BlindRound, column: str, *, after: int) -> QuerySet[BlindItem]:
    """The items after position ``after`` that the rater of ``column`` has to answer, in the order of the round."""
    left = shown_items(blind).filter(position__gt=after, settled_answer="", micrograph__trashed_at=None)
    return left.filter(**{column: ""}).select_related("micrograph")


@dataclass(frozen=True)
class RoundOutcome:
    """How far both are, and once both are through their agreement and the items that they answered differently."""

    total: int
    first_answered: int
    second_answered: int
    settled: int = 0
    agreed: int = 0
    """Items with the same answer that are not settled yet."""
    conflicts: list[BlindItem] = field(default_factory=list)
    agreement: AgreementTable | None = None

    @property
    def complete(self) -> bool:
        return self.agreement is not None


def round_outcome(blind: BlindRound) -> RoundOutcome:
    """Of the items that the viewer may see. Before both are through, nobody learns an answer of the other."""
    items = list(shown_items(blind).select_related("micrograph"))
    first = sum(bool(item.first_answer) for item in items)
    second = sum(bool(item.second_answer) for item in items)
    if min(first, second) < len(items):
        return RoundOutcome(len(items), first, second)
    still_open = [item for item in items if not item.settled_answer]
    conflicts = [item for item in still_open if item.first_answer != item.second_answer]
    return RoundOutcome(
        total=len(items),
        first_answered=first,
        second_answered=second,
        settled=len(items) - len(still_open),
        agreed=len(still_open) - len(conflicts),
        conflicts=conflicts,
        agreement=agreement_table((item.first_answer, item.second_answer) for item in items),
    )
