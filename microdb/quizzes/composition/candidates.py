"""Candidates for a quiz: held-out micrographs, a balanced draw of them, and exemplars of each class."""

import random
from collections import defaultdict
from collections.abc import Iterable

from microdb.micrographs.models import Dataset, Micrograph, MicrographQuerySet, Split
from microdb.quizzes.composition.leakage import near_duplicates_of

EXEMPLARS_PER_CLASS = 3
OFFERED_PER_CLASS = 12


def candidate_questions(dataset: Dataset) -> MicrographQuerySet:
    """Micrographs of split quiz that are readable, have a label (or none of these) and a scale."""
    candidates = dataset.shown().ready().labelled().with_scale().filter(split=Split.QUIZ)
    return candidates.select_related("material_class", "dataset").order_by(
        "none_of_these", "material_class__position", "filename", "id"
    )


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
        specimen = micrograph.specimen or str(micrograph.pk)
        ranked.append((seen[specimen], micrograph))
        seen[specimen] += 1
    return [micrograph for _rank, micrograph in sorted(ranked, key=lambda pair: pair[0])]


def choose_exemplars(dataset: Dataset, questions: Iterable[Micrograph]) -> list[Micrograph]:
    """Train micrographs of each class, without near-duplicates of the questions and without their specimens."""
    asked = list(questions)
    specimens = {micrograph.specimen for micrograph in asked if micrograph.specimen}
    train = dataset.micrographs.ready().filter(split=Split.TRAIN, material_class__isnull=False)
    train = train.exclude(pk__in=near_duplicates_of(train, [micrograph.pk for micrograph in asked]))
    train = train.exclude(specimen__in=specimens).exclude(pk__in=[micrograph.pk for micrograph in asked])
    chosen: list[Micrograph] = []
    for material_class in dataset.material_classes.all():
        of_class = train.filter(material_class=material_class).order_by("filename", "id")[:200]
        chosen += spread_over_specimens(of_class)[:EXEMPLARS_PER_CLASS]
    return chosen


def candidate_exemplars(dataset: Dataset) -> list[Micrograph]:
    """Train micrographs of each class from which an organiser can choose examples."""
    train = dataset.shown().ready().filter(split=Split.TRAIN).select_related("material_class")
    offered: list[Micrograph] = []
    for material_class in dataset.material_classes.all():
        of_class = train.filter(material_class=material_class).order_by("filename", "id")[:200]
        offered += spread_over_specimens(of_class)[:OFFERED_PER_CLASS]
    return offered
