"""The plain training loop. Progress leaves through a reporter, cancellation enters the same way."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from classifier.augment import augment, warp_field
from classifier.config import Config
from classifier.crops import Pyramid, cut, log2_scale, part_of_each, random_plan
from classifier.errors import Cancelled
from classifier.network import Describer
from classifier.samples import Callback, Progress
from classifier.triplets import BalancedSampler, triplet_loss

Batch = tuple[Tensor, Tensor, Tensor]
"""Inputs of the network, their log2 scales (n,) and labels (n,)."""

WARM_UP = 0.2
"""Share of the steps over which the learning rate rises."""


@dataclass(frozen=True)
class Reporter:
    """Tells a callback how far the whole work is, from one stage's own fraction."""

    callback: Callback | None = None
    start: float = 0.0
    stop: float = 1.0

    def part(self, start: float, stop: float) -> "Reporter":
        """A reporter for the stage that runs from `start` to `stop` of this one's fraction."""
        width = self.stop - self.start
        return replace(self, start=self.start + width * start, stop=self.start + width * stop)

    def __call__(self, stage: str, fraction: float, message: str, loss: float | None = None) -> None:
        """Report; raises Cancelled when the callback answers False."""
        if self.callback is None:
            return
        overall = self.start + (self.stop - self.start) * fraction
        if self.callback(Progress(stage, min(1.0, max(0.0, overall)), message, loss)) is False:
            raise Cancelled(f"Stopped on request while {stage}.")


def train_network(
    network: Describer, draw: Callable[[float], Batch], config: Config, steps: int, report: Reporter
) -> None:
    """Update the network by `steps` batches; leaves it in evaluation mode. `draw` is told the share of steps done."""
    learnt = [parameter for parameter in network.parameters() if parameter.requires_grad]
    optimiser = torch.optim.AdamW(learnt, lr=config.learning_rate, weight_decay=config.weight_decay)
    network.train()
    smoothed: float | None = None
    for step in range(steps):
        for group in optimiser.param_groups:
            group["lr"] = config.learning_rate * one_cycle((step + 0.5) / steps)
        inputs, scale, labels = draw(step / steps)
        with autocast(inputs.device):
            joined = network.joined(inputs, scale)
            descriptors = network.out(joined)
        loss = triplet_loss(descriptors.float(), labels, config.margin, config.mining)
        if config.joined_weight:
            loss = loss + config.joined_weight * triplet_loss(joined.float(), labels, config.margin, config.mining)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(learnt, 5.0)
        optimiser.step()
        latest = float(loss.detach())
        smoothed = latest if smoothed is None else 0.9 * smoothed + 0.1 * latest
        report("training", (step + 1) / steps, f"step {step + 1} of {steps}", smoothed)
    network.eval()


def one_cycle(fraction: float) -> float:
    """Learning rate as a share of its peak: a linear rise, then half a cosine down to zero."""
    if fraction < WARM_UP:
        return fraction / WARM_UP
    return 0.5 + 0.5 * math.cos(math.pi * (fraction - WARM_UP) / (1 - WARM_UP))


def draw_crops(
    pyramids: Sequence[Pyramid],
    sampler: BalancedSampler,
    config: Config,
    generator: torch.Generator,
    done: float,
) -> Batch:
    """A batch of augmented crops (n, 1, s, s), their log2 scales (n,) and labels (n,), on the pyramids' device.

    The first `Config.part_share` of the steps see a part of each crop, at the crop's own scale.
    """
    size = min(config.part_size, config.crop_size) if done < config.part_share else config.crop_size
    device = pyramids[0].levels[0].device
    images, labels = sampler.draw(config.classes_per_batch, config.crops_per_class, generator)
    plan = random_plan(pyramids, images, config, generator)
    scale = log2_scale(pyramids, plan, config)
    if size < config.crop_size:
        plan = part_of_each(plan, size / config.crop_size, generator)
    crops = cut(pyramids, plan, size, warp_field(len(plan), size, config, generator))
    return augment(crops, config, generator), scale.to(device), labels.to(device)


def autocast(device: torch.device) -> torch.autocast:
    """bfloat16 where it is faster: on a graphics card."""
    return torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda")
