"""A proposal which micrographs to train on and which to ask in a quiz, so that no specimen is on both sides."""

import random
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from microdb.micrographs.models import NONE_OF_THESE, Dataset, Micrograph, NearDuplicate

DRAWS = 40
"""Random orders tried; the one whose quiz comes nearest to its shares is proposed."""


@dataclass(frozen=True)
class Side:
    """Of one label: micrographs and specimens on one side."""

    micrographs: int
    specimens: int


@dataclass(frozen=True)
class Proposal:
    """Keys for each side, and per label (name, train, quiz); ``unnamed`` micrographs name no specimen."""

    train: list[UUID]
    quiz: list[UUID]
    rows: list[tuple[str, Side, Side]]
    unnamed: int


def propose_split(dataset: Dataset, *, quiz_share: float, seed: int) -> Proposal:
    """Whole specimens to either side, so that the quiz has about ``quiz_share`` (0 to 1) of each class.

    Near-duplicates stay together, too. A micrograph without a specimen counts as one of its own. What is none of these
    goes into the quiz, for nothing trains on it. The same seed gives the same proposal.
    """
    known = list(dataset.shown().ready().labelled().with_scale().select_related("material_class").order_by("pk"))
    groups = _groups(known, dataset)
    counts = Counter(one.label for one in known)
    wanted = {label: quiz_share * count for label, count in counts.items() if label != NONE_OF_THESE}
    chance = random.Random(seed)
    drawn = (_draw(groups, dict(wanted), chance) for _ in range(DRAWS))
    train, quiz, _missed = min(drawn, key=lambda draw: draw[2])
    rows = [(label, _side(train, label), _side(quiz, label)) for label in sorted(counts, key=_none_last)]
    unnamed = sum(not one.specimen for one in known)
    return Proposal([one.pk for one in train], [one.pk for one in quiz], rows, unnamed)


def _draw(
    groups: list[list[Micrograph]], room: dict[str, float], chance: random.Random
) -> tuple[list[Micrograph], list[Micrograph], float]:
    """Train, quiz, and how far the quiz is from its shares, for the groups taken in a random order."""
    train: list[Micrograph] = []
    quiz: list[Micrograph] = []
    for group in chance.sample(groups, len(groups)):
        (quiz if _fits(group, room) else train).extend(group)
    return train, quiz, sum(left**2 for left in room.values())


def _fits(group: list[Micrograph], room: dict[str, float]) -> bool:
    """Whether the quiz comes nearer to its shares with this group; takes the room if so."""
    own = Counter(one.label for one in group if one.label != NONE_OF_THESE)
    if own and sum((room[label] - count) ** 2 - room[label] ** 2 for label, count in own.items()) >= 0:
        return False
    for label, count in own.items():
        room[label] -= count
    return True


def _groups(micrographs: Iterable[Micrograph], dataset: Dataset) -> list[list[Micrograph]]:
    """What may not be parted: one specimen, and near-duplicates of any specimen."""
    parent: dict[object, object] = {}

    def root(key: object) -> object:
        while parent.setdefault(key, key) != key:
            key = parent[key]
        return key

    members = list(micrographs)
    for one in members:
        parent[root(one.pk)] = root(one.specimen or one.pk)
    pairs = (
        NearDuplicate.objects.filter(first__dataset=dataset, dismissed_at=None)
        .order_by()
        .values_list("first", "second")
    )
    for first, second in pairs:
        parent[root(first)] = root(second)
    groups: dict[object, list[Micrograph]] = defaultdict(list)
    for one in members:
        groups[root(one.pk)].append(one)
    return list(groups.values())


def _side(micrographs: Iterable[Micrograph], label: str) -> Side:
    own = [one for one in micrographs if one.label == label]
    return Side(len(own), len({one.specimen or one.pk for one in own}))


def _none_last(label: str) -> tuple[bool, str]:
    return label == NONE_OF_THESE, label
