"""The saliency map and its overlay."""

import numpy as np
import pytest

from classifier.crops.plan import Plan
from classifier.samples import Rectangle
from classifier.scoring.overlay import saliency_overlay
from classifier.scoring.saliency import saliency_map


def test_a_pixel_averages_the_crops_that_cover_it_by_inverse_area():
    left = Plan(*(np.array([v]) for v in (0, 50.0, 50.0, 100.0, 0.0, False)))
    small = Plan(*(np.array([v]) for v in (0, 25.0, 25.0, 50.0, 0.0, False)))
    found = saliency_map((100, 200), [left, small], [np.array([[1.0, 0.0, 0.0]]), np.array([[0.0, 1.0, 0.0]])])
    assert found.shape == (80, 160, 3)
    np.testing.assert_allclose(found[10, 10], [0.2, 0.8, 0.0], atol=1e-6)
    np.testing.assert_allclose(found[70, 70], [1, 0, 0], atol=1e-6)
    np.testing.assert_allclose(found[40, 120], [0, 0, 1], atol=1e-6)


def test_a_turned_crop_covers_a_turned_square():
    turned = Plan(*(np.array([v]) for v in (0, 80.0, 80.0, 80.0, np.pi / 4, False)))
    known = saliency_map((160, 160), [turned], [np.array([[1.0, 0.0]])])[..., 0]
    assert known[80, 80 + 50] == 1
    assert known[80 + 36, 80 + 36] == 0
    assert known.sum() == pytest.approx(80 * 80, rel=0.03)


def test_an_overlay_is_dark_where_it_is_none_of_these():
    gray = np.tile(np.linspace(0, 1, 64, dtype=np.float32), (64, 1))
    known = np.zeros((8, 8, 3), np.float32)
    known[:, :4, 0], known[:, 4:, 2] = 1, 1
    picture = saliency_overlay(gray, known)
    assert picture.shape == (64, 64, 3)
    assert picture[:, 10:20].mean() > picture[:, 44:54].mean()


def test_masked_cells_and_cells_without_a_crop_beside_them_belong_to_no_outcome():
    left = Plan(*(np.array([v]) for v in (0, 50.0, 50.0, 100.0, 0.0, False)))
    found = saliency_map((100, 200), [left], [np.array([[1.0, 0.0]])], [Rectangle(0, 50, 50, 50)])
    assert found[60, 10].tolist() == [0, 0]
    assert found[10, 10].tolist() == [1, 0]
    assert found[10, 120].tolist() == [0, 0]
