"""Samples that can train, and the closed-set prediction of a verdict."""

import numpy as np
import pytest

from classifier import HIGHEST_SCALE, LOWEST_SCALE, ClassifierError, Sample, Verdict
from classifier.samples import checked_scale, training_set, without_small_classes

BLANK = np.zeros((40, 40), np.uint8)


def labelled(*labels: str | None) -> list[Sample]:
    return [Sample(BLANK, label, 1.0) for label in labels]


def test_the_nearest_is_a_class_even_if_none_of_these_is_predicted():
    verdict = Verdict("none-of-these", 0.5, {"a": 0.2, "b": 0.3}, none_of_these=0.5, crops=1, seed=0)
    assert verdict.nearest == "b"


def test_only_samples_with_a_class_train():
    kept = training_set(labelled("a", None, "a", "none-of-these", "b", "", "b"))
    assert [sample.label for sample in kept] == ["a", "a", "b", "b"]


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ((None, ""), "found no labelled micrograph"),
        (("a", "a", "none-of-these"), 'found only "a"'),
        (("a", "a", "b"), 'Class "b" has 1 image; give at least 2'),
    ],
)
def test_too_few_classes_or_images_are_refused(labels, message):
    with pytest.raises(ClassifierError, match=message):
        training_set(labelled(*labels))


def test_classes_with_one_image_are_removed():
    assert [sample.label for sample in without_small_classes(labelled("a", "b", "a", "c"))] == ["a", "a"]


@pytest.mark.parametrize("scale", [LOWEST_SCALE, 10.3, HIGHEST_SCALE])
def test_scales_up_to_the_bounds_are_accepted(scale):
    assert checked_scale(scale) == scale


@pytest.mark.parametrize(
    ("scale", "message"),
    [
        (None, "has no scale"),
        (0.0, "a number above 0"),
        (float("nan"), "a number above 0"),
        (LOWEST_SCALE / 2, "which no microscope has"),
        (HIGHEST_SCALE * 2, "which no microscope has"),
    ],
)
def test_other_scales_are_refused(scale, message):
    with pytest.raises(ClassifierError, match=message):
        checked_scale(scale)
