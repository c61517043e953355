"""Candidates for a quiz: held-out micrographs, a balanced draw of them, and exemplars of each class.

A dataset may have a million candidates, so nothing here reads more than some hundreds of each label.
"""

import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from uuid import UUID

from microdb.micrographs.models import Dataset, MaterialClass, Micrograph, MicrographQuerySet, Split
from microdb.quizzes.composition.leakage import leaking_micrographs, near_duplicates_of
from microdb.quizzes.composition.rules import QUESTIONS_AT_MOST
from microdb.training.models import ModelVersion

EXEMPLARS_PER_CLASS = 3
OFFERED_PER_CLASS = 12
EXEMPLARS_SAMPLED = 200
"""Train micrographs of a class among which examples are looked for."""
SPARE = 100
"""How many more micrographs of a label than are wanted a draw reads at once."""
READS_AT_MOST = 10
"""Of a label, where those that were read leak or share few specimens."""


def candidate_questions(dataset: Dataset) -> MicrographQuerySet:
    """Micrographs of split quiz that are readable, have a label (or none of these) and a scale."""
    candidates = dataset.shown().ready().labelled().with_scale().filter(split=Split.QUIZ)
    return candidates.select_related("material_class", "dataset").order_by(
        "none_of_these", "material_class__position", "filename", "id"
    )


def offered_questions(dataset: Dataset, chosen: Iterable[UUID]) -> list[Micrograph]:
    """The candidates that an organiser sees: the ``chosen`` ones, and of each label as many as a quiz has room for.

    Keys are random, so the first by key are a random sample, which is the same each time.
    """
    kept = set(chosen)
    samples = [
        rows.order_by("pk").values_list("pk", flat=True)[:QUESTIONS_AT_MOST] for rows in _candidates_by_label(dataset)
    ]
    others = [[pk for pk in sample if pk not in kept] for sample in samples]
    share = _equal_share([len(of_label) for of_label in others], QUESTIONS_AT_MOST - len(kept))
    offered = kept.union(*(of_label[:share] for of_label in others))
    return list(candidate_questions(dataset).filter(pk__in=offered))


def draw_questions(
    dataset: Dataset, competitors: Iterable[ModelVersion], *, per_class: int, seed: int
) -> list[Micrograph]:
    """``balanced_draw`` from the candidates that leak to no competitor, at most as many as a quiz may ask.

    A seed gives the same draw again.
    """
    fair = _fair_sample(dataset, list(competitors), per_class, random.Random(seed))
    room = _equal_share(list(Counter(m.label for m in fair).values()), QUESTIONS_AT_MOST)
    return balanced_draw(fair, per_class=min(per_class, room), seed=seed)


def balanced_draw(candidates: Iterable[Micrograph], *, per_class: int, seed: int) -> list[Micrograph]:
    """Up to ``per_class`` micrographs of each label, from as many specimens as there are."""
    chance = random.Random(seed)
    by_label: dict[str, list[Micrograph]] = defaultdict(list)
    for micrograph in candidates:
        by_label[micrograph.label].append(micrograph)
    drawn: list[Micrograph] = []
    for micrographs in by_label.values():
        chance.shuffle(micrographs)
        drawn += spread_over_specimens(micrographs)[:per_class]
    return drawn


def spread_over_specimens(micrographs: Iterable[Micrograph]) -> list[Micrograph]:
    """The micrographs reordered: first one of each specimen, then a second of each; otherwise in their order."""
    seen: dict[str, int] = defaultdict(int)
    ranked = []
    for micrograph in micrographs:
        specimen = _specimen(micrograph)
        ranked.append((seen[specimen], micrograph))
        seen[specimen] += 1
    return [micrograph for _rank, micrograph in sorted(ranked, key=lambda pair: pair[0])]


def choose_exemplars(dataset: Dataset, questions: Iterable[Micrograph]) -> list[Micrograph]:
    """Train micrographs of each class, without near-duplicates of the questions and without their specimens."""
    asked = list(questions)
    keys = {micrograph.pk for micrograph in asked}
    specimens = {micrograph.specimen for micrograph in asked if micrograph.specimen}
    related = keys.union(*near_duplicates_of(keys).values())
    train = dataset.micrographs.ready().filter(split=Split.TRAIN).exclude(pk__in=related)
    return _exemplars(dataset, train.exclude(specimen__in=specimens), EXEMPLARS_PER_CLASS)


