"""Batches of augmented random crops."""

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
    pyramids: Sequence[Pyramid], sampler: BalancedSampler, config: Config, generator: torch.Generator, done: float
) -> Batch:
    """A batch of crops (n, 1, s, s), their log2 scales (n,) and labels (n,), on the pyramids' device.

    `done` is the share of the steps that are done: the first `PaperConfig.part_share` see a part of each crop, at the
    crop's scale.
    """
    whole, triplets = config.crops.size, config.triplets
    size = min(config.paper.part_size, whole) if done < config.paper.part_share else whole
    device = pyramids[0].levels[0].device
    images, labels = sampler.draw(triplets.classes_per_batch, triplets.crops_per_class, generator)
    plan = random_plan(pyramids, images, config, generator)
    scale = log2_scale(pyramids, plan, config)
    if size < whole:
        plan = part_of_each(plan, size / whole, generator)
    crops = cut(pyramids, plan, size, warp_field(len(plan), size, config, generator))
    return augment(crops, config, generator), scale.to(device), labels.to(device)
