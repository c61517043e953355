"""The recipe "pretrained": an ImageNet encoder that stays as it is, and small heads trained by triplets.

A window's texture is the mean and the spread of each of the encoder's channels over it. Since the encoder does not
change, the textures of every micrograph are computed once, and a head trains on them in under a second (see
committee.py).

Why it stays as it is: on a processor, tuning its last blocks gained too little. Accuracy / balanced in per cent over
five grouped folds of the 140 UHCS training images, a class must be named. Blocks 8 to 10 and the widening layer learn
together with a head in 60 steps of 30 windows of 256 pixels, the norms' statistics fixed; committee and Gaussians are
then fitted to the tuned textures. Nothing saw the fold that it is judged on:

| loss and peak rate | seed 0 | seed 1 | seed 2 | seconds of a core |
| --- | --- | --- | --- | --- |
| none: the encoder as it is | 78.6 / 77.4 | 79.3 / 77.5 | 77.9 / 75.7 | 0 |
| cross-entropy, 3e-5 | | 78.6 / 76.9 | | 29 |
| cross-entropy, 1e-4 | 81.4 / 80.3 | 78.6 / 76.5 | 79.3 / 77.1 | 27 |
| cross-entropy, 3e-4 | 76.4 / 72.8 | 75.7 / 71.1 | | 27 |
| the same, drawn back to the ImageNet weights | | 76.4 / 72.0 | | 20 |
| triplets, 1e-4 | 78.6 / 76.9 | 76.4 / 72.8 | | 27 |
| triplets, 3e-4 | 75.7 / 72.7 | | | 28 |
| triplets, 3e-4, block 10 and the widening layer alone | 79.3 / 77.5 | 77.9 / 76.0 | | 15 |

The seconds are of the steps of one fit, and there would be one for each fold and one for the committee. The best
setting gains 1.2 points on three seeds (95 % interval over specimens -0.8 to 3.2), and nothing on one of them; the
weights halfway between ImageNet's and the tuned ones gain as much, as unsurely (-1.2 to 4.1).
"""

import math
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from classifier.augment import augment, warp_field
from classifier.config import Config
from classifier.crops import cut, log2_scale, random_plan
from classifier.encoder import CHANNELS, Encoder
from classifier.network import Describer
from classifier.strangeness import Strangeness
from classifier.train import Batch, Reporter
from classifier.training_images import TrainingImages
from classifier.triplets import BalancedSampler
from classifier.windows import look, moments

TEXTURES = 2 * CHANNELS
SCALE_COPIES = 48
"""The scale is one number beside 1344; repeated, it is heard."""
FIRST_WEIGHTS = 0.1
"""Size of a head's first weights, of what would keep the variance: a larger random part is never unlearnt and blurs the
classes. With 1.0 and 0.1 grouped folds recognised 73 and 78 %."""
ENCODED_AT_ONCE = 8
"""Crops through the encoder at once on a processor, to bound the memory."""


class Head(Describer):
    """A linear map from texture and scale to descriptors; anything larger learnt a hundred micrographs by heart."""

    mean: Tensor
    spread: Tensor

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(TEXTURES + SCALE_COPIES))
        self.register_buffer("spread", torch.ones(TEXTURES + SCALE_COPIES))
        self.out = nn.Linear(TEXTURES + SCALE_COPIES, config.descriptor_dimensions, bias=False)

    @torch.no_grad()
    def start(self, textures: Tensor, log2_scale: Tensor, generator: torch.Generator) -> None:
        """Take the mean and spread of these as the origin and unit of every input, and draw the first weights."""
        inputs = _with_scale(textures, log2_scale)
        self.mean.copy_(inputs.mean(0))
        self.spread.copy_(inputs.std(0, correction=0) + 1e-3)
        weight = self.out.weight
        deviation = FIRST_WEIGHTS * math.sqrt(2 / weight.shape[1])
        weight.copy_(torch.randn(weight.shape, generator=generator) * deviation)

    def joined(self, textures: Tensor, log2_scale: Tensor) -> Tensor:
        """Texture and scale in units of their spread, (n, 1392)."""
        inputs = _with_scale(textures, log2_scale)
        return (inputs - self.mean) / (self.spread * math.sqrt(inputs.shape[1]))


def _with_scale(textures: Tensor, log2_scale: Tensor) -> Tensor:
    return torch.cat((textures, log2_scale[:, None].expand(-1, SCALE_COPIES)), 1)


