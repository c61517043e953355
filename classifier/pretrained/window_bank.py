"""The window bank: the features of all training windows, computed once. Heads draw their batches from it."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from classifier.arrays import Index
from classifier.config import Config
from classifier.crops.augmentation import augment, warp_field
from classifier.crops.cut import cut
from classifier.crops.degradation import degraded_pyramid
from classifier.crops.images import TrainingImages
from classifier.crops.plan import log2_scale, random_plan
from classifier.pretrained.network import FEATURES, Head, PretrainedNetwork
from classifier.pretrained.owned_windows import EACH, OwnedWindows, join, sample_of
from classifier.pretrained.windows import Windows, encode_windows
from classifier.progress import Reporter
from classifier.triplet.loop import Batch
from classifier.triplet.sampler import BalancedSampler

MOST_COPIES = 300
"""Micrographs with a degraded copy and with cells, at most: more change nothing about the evidence, but cost time."""
CELLS = 48
"""Cells of the saliency map of each of these micrographs, at most."""


@dataclass(frozen=True)
class WindowBank:
    """One row per window: `features` (n, 1344), `log2_scale` (n,), the index of its micrograph `image` (n,), ascending,
    and `plain` (n,), False for augmented crops. A micrograph's plain rows come first.

    `degraded` has a few windows of a degraded copy of each micrograph, or of `MOST_COPIES` of them; `cells` has the
    windows around some cells of the saliency maps of the same micrographs. `digests` has a hash of the pixels of each
    micrograph, `smallest_side` the shorter side of the smallest one in pixels.
    """

    features: Tensor
    log2_scale: Tensor
    image: Index
    plain: NDArray[np.bool_]
    degraded: OwnedWindows
    cells: OwnedWindows
    digests: tuple[bytes, ...]
    smallest_side: int

    def rows(self, images: Index) -> Index:
        """The plain rows of these micrographs."""
        return np.flatnonzero(self.plain & np.isin(self.image, images))

    def rows_of(self, image: int) -> Index:
        """The plain rows of one micrograph, by binary search."""
        first, last = np.searchsorted(self.image, [image, image + 1])
        return np.flatnonzero(self.plain[first:last]) + int(first)

    def few_of(self, images: Index) -> OwnedWindows:
        """A few plain windows of each of these micrographs: they are in random order."""
        rows = np.concatenate([self.rows_of(int(image))[:EACH] for image in images])
        return OwnedWindows(self.features[rows], self.log2_scale[rows], self.image[rows])

    def draw(
        self, sampler: BalancedSampler, images: Index, head: Head, config: Config, generator: torch.Generator
    ) -> Batch:
        """A batch: features (n, 1344), scales (n,), labels (n,). The sampler's indices point into `images`.

        Feature dropout replaces a share of the features by their mean, so that the head relies on no single channel.
        """
        triplets, settings = config.triplets, config.pretrained
        chosen, labels = sampler.draw(triplets.classes_per_batch, triplets.crops_per_class, generator)
        rows = self._random_rows(images[chosen], settings.augmented_share, generator)
        features, mean = self.features[rows], head.mean[:FEATURES]
        kept = torch.rand(features.shape, generator=generator) >= settings.feature_dropout
        features = mean + (features - mean) * kept.to(mean.device) / (1 - settings.feature_dropout)
        return features, self.log2_scale[rows], labels.to(mean.device)

    def _random_rows(self, images: Index, augmented_share: float, generator: torch.Generator) -> Tensor:
        """A random row of each of these micrographs: a plain one, or with `augmented_share` an augmented crop."""
        first, last = (np.searchsorted(self.image, images, side) for side in ("left", "right"))
        border = first + np.bincount(self.image[self.plain])[images]
        kind, place = torch.rand((2, len(images)), generator=generator, dtype=torch.float64).numpy()
        augmented = (kind < augmented_share) & (border < last)
        first, last = np.where(augmented, border, first), np.where(augmented, last, border)
        return torch.from_numpy(first + (place * (last - first)).astype(np.int64))


@torch.no_grad()
def build_window_bank(
    network: PretrainedNetwork, images: TrainingImages, config: Config, generator: torch.Generator, report: Reporter
) -> WindowBank:
    """Encode the windows of every micrograph, and `PretrainedConfig.augmented_crops` random augmented crops of each."""
    features, scales, owner, plain, digests, sides = [], [], [], [], [], []
    copies: dict[int, Windows] = {}
    cells: dict[int, Windows] = {}
    crop_count, count = config.pretrained.augmented_crops, len(images.labels)
    copied = set(torch.randperm(count, generator=generator)[:MOST_COPIES].tolist())
    for index, pyramid in enumerate(images.read(report, "encoding")):
        digests.append(pyramid.digest())
        sides.append(min(pyramid.shape))
        if index in copied:
            rng = np.random.default_rng([generator.initial_seed(), index])
            copies[index] = sample_of(network.encoder, degraded_pyramid(pyramid, config, rng), config, generator)
        every_window, *around = encode_windows(network.encoder, pyramid, config, around_cells=index in copied)
        if around:
            cells[index] = _some(around[0], np.random.default_rng([generator.initial_seed(), index]))
        windows = every_window.sample(config.pretrained.windows_per_micrograph, generator)
        plan = random_plan([pyramid], np.zeros(crop_count, np.int64), config, generator)
        warp = warp_field(crop_count, config.crops.size, config, generator)
        crops = augment(cut([pyramid], plan, config.crops.size, warp), config, generator)
        features += [windows.features, network.features(crops)]
        scales += [windows.log2_scale, log2_scale([pyramid], plan, config).to(crops.device)]
        plain += [np.ones(len(windows.plan), np.bool_), np.zeros(len(plan), np.bool_)]
        owner.append(np.full(len(windows.plan) + len(plan), index))
    rows = np.concatenate(owner)
    return WindowBank(
        features=torch.cat(features),
        log2_scale=torch.cat(scales),
        image=rows,
        plain=np.concatenate(plain),
        degraded=join(list(copies.values()), list(copies)),
        cells=join(list(cells.values()), list(cells)),
        digests=tuple(digests),
        smallest_side=min(sides),
    )


def _some(windows: Windows, rng: np.random.Generator) -> Windows:
    """At most `CELLS` of them, chosen at random."""
    return windows.rows(np.sort(rng.permutation(len(windows.plan))[:CELLS]))