def train_micrographs(dataset: Dataset) -> MicrographQuerySet:
    """Those from which an organiser can choose examples."""
    return dataset.shown().ready().filter(split=Split.TRAIN)


def candidate_exemplars(dataset: Dataset) -> list[Micrograph]:
    """Some of each class, which the organiser sees."""
    return _exemplars(dataset, train_micrographs(dataset), OFFERED_PER_CLASS)


def _exemplars(dataset: Dataset, train: MicrographQuerySet, per_class: int) -> list[Micrograph]:
    """Micrographs of each class, from as many specimens as a sample of the class has."""
    chosen: list[UUID] = []
    for material_class in dataset.material_classes.all():
        of_class = _labelled(train, material_class).only("dataset", "filename", "specimen")
        sample = of_class.order_by("pk")[:EXEMPLARS_SAMPLED]
        in_order = sorted(sample, key=lambda one: (one.filename, one.pk))
        chosen += [micrograph.pk for micrograph in spread_over_specimens(in_order)[:per_class]]
    found = Micrograph.objects.select_related("material_class").in_bulk(chosen)
    return [found[pk] for pk in chosen]


def _candidates_by_label(dataset: Dataset) -> list[MicrographQuerySet]:
    """The candidates of each class and of none of these, with what a draw looks at."""
    candidates = candidate_questions(dataset).select_related(None).select_related("material_class")
    drawn_by = candidates.only("dataset", "specimen", "none_of_these", "material_class__name")
    return [_labelled(drawn_by, material_class) for material_class in [*dataset.material_classes.all(), None]]


def _labelled(rows: MicrographQuerySet, material_class: MaterialClass | None) -> MicrographQuerySet:
    """The rows of a class, or of none of these. The index ``micrograph_by_label`` has both columns."""
    return rows.filter(material_class=material_class, none_of_these=material_class is None)


def _fair_sample(
    dataset: Dataset, competitors: Sequence[ModelVersion], wanted: int, chance: random.Random
) -> list[Micrograph]:
    """Random candidates that leak to no competitor, of each label ``wanted`` specimens where there are so many."""
    fair: list[Micrograph] = []
    unread = [_windows(rows, wanted + SPARE, chance) for rows in _candidates_by_label(dataset)]
    for _read in range(READS_AT_MOST):
        windows = [next(label, []) for label in unread]
        read = [micrograph for window in windows for micrograph in window]
        leaking = leaking_micrographs(read, competitors)
        fair += [micrograph for micrograph in read if micrograph.pk not in leaking]
        specimens = Counter(label for label, _specimen in {(m.label, _specimen(m)) for m in fair})
        unread = [
            label
            for label, window in zip(unread, windows, strict=True)
            if window and specimens[window[0].label] < wanted
        ]
        if not unread:
            break
    return fair


def _windows(rows: MicrographQuerySet, size: int, chance: random.Random) -> Iterator[list[Micrograph]]:
    """All rows in the order of their keys, from a random one on and then from the first, ``size`` at a time.

    Keys are random, so each window is a random sample, and an index finds it without reading the other rows.
    """
    start = UUID(int=chance.getrandbits(128))
    for part in (rows.filter(pk__gte=start), rows.filter(pk__lt=start)):
        rest = part.order_by("pk")
        while window := list(rest[:size]):
            yield window
            rest = part.filter(pk__gt=window[-1].pk).order_by("pk")


def _equal_share(counts: Sequence[int], room: int) -> int:
    """The most of each that fit into ``room``; one of each if they don't fit at all."""
    fitting = (share for share in range(room, 1, -1) if sum(min(count, share) for count in counts) <= room)
    return next(fitting, int(room > 0))


def _specimen(micrograph: Micrograph) -> str:
    """Micrographs that name no specimen count as specimens of their own."""
    return micrograph.specimen or str(micrograph.pk)
