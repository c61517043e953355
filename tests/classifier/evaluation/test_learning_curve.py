"""The learning curve trains on whole specimens and scores the same held-out micrographs throughout."""

import numpy as np
import pytest

from classifier import Sample
from classifier.evaluation.learning_curve import choose_specimens, learning_curve
from tests.classifier.conftest import TINY, textures

BLANK = np.zeros((40, 40), np.uint8)


def many(count: int) -> list[Sample]:
    """Two thirds of class a, one of b; three images of a specimen."""
    return [Sample(BLANK, "aab"[i // 3 % 3], 1.0, f"s{i // 3}", f"{i}.png") for i in range(count)]


def test_a_share_has_whole_specimens_of_every_class_and_contains_the_smaller_one():
    samples, before = many(90), set()
    for share in (0.1, 0.3, 0.6, 1.0):
        some = [samples[i] for i in choose_specimens(samples, share, np.random.default_rng(5))]
        names = {sample.specimen for sample in some}
        assert all(sample.specimen not in names for sample in samples if sample not in some)
        for label in "ab":
            total = sum(sample.label == label for sample in samples)
            assert sum(sample.label == label for sample in some) == pytest.approx(share * total, abs=3)
        assert before <= names
        before = names
    assert len(some) == 90


def test_every_point_of_the_curve_is_evaluated_on_the_same_micrographs():
    points = learning_curve(textures(8), TINY.changed(triplets={"steps": 8}), folds=2, shares=(0.3, 0.4, 1.0))
    assert len(points) == 2, "0.3 and 0.4 of so few specimens select the same one"
    few, many = ([row["name"] for row in point.evaluation.predictions] for point in points)
    assert few == many
    assert len(few) == 16
    assert 4 <= points[0].images < points[1].images == 8
