"""The recipe "pretrained": an ImageNet encoder that stays as it is, and small heads trained by triplets.

A window's texture is the mean and the spread of each of the encoder's channels over it. Since the encoder does not
change, the textures of every micrograph are computed once, and a head trains on them in a second: so several are
trained, each without some specimens (see committee.py).
"""

import math
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from classifier.augment import augment, warp_field
from classifier.config import Config
from classifier.crops import Pyramid, cut, log2_scale, random_plan
from classifier.encoder import CHANNELS, Encoder
from classifier.network import Describer
from classifier.train import Batch, Reporter, autocast
from classifier.triplets import BalancedSampler
from classifier.windows import look, moments

TEXTURES = 2 * CHANNELS
SCALE_COPIES = 4
"""The scale is one number beside 224; repeated, it is heard."""
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

    def standardise_by(self, textures: Tensor, log2_scale: Tensor) -> None:
        """Take the mean and spread of these as the origin and unit of every input."""
        inputs = _with_scale(textures, log2_scale)
        self.mean.copy_(inputs.mean(0))
        self.spread.copy_(inputs.std(0, correction=0) + 1e-3)

    def joined(self, textures: Tensor, log2_scale: Tensor) -> Tensor:
        """Texture and scale in units of their spread, (n, 228)."""
        inputs = _with_scale(textures, log2_scale)
        return (inputs - self.mean) / (self.spread * math.sqrt(inputs.shape[1]))


def _with_scale(textures: Tensor, log2_scale: Tensor) -> Tensor:
    return torch.cat((textures, log2_scale[:, None].expand(-1, SCALE_COPIES)), 1)


class PretrainedNetwork(nn.Module):
    """The frozen encoder under `Config.members` heads; the descriptors of all heads stand side by side."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.encoder = Encoder()
        self.heads = nn.ModuleList(Head(config) for _ in range(config.members))

    def forward(self, crops: Tensor, log2_scale: Tensor) -> Tensor:
        """Descriptors (n, members * d) of crops (n, 1, s, s)."""
        return self.describe(self.textures(crops), log2_scale)

    def textures(self, crops: Tensor) -> Tensor:
        """Textures (n, 224) of crops, encoded one by one."""
        at_once = ENCODED_AT_ONCE if crops.device.type == "cpu" else len(crops)
        return torch.cat([moments(self.encoder(some)) for some in crops.split(at_once)])

    def describe(self, textures: Tensor, log2_scale: Tensor) -> Tensor:
        """Descriptors (n, members * d) of textures."""
        return torch.cat([head(textures, log2_scale) for head in self.heads], 1)


@dataclass(frozen=True)
class Bank:
    """What was seen of the training micrographs, one row a window: `textures` (n, 224), `log2_scale` (n,), `image` (n,)
    its micrograph, ascending, and `plain` (n,), whether it is one that scoring would look at, not augmented."""

    textures: Tensor
    log2_scale: Tensor
    image: NDArray[np.int64]
    plain: NDArray[np.bool_]

    def rows(self, images: NDArray[np.int64]) -> NDArray[np.int64]:
        """The plain rows of some micrographs."""
        return np.flatnonzero(self.plain & np.isin(self.image, images))

    def draw(
        self, sampler: BalancedSampler, chosen: NDArray[np.int64], head: Head, config: Config, random: torch.Generator
    ) -> Batch:
        """A batch of the `chosen` micrographs, which the sampler counts: textures (n, 224), scales, labels (n,).

        A share of every texture is left out, that is, replaced by the mean, so that the head leans on no channel.
        """
        images, labels = sampler.draw(config.classes_per_batch, config.crops_per_class, random)
        wanted = chosen[images]
        first, last = (np.searchsorted(self.image, wanted, side) for side in ("left", "right"))
        u = torch.rand(len(wanted), generator=random, dtype=torch.float64).numpy()
        rows = torch.from_numpy(first + (u * (last - first)).astype(np.int64))
        textures, mean = self.textures[rows], head.mean[:TEXTURES]
        kept = torch.rand(textures.shape, generator=random) >= config.texture_dropout
        textures = mean + (textures - mean) * kept.to(mean.device) / (1 - config.texture_dropout)
        return textures, self.log2_scale[rows], labels.to(mean.device)


@torch.no_grad()
def build_bank(
    network: PretrainedNetwork, pyramids: list[Pyramid], config: Config, generator: torch.Generator, report: Reporter
) -> Bank:
    """Look at every micrograph's windows, and at `Config.bank_crops` random, turned, augmented crops of it."""
    textures, scales, images, plain = [], [], [], []
    for index, pyramid in enumerate(pyramids):
        report("looking", index / len(pyramids), f"micrograph {index + 1} of {len(pyramids)}")
        windows = look(network.encoder, pyramid, config)
        plan = random_plan([pyramid], np.zeros(config.bank_crops, np.int64), config, generator)
        with autocast(pyramid.levels[0].device):
            warp = warp_field(config.bank_crops, config.crop_size, config, generator)
            crops = augment(cut([pyramid], plan, config.crop_size, warp), config, generator)
            textures += [windows.textures, network.textures(crops).float()]
        scales += [windows.log2_scale, log2_scale([pyramid], plan, config).to(crops.device)]
        plain += [np.ones(len(windows.plan), np.bool_), np.zeros(len(plan), np.bool_)]
        images.append(np.full(len(windows.plan) + len(plan), index))
    return Bank(torch.cat(textures), torch.cat(scales), np.concatenate(images), np.concatenate(plain))
