"""The ensemble's folds, and mixtures that speak together."""

import numpy as np
import pytest
import torch

from classifier.config import Config
from classifier.crops.images import TrainingImages
from classifier.pretrained.rejection import HeldOutPrediction, choose_limits
from classifier.quality.folds import hold_out_folds
from classifier.samples import Sample
from classifier.scoring.ensemble import MixtureEnsemble
from classifier.triplet.mixture import Mixture, choose_temperature

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


def test_a_committee_says_what_its_members_say_on_average(rng):
    labels = np.repeat([0, 1], 50)
    x = rng.normal(size=(100, 4)) + 3 * labels[:, None]
    members = []
    for columns in (x[:, :2], x[:, 2:]):
        fitted = Mixture.fit(columns, labels, [50, 50], 1.0)
        members.append(fitted.with_standardised_threshold(-1.5))
    ensemble = MixtureEnsemble(tuple(members))
    expected = (members[0].crop_probabilities(x[:, :2]) + members[1].crop_probabilities(x[:, 2:])) / 2
    np.testing.assert_allclose(ensemble.crop_probabilities(x), expected)
    again = MixtureEnsemble.of_arrays(ensemble.arrays())
    np.testing.assert_array_equal(again.crop_probabilities(x), ensemble.crop_probabilities(x))


def test_a_strange_crop_is_none_of_these_whatever_the_members_say(rng):
    labels = np.repeat([0, 1], 50)
    x = rng.normal(size=(100, 2)) + 3 * labels[:, None]
    ensemble = MixtureEnsemble((Mixture.fit(x, labels, [50, 50], 1.0),), ood_threshold=2.0)
    said = ensemble.crop_probabilities(np.column_stack((x, np.where(labels == 0, 2.0, 2.1))))
    assert (said[labels == 0, -1] == 0).all()
    assert (said[labels == 1, -1] == 1).all()
    np.testing.assert_allclose(said.sum(1), 1)


def held_out_predictions(rng: np.random.Generator, count: int) -> list[HeldOutPrediction]:
    levels = rng.normal(size=(2, count))
    return [
        HeldOutPrediction(
            i, rng.normal(levels[0, i], size=30), rng.normal(levels[1, i], size=30), rng.normal(size=(30, 3))
        )
        for i in range(count)
    ]


def called_none(said: HeldOutPrediction, likelihood: float, familiarity: float) -> bool:
    posterior = np.exp(said.components) / np.exp(said.components).sum(1, keepdims=True)
    kept = (said.likelihood >= likelihood) & (said.familiarity >= familiarity)
    return bool((~kept).mean() > (posterior * kept[:, None]).mean(0).max())


@pytest.mark.parametrize("share", [0.0, 0.05, 0.2])
def test_both_limits_together_reject_no_more_than_allowed_and_higher_ones_would(rng, share):
    known = held_out_predictions(rng, 60)
    limits = choose_limits(known, 1.0, share)
    rejected = sum(called_none(said, limits.likelihood, limits.familiarity) for said in known)
    assert rejected <= share * 60
    if share:
        assert rejected > 0


def highest_limit(said: HeldOutPrediction, name: str) -> float:
    """The highest of its own windows' values that, as the only limit, still leaves it a class."""
    limits = {"likelihood": -np.inf, "familiarity": -np.inf}
    return max(value for value in getattr(said, name) if not called_none(said, **{**limits, name: value}))


@pytest.mark.parametrize(("count", "share"), [(1, 0.0), (7, 1.0), (40, 0.05), (90, 0.2), (90, 0.0)])
def test_the_limits_are_the_highest_of_all_pairs_that_reject_no_more_than_allowed(rng, count, share):
    known = held_out_predictions(rng, count)
    found = choose_limits(known, 1.0, share)
    alone = [sorted(highest_limit(said, name) for said in known) for name in ("likelihood", "familiarity")]
    pairs = [
        pair for pair in zip(*alone, strict=True) if sum(called_none(said, *pair) for said in known) <= share * count
    ]
    assert (found.likelihood, found.familiarity) == (max(pairs) if pairs else (alone[0][0], alone[1][0]))


def test_the_temperature_is_the_one_of_the_largest_likelihood(rng):
    labels = rng.integers(0, 3, size=80)
    # Components that are right on average but four times too sure
    sound = [rng.normal(size=(1, 3)) + 1.5 * np.eye(3)[label] for label in labels]
    shares = [np.exp(row) / np.exp(row).sum() for row in sound]
    truth = [int(rng.choice(3, p=share[0])) for share in shares]
    assert 2.5 < choose_temperature([4 * row for row in sound], truth) < 7
