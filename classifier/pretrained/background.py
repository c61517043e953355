"""The background: windows of other materials, which outlier exposure is fitted against.

They are drawn, and joined by the micrographs that the dataset labels none-of-these. The features hold no scale.
"""

from dataclasses import dataclass, replace

import numpy as np
import torch

from classifier.arrays import Flags, Index
from classifier.config import Config
from classifier.crops.degradation import degraded_pyramid
from classifier.crops.images import TrainingImages, prepare
from classifier.crops.pyramid import Pyramid
from classifier.pretrained.encoder import Encoder
from classifier.pretrained.owned_windows import OwnedWindows, join, sample_of
from classifier.progress import Reporter
from classifier.samples import Sample, specimens
from classifier.synthetic.background import BACKGROUND_KINDS, draw_background

SIDE = 448
"""Pixels of a drawn micrograph: room for windows of every size."""
MOST_LABELLED = 300
"""Micrographs labelled none-of-these that are used, at most, to bound the time."""


@dataclass(frozen=True)
class Background:
    """The windows, by micrograph, and for each micrograph its material and whether it was drawn.

    `labelled` (m,) has the index among `TrainingImages.others` of each that was not drawn.

    Materials keep apart what is fitted to and what is measured: a kind of drawing, or a specimen.
    """

    windows: OwnedWindows
    materials: tuple[str, ...]
    drawn: Flags
    labelled: Index

    def without(self, materials: frozenset[str]) -> torch.Tensor:
        """Features (m, f) of all windows but those of some materials."""
        kept = np.flatnonzero([name not in materials for name in self.materials])
        return self.windows.of(kept).features


def encode_background(
    encoder: Encoder, images: TrainingImages, config: Config, seed: int, report: Reporter
) -> Background:
    """Draw and encode `PretrainedConfig.background` micrographs, and encode those labelled none-of-these."""
    generator = torch.Generator().manual_seed(seed)
    rng = np.random.default_rng([seed, config.pretrained.background])
    labelled = np.arange(len(images.others))
    if len(labelled) > MOST_LABELLED:
        labelled = np.sort(rng.choice(len(labelled), MOST_LABELLED, replace=False))
    others = [images.others[int(index)] for index in labelled]
    drawn = config.pretrained.background
    total = drawn + len(others)
    parts, materials = [], []
    for index in range(total):
        report("encoding other materials", index / total, f"micrograph {index + 1} of {total}")
        if index < drawn:
            kind = BACKGROUND_KINDS[index % len(BACKGROUND_KINDS)]
            pyramid, material = _drawn(kind, index, config, images.device, rng), kind
        else:
            sample = others[index - drawn]
            material = f"labelled {specimens(others)[index - drawn]}"
            pyramid = prepare(replace(sample, pixels_per_micrometre=1.0), config, images.device)
        parts.append(sample_of(encoder, pyramid, config, generator))
        materials.append(material)
    return Background(join(parts), tuple(materials), np.arange(total) < drawn, labelled)


def _drawn(kind: str, seed: int, config: Config, device: torch.device, rng: np.random.Generator) -> Pyramid:
    """A drawing, every second one degraded, so that quality does not tell drawings from micrographs."""
    pixels = draw_background(kind, seed=seed, side=SIDE)
    pyramid = prepare(Sample(pixels, None, 1.0), config, device)
    return degraded_pyramid(pyramid, config, rng) if rng.random() < 0.5 else pyramid
