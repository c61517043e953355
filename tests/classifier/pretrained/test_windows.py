"""Windows that share one pass of the encoder: their features, and their positions."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from classifier.config import Config
from classifier.crops.plan import MOST_MASKED, masked_share
from classifier.crops.pyramid import build_pyramid
from classifier.pretrained.encoder import CELL, CHANNELS
from classifier.pretrained.features import moments, summed_areas, window_moments
from classifier.pretrained.windows import MOST_PIXELS, encode_windows
from classifier.samples import Rectangle

CONFIG = Config().changed(crops={"size": 64})


class Painter(torch.nn.Module):
    """In place of the encoder: each cell's first channel is the mean gray value of its pixels, the rest are 0."""

    def __init__(self) -> None:
        super().__init__()
        self.pixels = 0

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        self.pixels += images.numel()
        gray = torch.nn.functional.avg_pool2d(images, CELL)
        return torch.cat((gray, torch.zeros(len(images), CHANNELS - 1, *gray.shape[2:])), 1)


def pyramid(shape: tuple[int, int], scale: float = 4.0, config: Config = CONFIG):
    gray = np.linspace(0, 1, shape[1], dtype=np.float32)[None].repeat(shape[0], axis=0)
    return build_pyramid(gray, scale, config, torch.device("cpu"))


def test_a_windows_texture_is_the_mean_and_spread_of_its_cells(rng):
    maps = torch.from_numpy(rng.normal(size=(5, 9, 12)))
    top, left, side = np.array([0, 2, 4]), np.array([0, 5, 7]), np.array([9, 3, 5])
    found = window_moments(summed_areas(maps), top, left, side)
    for row in range(3):
        cells = maps[:, top[row] : top[row] + side[row], left[row] : left[row] + side[row]].flatten(1)
        expected = torch.cat((cells.mean(1), cells.std(1, correction=0))).float()
        torch.testing.assert_close(found[row], expected, rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(moments(maps[None].float())[0, :5], maps.mean((1, 2)).float())


def test_windows_lie_inside_and_reach_every_border():
    found = encode_windows(Painter(), pyramid((90, 130)), CONFIG)[0].plan
    left, right = found.x - found.side / 2, found.x + found.side / 2
    assert left.min() == 0
    assert found.y.min() > 0
    assert right.max() == 128  # whole cells
    assert len(set(found.side)) == 3


def test_a_window_knows_where_it_lies():
    """On an even ramp of gray, the mean tells the place."""
    (found,) = encode_windows(Painter(), pyramid((90, 320)), CONFIG)
    order = np.argsort(found.plan.x)
    assert np.corrcoef(found.plan.x[order], found.features[order, 0].numpy())[0, 1] > 0.999


def test_each_level_has_its_own_scale():
    (found,) = encode_windows(Painter(), pyramid((200, 300)), CONFIG)
    assert sorted(set(found.log2_scale.tolist())) == [0.0, 1.0, 2.0]
    for level in range(3):
        sides = found.plan.side[(found.log2_scale == 2.0 - level).numpy()]
        assert set(sides) <= {2**level * CELL * cells for cells in (3, 4, 5)}
    (free,) = encode_windows(Painter(), pyramid((90, 90)), Config().changed(scale_free=True, crops={"size": 64}))
    assert set(free.log2_scale.tolist()) == {0.0}


def test_a_large_micrograph_is_seen_in_tiles_that_reach_its_corners():
    config, painter = Config(), Painter()
    large = pyramid((2400, 3600), config=config)
    (found,) = encode_windows(painter, large, config)
    assert painter.pixels < MOST_PIXELS * len(large.levels)
    fine = found.plan.side <= 480
    assert (found.plan.x[fine] - found.plan.side[fine] / 2).min() == 0
    assert (found.plan.x[fine] + found.plan.side[fine] / 2).max() == pytest.approx(3600)


def test_a_thin_strip_is_seen_too():
    (found,) = encode_windows(
        Painter(), pyramid((32, 2000), config=Config().changed(crops={"largest_side": 800})), Config()
    )
    assert torch.isfinite(found.features).all()
    assert found.plan.x.max() > 700


def test_a_micrograph_smaller_than_a_crop_is_one_window_or_more():
    (found,) = encode_windows(Painter(), pyramid((40, 36)), Config())
    assert set(found.plan.side) == {32.0}


def test_some_windows_keep_their_place_texture_and_scale():
    (windows,) = encode_windows(Painter(), pyramid((192, 256)), CONFIG)
    some = windows.sample(5, torch.Generator().manual_seed(0))
    assert len(some.plan) == len(some.features) == len(some.log2_scale) == 5
    place = {(x, y, side): row for row, (x, y, side) in enumerate(zip(*places(windows), strict=True))}
    rows = [place[key] for key in zip(*places(some), strict=True)]
    assert len(set(rows)) == 5
    torch.testing.assert_close(some.features, windows.features[rows])
    torch.testing.assert_close(some.log2_scale, windows.log2_scale[rows])
    assert set(zip(*places(windows.sample(999, torch.Generator())), strict=True)) == set(place)


def places(windows):
    plan = windows.plan
    return plan.x, plan.y, plan.side


def test_the_windows_around_cells_share_the_look_of_the_others():
    painter, large = Painter(), pyramid((1200, 1600), config=Config())
    (alone,), once = encode_windows(painter, large, Config()), painter.pixels
    windows, around = encode_windows(painter, large, Config(), around_cells=True)
    assert painter.pixels == 2 * once
    assert torch.equal(alone.features, windows.features)
    assert np.array_equal(alone.plan.side, windows.plan.side)
    assert set(around.plan.side) == {2 * 13 * CELL}  # of the level of half the size, the finest that is encoded whole


def test_a_window_lies_around_each_cell_whose_window_fits():
    _, around = encode_windows(Painter(), pyramid((192, 256)), CONFIG, around_cells=True)
    assert set(around.plan.side) == {3 * CELL}
    assert sorted(set(around.plan.x)) == [CELL * (cell + 0.5) for cell in range(1, 15)]
    assert len(around.plan) == 14 * 10


def test_a_picture_without_a_level_that_is_encoded_whole_has_windows_of_its_tiles():
    _, around = encode_windows(Painter(), pyramid((500, 4000), config=Config()), Config(), around_cells=True)
    assert around.plan.x.max() > 3800
    assert around.plan.x.min() < 200


def test_windows_that_a_masked_rectangle_covers_are_left_out():
    whole = pyramid((192, 256))
    masked = [Rectangle(0, 128, 128, 64)]
    (every,), (some,) = (
        encode_windows(Painter(), one, CONFIG) for one in (whole, replace(whole, masked=tuple(masked)))
    )
    kept = masked_share(every.plan, masked) <= MOST_MASKED
    assert 0 < kept.sum() < len(kept)
    np.testing.assert_array_equal(some.plan.x, every.plan.x[kept])
    assert torch.equal(some.features, every.features[kept])
    assert torch.equal(some.log2_scale, every.log2_scale[kept])
