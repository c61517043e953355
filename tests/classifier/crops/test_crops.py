"""Crops show the right place at the right scale."""

import numpy as np
import pytest
import torch

from classifier.config import Config
from classifier.crops.augmentation import add_noise, augment, blur_spot, change_gamma, edges, scoring_crops, warp_field
from classifier.crops.cut import cut
from classifier.crops.plan import Plan, bounding_side, lattice_plan, log2_scale, part_of_each, random_plan
from classifier.crops.pyramid import build_pyramid, standardised

CPU = torch.device("cpu")
CONFIG = Config().changed(crops={"size": 200})


def window(x: float, y: float, side: float, angle: float = 0.0, mirrored: bool = False) -> Plan:
    one = [np.array([value]) for value in (0, float(x), float(y), float(side), float(angle), mirrored)]
    return Plan(*one)


def period_of(row: np.ndarray) -> float:
    """The dominant period in samples, from the peak of the zero-padded spectrum."""
    spectrum = np.abs(np.fft.rfft((row - row.mean()) * np.hanning(len(row)), 1 << 16))
    return (1 << 16) / int(spectrum[50:].argmax() + 50)


@pytest.mark.parametrize("side", [100, 200, 330, 480, 900])
def test_a_grating_keeps_its_physical_period(side):
    period, scale = 15.0, 5.0
    x = np.arange(1100)
    gray = np.tile(np.sin(2 * np.pi * x / period), (1000, 1)).astype(np.float32)
    pyramid = build_pyramid(gray, scale, CONFIG, CPU)
    plan = window(550, 500, side)
    crop = cut([pyramid], plan, 200)[0, 0].numpy()
    crop_scale = 2 ** float(log2_scale([pyramid], plan, CONFIG))
    assert crop_scale == pytest.approx(scale * 200 / side)
    assert period_of(crop[100]) / crop_scale == pytest.approx(period / scale, rel=0.02)


def test_a_crop_at_full_resolution_is_the_image_itself(rng):
    gray = rng.normal(size=(300, 320)).astype(np.float32)
    pyramid = build_pyramid(gray, 1.0, CONFIG, CPU)
    crop = cut([pyramid], window(150, 140, 200), 200)[0, 0].numpy()
    np.testing.assert_allclose(crop, standardised(gray)[40:240, 50:250], atol=0.04)


def test_a_quarter_turn_and_a_mirror_are_exact(rng):
    gray = rng.normal(size=(300, 320)).astype(np.float32)
    pyramid = build_pyramid(gray, 1.0, CONFIG, CPU)
    straight, turned, mirrored = (
        cut([pyramid], window(150, 140, 200, angle, mirror), 200)[0, 0].numpy()
        for angle, mirror in ((0, False), (np.pi / 2, False), (0, True))
    )
    np.testing.assert_allclose(turned, np.rot90(straight), atol=0.02)
    np.testing.assert_allclose(mirrored, straight[:, ::-1], atol=0.02)


@pytest.mark.parametrize("shape", [(481, 645), (3000, 1700), (64, 40), (399, 4000)])
def test_random_windows_stay_inside_whatever_the_size(shape, rng):
    pyramid = build_pyramid(rng.normal(size=shape).astype(np.float32), 2.0, CONFIG, CPU)
    plan = random_plan([pyramid], np.zeros(500, np.int64), CONFIG, torch.Generator().manual_seed(0))
    half = bounding_side(plan.side, plan.angle) / 2
    height, width = pyramid.shape
    assert (plan.x - half >= -1e-6).all()
    assert (plan.x + half <= width + 1e-6).all()
    assert (plan.y - half >= -1e-6).all()
    assert (plan.y + half <= height + 1e-6).all()
    assert plan.side.max() > 0.9 * min(shape)
    assert torch.isfinite(cut([pyramid], plan.part(0, 20), 200)).all()


def test_window_sizes_are_log_uniform(rng):
    pyramid = build_pyramid(rng.normal(size=(800, 800)).astype(np.float32), 2.0, CONFIG, CPU)
    plan = random_plan([pyramid], np.zeros(4000, np.int64), CONFIG, torch.Generator().manual_seed(0))
    counts, _ = np.histogram(np.log2(plan.side), bins=6, range=(np.log2(160), np.log2(800)))
    assert counts.min() > 0.8 * 4000 / 6


def test_a_panorama_and_its_scale_are_reduced_together(rng):
    config = Config().changed(crops={"size": 200, "largest_side": 500})
    pyramid = build_pyramid(rng.normal(size=(400, 1000)).astype(np.float32), 8.0, config, CPU)
    assert pyramid.shape == (200, 500)
    assert pyramid.pixels_per_micrometre == pytest.approx(4.0)


def test_a_hot_pixel_does_not_flatten_the_image(rng):
    gray = rng.normal(1000, 10, size=(300, 300)).astype(np.float32)
    gray[5, 5] = 65535
    assert standardised(gray).std() == pytest.approx(1, abs=0.01)
    assert np.abs(standardised(gray)).max() < 5


