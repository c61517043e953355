"""Losses of image quality."""

import numpy as np
import pytest
import torch

from classifier import Config
from classifier.crops.degradation import DEGRADATIONS, degraded, degraded_pyramid, resized
from classifier.crops.pyramid import build_pyramid
from tests.classifier.conftest import dots


@pytest.mark.parametrize("name", DEGRADATIONS)
def test_each_keeps_the_picture_but_not_its_pixels(name, rng):
    pixels = dots(rng)
    before = pixels.copy()
    after = DEGRADATIONS[name](pixels, rng)
    np.testing.assert_array_equal(pixels, before)
    assert (after.shape, after.dtype) == (pixels.shape, np.uint8)
    assert (after != pixels).any()
    assert np.corrcoef(after.ravel(), pixels.ravel())[0, 1] > 0.8


def test_a_random_degradation_depends_on_the_random_state_alone(rng):
    pixels = dots(rng)
    first, again, other = (degraded(pixels, np.random.default_rng(seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_no_degradation_leaves_one_gray_value(rng):
    faint = np.full((40, 40), 100, np.uint8)
    faint[20, 20] = 101
    for seed in range(30):
        assert len(np.unique(degraded(faint, np.random.default_rng(seed)))) > 1


def test_a_degraded_copy_keeps_its_scale(rng):
    pyramid = build_pyramid(dots(rng).astype(np.float32), 7.0, Config(), torch.device("cpu"))
    copy = degraded_pyramid(pyramid, Config(), np.random.default_rng(0))
    assert (copy.shape, copy.pixels_per_micrometre) == (pyramid.shape, 7.0)
    assert not torch.equal(copy.levels[0], pyramid.levels[0])


def test_half_the_size_averages_pixels():
    pixels = np.kron(np.array([[10, 20], [30, 40]], np.uint8), np.ones((4, 4), np.uint8))
    np.testing.assert_array_equal(resized(pixels, 0.5), pixels[::2, ::2])
