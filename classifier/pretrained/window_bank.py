"""The features of all training windows, computed once; heads draw their batches from them."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from classifier.config import Config
from classifier.crops.augmentation import augment, warp_field
from classifier.crops.cut import cut
from classifier.crops.images import TrainingImages
from classifier.crops.plan import log2_scale, random_plan
from classifier.pretrained.network import FEATURES, Head, PretrainedNetwork
from classifier.pretrained.windows import encode_windows
from classifier.progress import Reporter
from classifier.triplet.loop import Batch
from classifier.triplet.sampler import BalancedSampler


@dataclass(frozen=True)
class WindowBank:
    """What was seen of the training micrographs, one row a window: `features` (n, 1344), `log2_scale` (n,), its
    micrograph `image` (n,), ascending, and `plain` (n,), whether it is one that scoring would encode_windows at, unlike the
    augmented ones; and the digest of each micrograph's pixels."""

    features: Tensor
    log2_scale: Tensor
    image: NDArray[np.int64]
    plain: NDArray[np.bool_]
    digests: tuple[bytes, ...]

    def rows(self, images: NDArray[np.int64]) -> NDArray[np.int64]:
        """The plain rows of some micrographs."""
        return np.flatnonzero(self.plain & np.isin(self.image, images))

    def windows_of(self, image: int) -> NDArray[np.int64]:
        """The plain rows of one micrograph, found without a encode_windows at all others."""
        first, last = np.searchsorted(self.image, [image, image + 1])
        return first + np.flatnonzero(self.plain[first:last])

    def mean_features(self, images: NDArray[np.int64]) -> Tensor:
        """The mean features over the plain windows of each of some micrographs, (len(images), 1344)."""
        return torch.stack([self.features[self.windows_of(int(image))].mean(0) for image in images])

    def draw(
        self, sampler: BalancedSampler, chosen: NDArray[np.int64], head: Head, config: Config, random: torch.Generator
    ) -> Batch:
        """A batch of the `chosen` micrographs, which the sampler counts: features (n, 1344), scales, labels (n,).

        A micrograph's rows are its plain windows first, then its augmented crops. A share of every features is left out,
        that is, replaced by the mean, so that the head leans on no channel.
        """
        images, labels = sampler.draw(config.triplets.classes_per_batch, config.triplets.crops_per_class, random)
        wanted = chosen[images]
        first, last = (np.searchsorted(self.image, wanted, side) for side in ("left", "right"))
        border = first + np.bincount(self.image[self.plain])[wanted]
        kind, place = torch.rand((2, len(wanted)), generator=random, dtype=torch.float64).numpy()
        augmented = (kind < config.pretrained.augmented_share) & (border < last)
        first, last = np.where(augmented, border, first), np.where(augmented, last, border)
        rows = torch.from_numpy(first + (place * (last - first)).astype(np.int64))
        features, mean = self.features[rows], head.mean[:FEATURES]
        kept = torch.rand(features.shape, generator=random) >= config.pretrained.feature_dropout
        features = mean + (features - mean) * kept.to(mean.device) / (1 - config.pretrained.feature_dropout)
        return features, self.log2_scale[rows], labels.to(mean.device)


@torch.no_grad()
def build_window_bank(
    network: PretrainedNetwork, images: TrainingImages, config: Config, generator: torch.Generator, report: Reporter
) -> WindowBank:
    """Look at every micrograph's windows, and at `Config.pretrained.augmented_crops` random, turned, augmented crops of it."""
    features, scales, owner, plain, digests = [], [], [], [], []
    for index, pyramid in enumerate(images.read(report, "looking")):
        digests.append(pyramid.digest())
        (seen,) = encode_windows(network.encoder, pyramid, config)
        windows = seen.some(config.pretrained.windows_per_micrograph, generator)
        plan = random_plan([pyramid], np.zeros(config.pretrained.augmented_crops, np.int64), config, generator)
        warp = warp_field(config.pretrained.augmented_crops, config.crops.size, config, generator)
        crops = augment(cut([pyramid], plan, config.crops.size, warp), config, generator)
        features += [windows.features, network.features(crops)]
        scales += [windows.log2_scale, log2_scale([pyramid], plan, config).to(crops.device)]
        plain += [np.ones(len(windows.plan), np.bool_), np.zeros(len(plan), np.bool_)]
        owner.append(np.full(len(windows.plan) + len(plan), index))
    return WindowBank(
        torch.cat(features), torch.cat(scales), np.concatenate(owner), np.concatenate(plain), tuple(digests)
    )
