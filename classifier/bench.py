"""How fast it is, honestly: a plain loop of the image library beside ours, with the same network, in the same run."""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from PIL import Image

from classifier.config import Config
from classifier.crops import Plan, build_pyramid, log2_scale, random_plan, standardised
from classifier.estimator import Classifier
from classifier.recipes import Network, build_network
from classifier.samples import Callback, Sample, gray_values

NAIVE_CROPS = 100
"""Crops that the slow loop is timed over."""
IMAGES = 10
"""Micrographs that ours are timed over."""
TRAINING_STEPS = 40
"""Enough for labels that settle at different speeds; the network's speed does not depend on them."""


@dataclass(frozen=True)
class Row:
    """One way of scoring: crops averaged per image, and seconds for it."""

    name: str
    crops: float
    seconds: float

    @property
    def rate(self) -> float:
        """Crops per second."""
        return self.crops / self.seconds


def bench(samples: Sequence[Sample], config: Config, seed: int, callback: Callback | None = None) -> list[Row]:
    """Time the naive loop, ours with all crops, and ours stopping when settled; the last row names the share of
    labels on which those two agree."""
    classifier = Classifier(replace(config, steps=min(config.steps, TRAINING_STEPS)), seed, "cpu")
    classifier.fit(samples, callback)
    chosen = [samples[i] for i in np.linspace(0, len(samples) - 1, min(IMAGES, len(samples))).astype(int)]
    rows = [naive_row(chosen[0], config, seed)]
    labels: list[list[str]] = []
    for name, exact in (("this program, every crop (--exact)", True), ("this program, stopping when settled", False)):
        began, verdicts = time.perf_counter(), []
        for sample in chosen:
            verdicts.append(classifier.score(sample.image, sample.pixels_per_micrometre, seed=seed, exact=exact))
        seconds = (time.perf_counter() - began) / len(chosen)
        rows.append(Row(name, float(np.mean([verdict.crops for verdict in verdicts])), seconds))
        labels.append([verdict.predicted for verdict in verdicts])
    agree = sum(one == other for one, other in zip(*labels, strict=True))
    return [*rows[:-1], replace(rows[-1], name=f"{rows[-1].name} ({agree} of {len(chosen)} labels the same)")]


def naive_row(sample: Sample, config: Config, seed: int) -> Row:
    """Crop, turn, mirror and resize one window after the other with Pillow, and run the network on each."""
    generator = torch.Generator().manual_seed(seed)
    gray = gray_values(sample.image, sample.name)
    scale = sample.pixels_per_micrometre or 1.0
    pyramid = build_pyramid(gray, scale, config, torch.device("cpu"))
    network = build_network(config, torch.device("cpu"), generator).eval()
    plan = random_plan([pyramid], np.zeros(NAIVE_CROPS, np.int64), config, generator)
    picture = Image.fromarray(standardised(gray))
    scales = log2_scale([pyramid], plan, config)
    began = time.perf_counter()
    for row in range(NAIVE_CROPS):
        _naive_crop(picture, plan.part(row, row + 1), scales[row : row + 1], network, config)
    per_crop = (time.perf_counter() - began) / NAIVE_CROPS
    crops = config.crops_per_image
    return Row("Pillow, one crop after the other, same network", crops, per_crop * crops)


def _naive_crop(
    picture: Image.Image, plan: Plan, scale: torch.Tensor, network: Network, config: Config
) -> torch.Tensor:
    half = plan.side[0] * (abs(math.cos(plan.angle[0])) + abs(math.sin(plan.angle[0]))) / 2
    x, y = plan.x[0], plan.y[0]
    window = picture.crop((round(x - half), round(y - half), round(x + half), round(y + half)))
    turned = window.rotate(math.degrees(plan.angle[0]), Image.Resampling.BILINEAR)
    rest = (turned.width - plan.side[0]) / 2
    square = turned.crop((round(rest), round(rest), round(rest + plan.side[0]), round(rest + plan.side[0])))
    small = square.resize((config.crop_size, config.crop_size), Image.Resampling.BILINEAR)
    if plan.mirrored[0]:
        small = small.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    with torch.inference_mode():
        return network(torch.from_numpy(np.array(small))[None, None], scale)
