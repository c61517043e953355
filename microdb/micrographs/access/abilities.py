"""What somebody who sees a dataset may do in it; pages hide what would be refused."""

from dataclasses import dataclass

from microdb.accounts.models import User
from microdb.micrographs.models import Change, Dataset, Membership, Role

OF_LABELLERS = frozenset({Change.Field.LABEL, Change.Field.SCALE, Change.Field.DATA_BAR, Change.Field.MASKED})
"""Fields of a micrograph that a labeller may change; the rest is a curator's."""


@dataclass(frozen=True)
class Abilities:
    """A role, taken apart."""

    role: str

    @property
    def member(self) -> bool:
        return self.role != ""

    @property
    def label(self) -> bool:
        return self.role in Role.at_least(Role.LABELLER)

    @property
    def curate(self) -> bool:
        return self.role in Role.at_least(Role.CURATOR)

    @property
    def own(self) -> bool:
        return self.role == Role.OWNER


def abilities_in(dataset: Dataset, user: object) -> Abilities:
    """What ``user`` may do; superusers have every role, and people who are no members have none."""
    if not isinstance(user, User):
        return Abilities("")
    if user.is_superuser:
        return Abilities(Role.OWNER)
    role = Membership.objects.filter(dataset=dataset, user=user).values_list("role", flat=True).first()
    return Abilities(role or "")
