"""Drawn materials of the background."""

import numpy as np
import pytest

from classifier import ClassifierError
from classifier.synthetic.background import BACKGROUND_KINDS, draw_background


@pytest.mark.parametrize("kind", BACKGROUND_KINDS)
def test_the_same_seed_draws_the_same_picture_and_another_seed_another(kind):
    first, again, other = (draw_background(kind, seed=seed, side=96) for seed in (3, 3, 4))
    assert first.shape == (96, 96)
    assert first.dtype == np.uint8
    assert first.std() > 5
    np.testing.assert_array_equal(first, again)
    assert (first != other).mean() > 0.5


def test_the_kinds_differ():
    pictures = [draw_background(kind, seed=1, side=96).ravel().astype(float) for kind in BACKGROUND_KINDS]
    correlation = np.corrcoef(pictures) - np.eye(len(pictures))
    assert np.abs(correlation).max() < 0.9


@pytest.mark.parametrize(
    ("kind", "seed", "side", "sentence"),
    [
        ("cheese", 0, 448, "Wanted one of powder, .*; given 'cheese'"),
        ("powder", -1, 448, "Wanted a seed of 0 or more; given -1"),
        ("powder", 0, 8, "Wanted a side of 64 to 2048 pixels; given 8"),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_a_sentence(kind, seed, side, sentence):
    with pytest.raises(ClassifierError, match=sentence):
        draw_background(kind, seed=seed, side=side)
