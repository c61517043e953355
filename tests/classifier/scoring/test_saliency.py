"""The saliency map and its overlay."""

import numpy as np
import pytest
import torch

from classifier.config import Config
from classifier.crops.plan import Plan
from classifier.crops.pyramid import Pyramid, build_pyramid
from classifier.samples import Rectangle
from classifier.scoring.averaging import Average
from classifier.scoring.overlay import saliency_overlay
from classifier.scoring.saliency import saliency_map, window_map


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


def pictured(width: int, height: int, masked: tuple[Rectangle, ...] = ()) -> Pyramid:
    gray = np.random.default_rng(0).normal(size=(height, width)).astype(np.float32)
    return build_pyramid(gray, 1.0, Config(), torch.device("cpu"), masked)


def even_windows(x: list[float], y: list[float], side: float, probabilities: np.ndarray) -> Average:
    across, down = (places.ravel() for places in np.meshgrid(x, y))
    count = len(across)
    plan = Plan(np.zeros(count, int), across, down, np.full(count, side), np.zeros(count), np.zeros(count, bool))
    return Average((plan,), probabilities, np.zeros((count, 2)))


def test_each_cell_has_the_answer_of_the_window_around_it_and_the_border_that_of_the_nearest():
    answers = np.array([[1.0, 0.0], [0.6, 0.4], [0.2, 0.8]])
    found = window_map(even_windows([40.0, 56.0, 72.0], [40.0], 80.0, answers), pictured(112, 80))
    assert found.cells.shape == (5, 7, 2)
    np.testing.assert_allclose(found.cells[2, :, 0], [1, 1, 1, 0.6, 0.2, 0.2, 0.2], atol=1e-6)
    np.testing.assert_array_equal(found.cells[0], found.cells[2])
    assert found.window == pytest.approx(80 / 112)


def test_one_window_fills_the_map():
    found = window_map(even_windows([32.0], [32.0], 64.0, np.array([[0.3, 0.7]])), pictured(64, 64))
    np.testing.assert_allclose(found.cells, np.tile(np.float32([0.3, 0.7]), (1, 1, 1)))


def test_cells_in_masked_rectangles_have_no_outcome_in_a_map_of_windows():
    answers = np.tile([0.5, 0.5], (9, 1))
    centres = [40.0, 56.0, 72.0]
    found = window_map(even_windows(centres, centres, 80.0, answers), pictured(112, 112, (Rectangle(0, 0, 32, 48),)))
    assert found.cells[:3, :2].max() == 0
    assert found.cells[3:, 2:].min() == 0.5
