"""The plain training loop. Progress leaves through a reporter, cancellation enters the same way."""

import math
from collections.abc import Callable, Mapping

import torch
from torch import Tensor
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from classifier.config import Config
from classifier.errors import ClassifierError
from classifier.progress import Reporter
from classifier.triplet.loss import triplet_loss
from classifier.triplet.network import DescriptorNetwork

Batch = tuple[Tensor, Tensor, Tensor]
"""Inputs of the network, their log2 scales (n,) and labels (n,)."""


WARM_UP = 0.2
"""Share of the steps over which the learning rate rises."""


class Training:
    """A network in training, with all that changes from step to step, so that it can be written down and gone on with.

    `smoothed` is the running mean of the loss. `averaged` is the running mean of the weights, which is the network in
    the end, where `Config.triplets.ema_decay` asks for it.
    """

    def __init__(self, network: DescriptorNetwork, config: Config, steps: int) -> None:
        self.network, self.config, self.steps = network, config, steps
        self.step = 0
        self.smoothed: float | None = None
        self._learnt = [parameter for parameter in network.parameters() if parameter.requires_grad]
        self._optimiser = torch.optim.AdamW(
            self._learnt, lr=config.triplets.learning_rate, weight_decay=config.triplets.weight_decay
        )
        self.averaged: AveragedModel | None = None
        if config.triplets.ema_decay:
            mean = get_ema_multi_avg_fn(config.triplets.ema_decay)
            self.averaged = AveragedModel(network, multi_avg_fn=mean, use_buffers=True)

    def run(self, draw: Callable[[float], Batch], report: Reporter, stop: Callable[[], bool] | None = None) -> None:
        """Update the network up to `steps`, or until `stop`, asked after each, says so; leaves it ready to describe.

        `draw` is told the share of steps done.
        """
        self.network.train()
        while self.step < self.steps:
            latest = self._update(*draw(self.step / self.steps))
            self.smoothed = latest if self.smoothed is None else 0.9 * self.smoothed + 0.1 * latest
            self.step += 1
            report("training", self.step / self.steps, f"step {self.step} of {self.steps}", self.smoothed)
            if stop is not None and stop():
                break
        if self.averaged is not None:
            self.network.load_state_dict(self.averaged.module.state_dict())
        self.network.eval()

    def _update(self, inputs: Tensor, scale: Tensor, labels: Tensor) -> float:
        """One step; returns its loss."""
        config = self.config
        for group in self._optimiser.param_groups:
            group["lr"] = config.triplets.learning_rate * one_cycle((self.step + 0.5) / self.steps)
        joined = self.network.joined(inputs, scale)
        loss = triplet_loss(self.network.out(joined), labels, config.triplets.margin, config.triplets.mining)
        if config.triplets.auxiliary_weight:
            loss = loss + config.triplets.auxiliary_weight * triplet_loss(
                joined, labels, config.triplets.margin, config.triplets.mining
            )
        if not bool(loss.isfinite()):
            raise ClassifierError(
                f"Training went astray: after {self.step} steps the loss is {float(loss.detach())}. Give a "
                f"learning_rate below {config.triplets.learning_rate:g}."
            )
        self._optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self._learnt, 5.0)
        self._optimiser.step()
        if self.averaged is not None:
            self.averaged.update_parameters(self.network)
        return float(loss.detach())

    def tensors(self) -> dict[str, Tensor]:
        """Everything that changes, but for the step and the loss."""
        held = {f"network.{name}": value for name, value in self.network.state_dict().items()}
        if self.averaged is not None:
            held |= {f"averaged.{name}": value for name, value in self.averaged.state_dict().items()}
        for index, moments in self._optimiser.state_dict()["state"].items():
            held |= {f"optimiser.{index}.{name}": value for name, value in moments.items()}
        return held

    def restore(self, tensors: Mapping[str, Tensor], step: int, smoothed: float | None) -> None:
        """Go on from what `tensors`, `step` and `smoothed` were."""
        parts: dict[str, dict[str, Tensor]] = {"network": {}, "averaged": {}, "optimiser": {}}
        for name, value in tensors.items():
            first, _, rest = name.partition(".")
            parts.setdefault(first, {})[rest] = value
        moments: dict[int, dict[str, Tensor]] = {}
        for name, value in parts["optimiser"].items():
            index, _, key = name.partition(".")
            moments.setdefault(int(index), {})[key] = value
        self.network.load_state_dict(parts["network"])
        if self.averaged is not None:
            self.averaged.load_state_dict(parts["averaged"])
        self._optimiser.load_state_dict(self._optimiser.state_dict() | {"state": moments})
        self.step, self.smoothed = step, smoothed


def train_network(
    network: DescriptorNetwork, draw: Callable[[float], Batch], config: Config, steps: int, report: Reporter
) -> None:
    """Update the network by `steps` batches; leaves it in evaluation mode. `draw` is told the share of steps done."""
    Training(network, config, steps).run(draw, report)


def one_cycle(fraction: float) -> float:
    """Learning rate as a share of its peak: a linear rise, then half a cosine down to zero."""
    if fraction < WARM_UP:
        return fraction / WARM_UP
    return 0.5 + 0.5 * math.cos(math.pi * (fraction - WARM_UP) / (1 - WARM_UP))
