"""How fast it is, honestly: a plain script beside ours, in the same run."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from PIL import Image

from classifier.config import Config
from classifier.crops import build_pyramid, random_plan, standardised
from classifier.estimator import Classifier
from classifier.naive import crop, resnet18
from classifier.samples import Callback, Sample, gray_values

NAIVE_CROPS = 100
"""Crops that the slow loop is timed over, in one batch."""
IMAGES = 10
"""Micrographs that the fast way is timed over."""
EXACT_IMAGES = 3
"""Micrographs that all crops are timed over: each takes as long as hundreds of the fast way."""
TRAINING_STEPS = 100
"""Enough for labels that settle at different speeds; the network's speed does not depend on them."""


@dataclass(frozen=True)
class Row:
    """One way of scoring: crops or windows averaged per image, and seconds for it."""

    name: str
    crops: float
    seconds: float

    @property
    def rate(self) -> float:
        """Crops or windows per second."""
        return self.crops / self.seconds


def bench(samples: Sequence[Sample], config: Config, seed: int, callback: Callback | None = None) -> list[Row]:
    """Time the plain script, ours with all crops, and ours as it scores by default; the last row tells on how many
    micrographs those two agree."""
    classifier = Classifier(replace(config, steps=min(config.steps, TRAINING_STEPS)), seed, "cpu")
    classifier.fit(samples, callback)
    chosen = [samples[i] for i in np.linspace(0, len(samples) - 1, min(IMAGES, len(samples))).astype(int)]
    exact, slow = _ours(classifier, chosen[:: max(1, len(chosen) // EXACT_IMAGES)][:EXACT_IMAGES], seed, True)
    fast, quick = _ours(classifier, chosen, seed, False)
    agree = sum(quick[name] == label for name, label in slow.items())
    return [
        naive_row(chosen[0], config, seed),
        replace(exact, name="this program, every crop (--exact)"),
        replace(fast, name=f"this program ({agree} of {len(slow)} labels those of --exact)"),
    ]


def _ours(classifier: Classifier, chosen: Sequence[Sample], seed: int, exact: bool) -> tuple[Row, dict[int, str]]:
    """Time per micrograph, after one that warms up, and the labels by identity of the sample."""
    classifier.score(chosen[0].image, chosen[0].pixels_per_micrometre, seed=seed, crops=1 if exact else None)
    began = time.perf_counter()
    verdicts = [classifier.score(s.image, s.pixels_per_micrometre, seed=seed, exact=exact) for s in chosen]
    seconds = (time.perf_counter() - began) / len(chosen)
    labels = {id(sample): verdict.predicted for sample, verdict in zip(chosen, verdicts, strict=True)}
    return Row("", float(np.mean([verdict.crops for verdict in verdicts])), seconds), labels


def naive_row(sample: Sample, config: Config, seed: int) -> Row:
    """Crop, turn, mirror and resize one window after the other with Pillow, then run an eager network on them."""
    generator = torch.Generator().manual_seed(seed)
    gray = gray_values(sample.image, sample.name)
    pyramid = build_pyramid(gray, sample.pixels_per_micrometre or 1.0, config, torch.device("cpu"))
    plan = random_plan([pyramid], np.zeros(NAIVE_CROPS, np.int64), config, generator)
    picture, network = Image.fromarray(standardised(gray)), resnet18().eval()
    with torch.inference_mode():
        network(torch.zeros(1, 1, 200, 200))
        began = time.perf_counter()
        network(torch.cat([crop(picture, plan.part(row, row + 1)) for row in range(NAIVE_CROPS)]))
    per_crop = (time.perf_counter() - began) / NAIVE_CROPS
    return Row("Pillow and an eager ResNet-18, crop by crop", config.crops_per_image, per_crop * config.crops_per_image)
