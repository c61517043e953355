"""Batches of augmented crops."""

from collections.abc import Sequence

import torch

from classifier.config import Config
from classifier.crops.augmentation import augment, warp_field
from classifier.crops.cut import cut
from classifier.crops.plan import log2_scale, part_of_each, random_plan
from classifier.crops.pyramid import Pyramid
from classifier.triplet.loop import Batch
from classifier.triplet.sampler import BalancedSampler


def draw_crops(
    pyramids: Sequence[Pyramid],
    sampler: BalancedSampler,
    config: Config,
    generator: torch.Generator,
    done: float,
) -> Batch:
    """A batch of augmented crops (n, 1, s, s), their log2 scales (n,) and labels (n,), on the pyramids' device.

    The first `Config.paper.part_share` of the steps see a part of each crop, at the crop's own scale.
    """
    size = min(config.paper.part_size, config.crops.size) if done < config.paper.part_share else config.crops.size
    device = pyramids[0].levels[0].device
    images, labels = sampler.draw(config.triplets.classes_per_batch, config.triplets.crops_per_class, generator)
    plan = random_plan(pyramids, images, config, generator)
    scale = log2_scale(pyramids, plan, config)
    if size < config.crops.size:
        plan = part_of_each(plan, size / config.crops.size, generator)
    crops = cut(pyramids, plan, size, warp_field(len(plan), size, config, generator))
    return augment(crops, config, generator), scale.to(device), labels.to(device)
