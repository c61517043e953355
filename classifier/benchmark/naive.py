"""The naive baseline: a first script that cuts crops one by one with Pillow and runs an eager ResNet-18 on them.

It is timed on a tenth of its crops. The network is ResNet-18 (He et al. 2015, table 1: two blocks of two 3 x 3
convolutions at each of four widths) with random weights, since only its speed is measured.
"""

import math
from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor, nn

from classifier.benchmark.method import Method, Prediction
from classifier.benchmark.roofline import count_flops
from classifier.config import Config
from classifier.crops.plan import Plan, random_plan
from classifier.crops.pyramid import build_pyramid, standardised
from classifier.progress import Callback
from classifier.samples import Sample, gray_values

SIDE = 200
"""Side of the crops in pixels, as in the paper."""
WIDTHS = (64, 128, 256, 512)
CROPS = 1000
SHARE_RUN = 0.1
"""Of the crops."""


class Block(nn.Module):
    """Two convolutions with a residual connection."""

    def __init__(self, channels_in: int, channels: int) -> None:
        super().__init__()
        stride = 1 if channels_in == channels else 2
        self.first = nn.Conv2d(channels_in, channels, 3, stride, 1, bias=False)
        self.second = nn.Conv2d(channels, channels, 3, 1, 1, bias=False)
        self.norms = nn.ModuleList((nn.BatchNorm2d(channels), nn.BatchNorm2d(channels)))
        self.short = nn.Conv2d(channels_in, channels, 1, stride, bias=False) if stride == 2 else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        y = self.norms[1](self.second(F.relu(self.norms[0](self.first(x)))))
        return F.relu(y + self.short(x))


def resnet18() -> nn.Module:
    """From crops (n, 1, s, s) to (n, 512, 1, 1)."""
    channels, blocks = WIDTHS[0], []
    for width in WIDTHS:
        blocks += [Block(channels, width), Block(width, width)]
        channels = width
    stem = (nn.Conv2d(1, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU(), nn.MaxPool2d(3, 2, 1))
    return nn.Sequential(*stem, *blocks, nn.AdaptiveAvgPool2d(1))


def cut_with_pillow(image: Image.Image, window: Plan) -> Tensor:
    """The only window of a plan, cut, rotated, mirrored and resampled by Pillow: (1, 1, 200, 200)."""
    side, angle = window.side[0], window.angle[0]
    half = side * (abs(math.cos(angle)) + abs(math.sin(angle))) / 2
    x, y = window.x[0], window.y[0]
    bounds = image.crop((round(x - half), round(y - half), round(x + half), round(y + half)))
    rotated = bounds.rotate(math.degrees(angle), Image.Resampling.BILINEAR)
    margin = (rotated.width - side) / 2
    square = rotated.crop((round(margin), round(margin), round(margin + side), round(margin + side)))
    crop = square.resize((SIDE, SIDE), Image.Resampling.BILINEAR)
    if window.mirrored[0]:
        crop = crop.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    return torch.from_numpy(np.array(crop))[None, None]


class Naive(Method):
    """Cuts one crop after the other with Pillow, then runs the eager network on all of them."""

    title = "naive: Pillow, eager ResNet-18"
    speed_only = True
    share_run = SHARE_RUN

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def fit(self, samples: Sequence[Sample], callback: Callback) -> None:
        """Only builds the network."""
        self._network = resnet18().eval()

    def predict(self, sample: Sample) -> Prediction:
        generator = torch.Generator().manual_seed(self._seed)
        gray = gray_values(sample.pixels(), sample.name)
        config = Config().changed(crops={"size": SIDE})
        pyramid = build_pyramid(gray, 1.0, config, torch.device("cpu"))
        count = round(CROPS * SHARE_RUN)
        plan = random_plan([pyramid], np.zeros(count, np.int64), config, generator)
        image = Image.fromarray(standardised(gray))
        with torch.inference_mode():
            self._network(torch.cat([cut_with_pillow(image, plan.part(row, row + 1)) for row in range(count)]))
        return Prediction("", "", CROPS)

    def flops(self, sample: Sample) -> float:
        return CROPS * count_flops(self._network, torch.zeros(1, 1, SIDE, SIDE))