def test_the_scale_input_is_zero_for_a_scale_free_dataset(rng):
    config = Config(scale_free=True)
    pyramid = build_pyramid(rng.normal(size=(300, 300)).astype(np.float32), 1.0, config, CPU)
    plan = random_plan([pyramid], np.zeros(5, np.int64), config, torch.Generator().manual_seed(0))
    assert log2_scale([pyramid], plan, config).tolist() == [0] * 5


def test_the_lattice_covers_the_image_evenly(rng):
    pyramid = build_pyramid(rng.normal(size=(481, 645)).astype(np.float32), 1.0, CONFIG, CPU)
    plan = lattice_plan(pyramid, CONFIG)
    half = plan.side[0] / 2
    for x, y in ((1, 1), (644, 480), (320, 240), (644, 1)):
        assert ((np.abs(plan.x - x) <= half) & (np.abs(plan.y - y) <= half)).any()
    assert len(plan) < 150


def test_augmentation_repeats_with_its_generator_and_keeps_the_shape():
    crops = torch.randn((16, 1, 64, 64), generator=torch.Generator().manual_seed(1))
    config = Config().changed(crops={"size": 64})
    once, again = (augment(crops.clone(), config, torch.Generator().manual_seed(3)) for _ in range(2))
    assert once.shape == crops.shape
    assert torch.equal(once, again)
    assert torch.isfinite(once).all()


def test_the_edge_filter_responds_where_the_gray_value_changes():
    crops = torch.zeros((1, 1, 40, 40))
    crops[..., 20:] = 1
    profile = edges(crops)[0, 0].mean(0)
    assert set(profile.topk(2).indices.tolist()) == {19, 20}


def test_a_spot_is_blurred_and_the_rest_is_not():
    crops = torch.randn((1, 1, 200, 200), generator=torch.Generator().manual_seed(0))
    blurred = blur_spot(crops, torch.tensor([[0.25], [0.25], [0.0]]))
    assert blurred[0, 0, 40:60, 40:60].std() < 0.4
    assert torch.allclose(blurred[0, 0, 120:, 120:], crops[0, 0, 120:, 120:], atol=1e-4)


def test_gamma_keeps_the_order_of_gray_values_and_the_middle_one():
    ramp = torch.linspace(-4, 4, 64 * 64).reshape(1, 1, 64, 64).expand(50, 1, 64, 64)
    config = Config().changed(augmentation={"gamma": 0.5})
    changed = change_gamma(ramp, config, torch.Generator().manual_seed(0)).flatten(1)
    assert (changed.diff(dim=1) >= 0).all()
    assert changed[:, 2047:2049].mean(1).abs().max() < 0.01
    assert float(changed.std(0)[1024]) > 0.3


def test_noise_differs_between_crops_and_stays_below_the_configured_strength():
    blank = torch.zeros((40, 1, 64, 64))
    noisy = add_noise(blank, Config().changed(augmentation={"noise": 0.5}), torch.Generator().manual_seed(0))
    strengths = noisy.flatten(1).std(1)
    assert float(strengths.max()) < 0.55
    assert float(strengths.std()) > 0.1
    assert not torch.allclose(noisy[0] / strengths[0], noisy[1] / strengths[1], atol=0.5)


def test_scoring_crops_are_augmented_if_configured_and_repeatable(rng):
    pyramid = build_pyramid(rng.normal(size=(300, 300)).astype(np.float32), 2.0, CONFIG, CPU)
    plan = random_plan([pyramid], np.zeros(6, np.int64), CONFIG, torch.Generator().manual_seed(0))
    augmented = CONFIG.changed(scoring={"augment": True})
    once, again = (scoring_crops([pyramid], plan, augmented) for _ in range(2))
    assert torch.equal(once, again)
    plain = scoring_crops([pyramid], plan, CONFIG)
    assert torch.equal(plain, cut([pyramid], plan, 200))
    assert (once - plain).abs().mean() > 0.05


def test_warping_is_smooth_and_has_the_configured_strength():
    field = warp_field(200, 200, CONFIG, torch.Generator().manual_seed(0))
    assert field.shape == (200, 200, 200, 2)
    assert float(field.std()) == pytest.approx(CONFIG.augmentation.warp, rel=0.4)
    assert float(field.diff(dim=1).abs().max()) < 0.01


def test_a_part_lies_within_its_window_at_the_same_scale(rng):
    pyramid = build_pyramid(rng.normal(size=(481, 645)).astype(np.float32), 2.0, CONFIG, CPU)
    generator = torch.Generator().manual_seed(0)
    plan = random_plan([pyramid], np.zeros(200, np.int64), CONFIG, generator)
    parts = part_of_each(plan, 0.5, generator)
    np.testing.assert_allclose(parts.side / 100, plan.side / 200)
    across, down = parts.x - plan.x, parts.y - plan.y
    along = across * np.cos(plan.angle) + down * np.sin(plan.angle)
    aside = down * np.cos(plan.angle) - across * np.sin(plan.angle)
    assert (np.maximum(np.abs(along), np.abs(aside)) <= plan.side / 4 + 1e-9).all()
