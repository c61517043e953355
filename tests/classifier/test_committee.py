"""The committee's folds, and mixtures that speak together."""

import numpy as np

from classifier.committee import hold_out_folds
from classifier.mixture import Committee, Mixture
from classifier.training_images import TrainingImages


def images(labels: list[int], specimens: list[str]) -> TrainingImages:
    classes = tuple("abcdef"[: max(labels) + 1])
    return TrainingImages([], np.array(labels), specimens, classes)


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


def test_too_few_specimens_hold_nothing_out():
    folds = hold_out_folds(images([0, 0, 1, 1], ["one", "one", "two", "two"]), 3, seed=0)
    assert [(len(inside), len(out)) for inside, out in folds] == [(4, 0)] * 3


def test_a_committee_says_what_its_members_say_on_average(rng):
    labels = np.repeat([0, 1], 50)
    x = rng.normal(size=(100, 4)) + 3 * labels[:, None]
    members = []
    for columns in (x[:, :2], x[:, 2:]):
        fitted = Mixture.fit(columns, labels, [50, 50], 1.0)
        members.append(fitted.with_threshold_in_spreads(-1.5))
    committee = Committee(tuple(members))
    expected = (members[0].crop_probabilities(x[:, :2]) + members[1].crop_probabilities(x[:, 2:])) / 2
    np.testing.assert_allclose(committee.crop_probabilities(x), expected)
    again = Committee.of_arrays(committee.arrays())
    np.testing.assert_array_equal(again.crop_probabilities(x), committee.crop_probabilities(x))
