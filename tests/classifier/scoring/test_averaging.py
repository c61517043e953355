"""Early stopping, saliency and the network's parts."""

import numpy as np
import pytest
import torch

from classifier.config import Config
from classifier.crops.plan import Plan
from classifier.recipes import build_network
from classifier.scoring.averaging import is_settled
from classifier.scoring.saliency import overlay, saliency_map


def test_a_unanimous_image_is_settled_and_a_torn_one_is_not(rng):
    unanimous = np.tile([0.9, 0.1, 0.0], (16, 1))
    torn = np.eye(3)[rng.integers(0, 2, 64)]
    assert is_settled(unanimous, 0.99, looks=16)
    assert not is_settled(torn, 0.99, looks=16)


def test_stopping_is_seldom_wrong(rng):
    """With a true lead of 10 points, far fewer than 1 in 100 stop on the wrong label."""
    wrong = 0
    for _ in range(300):
        crops = np.eye(2)[(rng.random(1000) < 0.45).astype(int)]
        for stop in range(64, 1001, 64):
            if is_settled(crops[:stop], 0.99, looks=16):
                wrong += int(crops[:stop].mean(0).argmax() != 0)
                break
    assert wrong <= 3


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


def test_an_overlay_is_dark_where_nothing_is_known():
    gray = np.tile(np.linspace(0, 1, 64, dtype=np.float32), (64, 1))
    known = np.zeros((8, 8, 3), np.float32)
    known[:, :4, 0], known[:, 4:, 2] = 1, 1
    picture = overlay(gray, known)
    assert picture.shape == (64, 64, 3)
    assert picture[:, 10:20].mean() > picture[:, 44:54].mean()


def test_scale_changes_the_descriptor_of_the_same_crop():
    network = build_network(Config(recipe="paper"), torch.device("cpu"), torch.Generator().manual_seed(0)).eval()
    crop = torch.randn((1, 1, 200, 200), generator=torch.Generator().manual_seed(1)).expand(2, 1, 200, 200)
    one, other = network(crop, torch.tensor([0.0, 5.0]))
    assert not torch.allclose(one, other)


def test_the_papers_network_has_several_million_parameters():
    config = Config.from_dict({"recipe": "paper"})
    network = build_network(config, torch.device("cpu"), torch.Generator().manual_seed(0))
    assert 3e6 < sum(p.numel() for p in network.parameters()) < 1e7
