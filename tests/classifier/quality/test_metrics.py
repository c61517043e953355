"""Metrics against their formulas, and splits that keep each specimen on one side."""

import math

import numpy as np
import pytest

from classifier import ClassifierError, Sample
from classifier.quality.controls import best_constant_accuracy, scale_only_predictions
from classifier.quality.folds import grouped_folds
from classifier.quality.held_out import hold_out
from classifier.quality.metrics import calibration, summary, wilson_interval


@pytest.mark.parametrize(("hits", "count"), [(0, 5), (29, 36), (21, 21), (1, 1), (40, 100)])
def test_interval_is_wilsons(hits, count):
    share, z = hits / count, 1.959964
    centre = (share + z**2 / (2 * count)) / (1 + z**2 / count)
    half = z / (1 + z**2 / count) * math.sqrt(share * (1 - share) / count + z**2 / (4 * count**2))
    assert wilson_interval(hits, count) == pytest.approx((centre - half, centre + half), abs=1e-6)


def test_the_interval_of_no_predictions_is_everything():
    assert wilson_interval(0, 0) == (0.0, 1.0)


def test_summary_agrees_with_counting_by_hand():
    actual = ["a", "a", "a", "b", "none-of-these"]
    predicted = ["a", "b", "none-of-these", "b", "none-of-these"]
    result = summary(actual, predicted, ["a", "b"])
    assert result["confusion"] == [[1, 1, 1], [0, 1, 0], [0, 0, 1]]
    assert result["accuracy"] == 0.6
    assert result["per_class_recall"] == pytest.approx({"a": 1 / 3, "b": 1.0, "none-of-these": 1.0})
    assert result["balanced_accuracy"] == pytest.approx((1 / 3 + 1 + 1) / 3)


def test_no_constant_answer_is_more_accurate_than_the_control():
    labels = ["a", "c", "b", "b", "a", "b"]
    assert best_constant_accuracy(labels) == max(np.mean([one == label for one in labels]) for label in "abc")
    assert best_constant_accuracy([]) is None


def test_the_scale_alone_predicts_the_class_of_similar_scales():
    labels, scales = ["a", "a", "a", "b", "b", "b", "b"], [1.0, 1.1, 0.9, 100, 110, 90, 95]
    assert scale_only_predictions(labels, scales, [1.0, 105.0]) == ["a", "b"]


def test_calibration_has_brier_score_expected_error_and_reliability_table():
    result = calibration([0.9, 0.8, 0.3], [True, True, False])
    assert result["brier"] == pytest.approx((0.01 + 0.04 + 0.09) / 3)
    assert [(row["right"], row["count"]) for row in result["reliability"]] == [(0.0, 1), (1.0, 1), (1.0, 1)]
    assert result["expected_calibration_error"] == pytest.approx((0.3 + 0.2 + 0.1) / 3)


def test_calibration_averages_within_ten_equal_bins():
    result = calibration([0.91, 0.99, 1.0, 0.41], [True, False, True, True])
    assert result["reliability"] == [
        pytest.approx({"stated": 0.41, "right": 1.0, "count": 1}),
        pytest.approx({"stated": 2.9 / 3, "right": 2 / 3, "count": 3}),
    ]
    assert result["expected_calibration_error"] == pytest.approx((0.59 + 3 * 0.3) / 4)


def test_calibration_of_no_predictions_is_unknown():
    unknown = dict.fromkeys(("brier", "expected_calibration_error", "expected_by_chance"))
    assert calibration([], []) == {**unknown, "reliability": []}


def test_the_calibration_error_by_chance_is_that_of_calibrated_probabilities(rng):
    stated = rng.uniform(0.3, 1, 60)
    errors = []
    for _ in range(400):
        drawn = rng.random(60) < stated
        errors.append(calibration(stated.tolist(), drawn.tolist())["expected_calibration_error"])
    assert calibration(stated.tolist(), [True] * 60)["expected_by_chance"] == pytest.approx(np.mean(errors), rel=0.05)


def test_hold_out_takes_whole_specimens_and_leaves_two_of_every_class():
    for seed in range(20):
        rng = np.random.default_rng(seed)
        labels = [str(c) for c in rng.choice(list("abc"), 60, p=[0.7, 0.2, 0.1])]
        specimens = [f"s{i}" for i in rng.integers(0, 15, 60)]
        out = hold_out(labels, specimens, 0.2, rng)
        held = {s for s, o in zip(specimens, out, strict=True) if o}
        assert not held & {s for s, o in zip(specimens, out, strict=True) if not o}
        for label in set(labels):
            if labels.count(label) >= 2:
                assert sum(name == label and not o for name, o in zip(labels, out, strict=True)) >= 2
        assert math.isclose(out.mean(), 0.2, abs_tol=0.15)


def test_hold_out_takes_nothing_from_a_class_that_needs_all_its_images(rng):
    assert not hold_out(["a", "a", "b", "b"], ["1", "2", "3", "4"], 0.2, rng).any()


def samples_of(count: int) -> list[Sample]:
    blank = np.zeros((40, 40), np.uint8)
    return [Sample(blank, "ab"[i % 2], 1.0, f"s{i // 4}") for i in range(count)]


def test_folds_keep_each_specimen_on_one_side_and_cover_everything():
    samples = samples_of(40)
    covered: list[int] = []
    for training, held in grouped_folds(samples, 5, seed=0):
        assert not {samples[i].specimen for i in training} & {samples[i].specimen for i in held}
        covered += held
    assert sorted(covered) == list(range(40))


def test_more_folds_than_specimens_are_refused():
    with pytest.raises(ClassifierError, match="fewer folds or more specimens"):
        list(grouped_folds(samples_of(8), 5, seed=0))


def test_folds_of_classes_that_all_have_fewer_images_are_refused():
    samples = [Sample(np.zeros((1, 1)), f"class {index % 4}", 1.0, f"specimen {index}") for index in range(12)]
    with pytest.raises(ClassifierError, match="the largest has 3; give fewer folds"):
        list(grouped_folds(samples, 5, seed=0))


def test_a_class_with_fewer_images_than_folds_is_split_without_a_warning(recwarn):
    samples = [
        Sample(np.zeros((1, 1)), "few" if index < 2 else "many", 1.0, f"specimen {index}") for index in range(12)
    ]
    assert len(list(grouped_folds(samples, 5, seed=0))) == 5
    assert not recwarn.list
