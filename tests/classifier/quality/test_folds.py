"""Folds keep whole specimens on one side."""

import numpy as np
import pytest
import torch

from classifier.config import Config
from classifier.crops.images import TrainingImages
from classifier.quality.folds import hold_out_folds
from classifier.samples import Sample

BLANK = np.zeros((64, 64), np.uint8)


def images(labels: list[int], specimens: list[str]) -> TrainingImages:
    classes = tuple("abcdef"[: max(labels) + 1])
    samples = [Sample(BLANK, classes[label], 1.0, name) for label, name in zip(labels, specimens, strict=True)]
    return TrainingImages(samples, classes, Config(), torch.device("cpu"))


def test_no_specimen_is_on_both_sides_and_most_are_held_out_once():
    labels = [0] * 12 + [1] * 12
    names = [f"{label}-{index // 2}" for index, label in enumerate(labels)]
    folds = hold_out_folds(images(labels, names), 3, seed=0)
    for inside, out in folds:
        assert not {names[i] for i in inside} & {names[i] for i in out}
        assert sorted([*inside, *out]) == list(range(24))
    assert sorted(np.concatenate([out for _, out in folds])) == list(range(24))


def test_a_class_of_one_specimen_stays_in_every_training_set():
    labels = [0] * 9 + [1] * 3
    names = [f"a{index}" for index in range(9)] + ["only"] * 3
    for inside, out in hold_out_folds(images(labels, names), 3, seed=1):
        assert set(range(9, 12)) <= set(inside)
        assert not set(range(9, 12)) & set(out)


def test_no_more_folds_than_specimens_and_none_of_one():
    folds = hold_out_folds(
        images([0, 0, 0, 0, 1, 1, 1, 1], ["one"] * 2 + ["two"] * 2 + ["one"] * 2 + ["two"] * 2), 5, 0
    )
    assert sorted(len(out) for _, out in folds) == [4, 4]
    assert hold_out_folds(images([0, 0, 1, 1], ["one"] * 4), 5, seed=0) == []


@pytest.mark.parametrize(("classes", "each"), [(2, 2), (50, 3), (3, 4)])
def test_classes_with_fewer_micrographs_than_folds_are_split_all_the_same(classes, each):
    labels = [label for label in range(classes) for _ in range(each)]
    names = [f"specimen-{index}" for index in range(len(labels))]
    samples = [Sample(BLANK, f"class-{label:02}", 1.0, name) for label, name in zip(labels, names, strict=True)]
    several = TrainingImages(samples, tuple(sorted({str(s.label) for s in samples})), Config(), torch.device("cpu"))
    folds = hold_out_folds(several, 5, seed=0)
    assert len(folds) == (each if each > 2 else 0)
    for inside, _ in folds:
        assert np.bincount(several.labels[inside], minlength=classes).min() >= 2