class PretrainedNetwork(nn.Module):
    """The frozen encoder under `Config.members` heads; the descriptors of all heads stand side by side, and behind them
    the strangeness."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.encoder = Encoder()
        self.heads = nn.ModuleList(Head(config) for _ in range(config.members))
        self.strangeness = Strangeness(TEXTURES)

    def forward(self, crops: Tensor, log2_scale: Tensor) -> Tensor:
        """Descriptors (n, members * d + 1) of crops (n, 1, s, s)."""
        return self.describe(self.textures(crops), log2_scale)

    def textures(self, crops: Tensor) -> Tensor:
        """Textures (n, 1344) of crops, encoded one by one."""
        at_once = ENCODED_AT_ONCE if crops.device.type == "cpu" else len(crops)
        return torch.cat([moments(self.encoder(some)) for some in crops.split(at_once)])

    def describe(self, textures: Tensor, log2_scale: Tensor) -> Tensor:
        """Descriptors (n, members * d + 1) of textures."""
        found = [head(textures, log2_scale) for head in self.heads]
        return torch.cat([*found, self.strangeness(textures)[:, None]], 1)


@dataclass(frozen=True)
class Bank:
    """What was seen of the training micrographs, one row a window: `textures` (n, 1344), `log2_scale` (n,), its
    micrograph `image` (n,), ascending, and `plain` (n,), whether it is one that scoring would look at, unlike the
    augmented ones; and the digest of each micrograph's pixels."""

    textures: Tensor
    log2_scale: Tensor
    image: NDArray[np.int64]
    plain: NDArray[np.bool_]
    digests: tuple[bytes, ...]

    def rows(self, images: NDArray[np.int64]) -> NDArray[np.int64]:
        """The plain rows of some micrographs."""
        return np.flatnonzero(self.plain & np.isin(self.image, images))

    def windows_of(self, image: int) -> NDArray[np.int64]:
        """The plain rows of one micrograph, found without a look at all others."""
        first, last = np.searchsorted(self.image, [image, image + 1])
        return first + np.flatnonzero(self.plain[first:last])

    def of_each(self, images: NDArray[np.int64]) -> Tensor:
        """The mean texture over the plain windows of each of some micrographs, (len(images), 1344)."""
        return torch.stack([self.textures[self.windows_of(int(image))].mean(0) for image in images])

    def draw(
        self, sampler: BalancedSampler, chosen: NDArray[np.int64], head: Head, config: Config, random: torch.Generator
    ) -> Batch:
        """A batch of the `chosen` micrographs, which the sampler counts: textures (n, 1344), scales, labels (n,).

        A micrograph's rows are its plain windows first, then its augmented crops. A share of every texture is left out,
        that is, replaced by the mean, so that the head leans on no channel.
        """
        images, labels = sampler.draw(config.classes_per_batch, config.crops_per_class, random)
        wanted = chosen[images]
        first, last = (np.searchsorted(self.image, wanted, side) for side in ("left", "right"))
        border = first + np.bincount(self.image[self.plain])[wanted]
        kind, place = torch.rand((2, len(wanted)), generator=random, dtype=torch.float64).numpy()
        augmented = (kind < config.augmented_share) & (border < last)
        first, last = np.where(augmented, border, first), np.where(augmented, last, border)
        rows = torch.from_numpy(first + (place * (last - first)).astype(np.int64))
        textures, mean = self.textures[rows], head.mean[:TEXTURES]
        kept = torch.rand(textures.shape, generator=random) >= config.texture_dropout
        textures = mean + (textures - mean) * kept.to(mean.device) / (1 - config.texture_dropout)
        return textures, self.log2_scale[rows], labels.to(mean.device)


@torch.no_grad()
def build_bank(
    network: PretrainedNetwork, images: TrainingImages, config: Config, generator: torch.Generator, report: Reporter
) -> Bank:
    """Look at every micrograph's windows, and at `Config.bank_crops` random, turned, augmented crops of it."""
    textures, scales, owner, plain, digests = [], [], [], [], []
    for index, pyramid in enumerate(images.read(report, "looking")):
        digests.append(pyramid.digest())
        (seen,) = look(network.encoder, pyramid, config)
        windows = seen.some(config.bank_windows, generator)
        plan = random_plan([pyramid], np.zeros(config.bank_crops, np.int64), config, generator)
        warp = warp_field(config.bank_crops, config.crop_size, config, generator)
        crops = augment(cut([pyramid], plan, config.crop_size, warp), config, generator)
        textures += [windows.textures, network.textures(crops)]
        scales += [windows.log2_scale, log2_scale([pyramid], plan, config).to(crops.device)]
        plain += [np.ones(len(windows.plan), np.bool_), np.zeros(len(plan), np.bool_)]
        owner.append(np.full(len(windows.plan) + len(plan), index))
    return Bank(torch.cat(textures), torch.cat(scales), np.concatenate(owner), np.concatenate(plain), tuple(digests))
