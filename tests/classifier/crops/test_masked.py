"""Masked rectangles are filled, and windows keep out of them."""

import numpy as np
import pytest
import torch

from classifier import Classifier, ClassifierError, Rectangle, Sample
from classifier.config import Config
from classifier.crops.degradation import degraded_pyramid
from classifier.crops.images import prepare
from classifier.crops.masked import filled
from classifier.crops.plan import MOST_MASKED, Plan, lattice_plan, least_masked, masked_share, random_plan
from classifier.crops.pyramid import build_pyramid
from classifier.pretrained.enlargement import enlarged
from tests.classifier.conftest import TINY, dots, textures

CPU = torch.device("cpu")
CONFIG = Config().changed(crops={"size": 64})
CORNER = Rectangle(0, 200, 120, 40)


def window(x: float, y: float, side: float, angle: float = 0.0) -> Plan:
    return Plan(*(np.array([value]) for value in (0, float(x), float(y), float(side), angle, False)))


def test_a_box_is_filled_with_the_mirrored_texture_beside_it(rng):
    gray = rng.normal(size=(240, 320)).astype(np.float32)
    result = filled(gray, [CORNER])
    np.testing.assert_array_equal(result[200:240, :120], gray[160:200, :120][::-1])
    np.testing.assert_array_equal(result[:200], gray[:200])
    np.testing.assert_array_equal(result[:, 120:], gray[:, 120:])


def test_a_column_is_filled_from_its_wider_side_as_often_as_needed(rng):
    gray = rng.normal(size=(64, 100)).astype(np.float32)
    result = filled(gray, [Rectangle(70, 0, 20, 64)])
    np.testing.assert_array_equal(result[:, 70:90], gray[:, 50:70][:, ::-1])
    thin = filled(gray, [Rectangle(10, 0, 45, 64)])  # 45 columns from the 45 to its right
    np.testing.assert_array_equal(thin[:, 10:55], gray[:, 55:100][:, ::-1])


def test_boxes_side_by_side_never_fill_one_another_with_ink(rng):
    gray = rng.uniform(1, 2, (200, 200)).astype(np.float32)
    boxes = [
        Rectangle(0, 160, 100, 40),
        Rectangle(100, 160, 100, 40),
        Rectangle(0, 130, 200, 30),
        Rectangle(5, 5, 20, 9),
    ]
    for one in boxes:
        gray[int(one.y) : int(one.y + one.height), int(one.x) : int(one.x + one.width)] = -9
    assert filled(gray, boxes).min() >= 1


def test_what_a_mask_covers_has_no_effect(rng):
    gray = rng.normal(size=(240, 320)).astype(np.float32)
    spoiled = gray.copy()
    spoiled[200:240, :120] = 40
    one, other = (prepare(Sample(image, None, 4.0, masked=[CORNER]), CONFIG, CPU) for image in (gray, spoiled))
    assert one.digest() == other.digest()
    assert one.masked == (CORNER,)


def test_parts_outside_the_picture_are_ignored(rng):
    gray = rng.normal(size=(100, 100)).astype(np.float32)
    np.testing.assert_array_equal(filled(gray, [Rectangle(0, 100, 50, 40), Rectangle(-9, -9, 9, 9)]), gray)
    assert (filled(gray, [Rectangle(0, 90, 50, 400)])[90:, :50] == gray[80:90, :50][::-1]).all()


def test_a_picture_that_is_mostly_masked_or_blank_beside_its_mask_is_refused(rng):
    gray = rng.normal(size=(100, 100)).astype(np.float32)
    with pytest.raises(ClassifierError, match=r'cover 60% of micrograph "a.png"; leave at least 50% of it free'):
        filled(gray, [Rectangle(0, 0, 100, 60)], "a.png")
    gray[:60] = 3
    with pytest.raises(ClassifierError, match="one gray value everywhere outside its masked rectangles"):
        filled(gray, [Rectangle(0, 60, 100, 40)])


def test_the_masked_share_of_a_window_counts_its_area_also_if_turned():
    left_half = [Rectangle(0, 0, 50, 100), Rectangle(10, 10, 20, 20)]
    assert masked_share(window(50, 50, 100), left_half) == pytest.approx(0.5)
    assert masked_share(window(50, 50, 40, np.pi / 4), left_half) == pytest.approx(0.5, abs=0.04)
    assert masked_share(window(80, 50, 40), left_half) == 0


def test_random_windows_and_the_lattice_keep_out_of_masked_rectangles(rng):
    gray = rng.normal(size=(300, 400)).astype(np.float32)
    masked = [Rectangle(0, 200, 250, 100)]
    pyramid = build_pyramid(gray, 2.0, CONFIG, CPU, masked)
    plan = random_plan([pyramid], np.zeros(500, np.int64), CONFIG, torch.Generator().manual_seed(0))
    assert masked_share(plan, masked).max() <= MOST_MASKED
    assert (masked_share(plan, masked) > 0).any()
    assert masked_share(lattice_plan(pyramid, CONFIG), masked).max() <= MOST_MASKED


def test_if_every_window_is_masked_those_with_least_stay():
    plan = Plan(
        *(np.array(values) for values in ([0, 0], [50.0, 50], [30.0, 50], [60.0, 60], [0.0, 0], [False, False]))
    )
    assert least_masked(plan, [Rectangle(0, 30, 100, 70)]).tolist() == [0]


def test_without_masks_random_windows_are_the_same_as_ever(rng):
    gray = rng.normal(size=(300, 400)).astype(np.float32)
    plain = build_pyramid(gray, 2.0, CONFIG, CPU)
    far = build_pyramid(gray, 2.0, CONFIG, CPU, [Rectangle(0, 0, 1, 1)])
    first, second = (
        random_plan([one], np.zeros(50, np.int64), CONFIG, torch.Generator().manual_seed(0)) for one in (plain, far)
    )
    np.testing.assert_array_equal(first.x, second.x)


def test_masks_follow_the_picture_when_it_is_reduced_enlarged_or_degraded(rng):
    config = CONFIG.changed(crops={"largest_side": 200})
    pyramid = build_pyramid(
        rng.normal(size=(100, 400)).astype(np.float32), 8.0, config, CPU, [Rectangle(0, 60, 80, 40)]
    )
    assert pyramid.masked == (Rectangle(0, 30, 40, 20),)
    assert enlarged(pyramid, 2.0, CONFIG).masked == (Rectangle(0, 60, 80, 40),)
    assert degraded_pyramid(pyramid, config, rng).masked == pyramid.masked


def test_a_classifier_trains_and_scores_as_if_a_box_had_never_been_there(rng):
    samples = textures(3)
    box = Rectangle(0, 60, 40, 20)

    def boxed(sample: Sample, value: int) -> Sample:
        pixels = sample.pixels().copy()
        pixels[60:, :40] = value
        return Sample(pixels, sample.label, sample.pixels_per_micrometre, sample.specimen, sample.name, [box])

    few = TINY.changed(triplets={"steps": 4})
    black, white = (Classifier(few).fit([boxed(sample, value) for sample in samples]) for value in (0, 255))
    image = dots(rng)
    spoiled = image.copy()
    spoiled[60:, :40] = 255
    first = black.score(image, 10.0, masked=[box], saliency=True)
    second = white.score(spoiled, 10.0, masked=[box], saliency=True)
    assert first.probabilities == second.probabilities
    np.testing.assert_array_equal(first.saliency, second.saliency)
    assert not first.saliency[61:79, 1:39].any()
    np.testing.assert_allclose(first.saliency[:50].sum(-1), 1, atol=1e-5)
