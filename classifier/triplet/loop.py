"""The training loop: batches in, triplet loss, AdamW on a one-cycle schedule."""

import math
from collections.abc import Callable, Mapping

import torch
from torch import Tensor
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from classifier.config.parts import TripletConfig
from classifier.errors import ClassifierError
from classifier.progress import Reporter
from classifier.triplet.loss import triplet_loss
from classifier.triplet.network import DescriptorNetwork

Batch = tuple[Tensor, Tensor, Tensor]
"""Inputs of the network, their log2 scales (n,) and labels (n,)."""
DrawBatch = Callable[[float], Batch]
"""Makes the next batch, given the share of the steps that are done."""

WARM_UP = 0.2
"""Share of the steps over which the learning rate rises."""
GRADIENT_NORM = 5.0
"""The gradient's norm is clipped to this."""


class Training:
    """A network in training and all state that changes from step to step, for a checkpoint.

    `smoothed_loss` is the running mean of the loss; `average` the exponential moving average of the weights, which
    replaces the network at the end if `TripletConfig.ema_decay` is set.
    """

    def __init__(self, network: DescriptorNetwork, config: TripletConfig, steps: int) -> None:
        self.network, self.config, self.steps = network, config, steps
        self.step = 0
        self.smoothed_loss: float | None = None
        self._trainable = [parameter for parameter in network.parameters() if parameter.requires_grad]
        self._optimiser = torch.optim.AdamW(self._trainable, lr=config.learning_rate, weight_decay=config.weight_decay)
        self.average: AveragedModel | None = None
        if config.ema_decay:
            mean = get_ema_multi_avg_fn(config.ema_decay)
            self.average = AveragedModel(network, multi_avg_fn=mean, use_buffers=True)

    def run(self, draw: DrawBatch, report: Reporter, stop: Callable[[], bool] | None = None) -> None:
        """Train up to `steps`, or until `stop`, called after each step, returns True; ends in evaluation mode."""
        self.network.train()
        while self.step < self.steps:
            loss = self._update(*draw(self.step / self.steps))
            self.smoothed_loss = loss if self.smoothed_loss is None else 0.9 * self.smoothed_loss + 0.1 * loss
            self.step += 1
            report("training", self.step / self.steps, f"step {self.step} of {self.steps}", self.smoothed_loss)
            if stop is not None and stop():
                break
        if self.average is not None:
            self.network.load_state_dict(self.average.module.state_dict())
        self.network.eval()

    def _update(self, inputs: Tensor, scale: Tensor, labels: Tensor) -> float:
        """One step; returns its loss."""
        config = self.config
        for group in self._optimiser.param_groups:
            group["lr"] = config.learning_rate * one_cycle((self.step + 0.5) / self.steps)
        penultimate = self.network.penultimate(inputs, scale)
        loss = triplet_loss(self.network.out(penultimate), labels, config.margin, config.mining)
        if config.auxiliary_weight:
            auxiliary = triplet_loss(penultimate, labels, config.margin, config.mining)
            loss = loss + config.auxiliary_weight * auxiliary
        if not bool(loss.isfinite()):
            raise ClassifierError(
                f"Training diverged: after {self.step} steps the loss is {float(loss.detach())}. Give a "
                f"learning_rate below {config.learning_rate:g}."
            )
        self._optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self._trainable, GRADIENT_NORM)
        self._optimiser.step()
        if self.average is not None:
            self.average.update_parameters(self.network)
        return float(loss.detach())

    def tensors(self) -> dict[str, Tensor]:
        """All changing state but the step and the loss."""
        state = {f"network.{name}": value for name, value in self.network.state_dict().items()}
        if self.average is not None:
            state |= {f"average.{name}": value for name, value in self.average.state_dict().items()}
        for index, moments in self._optimiser.state_dict()["state"].items():
            state |= {f"optimiser.{index}.{name}": value for name, value in moments.items()}
        return state

    def restore(self, tensors: Mapping[str, Tensor], step: int, smoothed_loss: float | None) -> None:
        """Continue from earlier values of `tensors()`, `step` and `smoothed_loss`."""
        parts: dict[str, dict[str, Tensor]] = {"network": {}, "average": {}, "optimiser": {}}
        for name, value in tensors.items():
            part, _, rest = name.partition(".")
            parts[part][rest] = value
        moments: dict[int, dict[str, Tensor]] = {}
        for name, value in parts["optimiser"].items():
            index, _, key = name.partition(".")
            moments.setdefault(int(index), {})[key] = value
        self.network.load_state_dict(parts["network"])
        if self.average is not None:
            self.average.load_state_dict(parts["average"])
        self._optimiser.load_state_dict(self._optimiser.state_dict() | {"state": moments})
        self.step, self.smoothed_loss = step, smoothed_loss


def one_cycle(fraction: float) -> float:
    """Learning rate as a share of its peak: a linear rise, then half a cosine down to zero."""
    if fraction < WARM_UP:
        return fraction / WARM_UP
    return 0.5 + 0.5 * math.cos(math.pi * (fraction - WARM_UP) / (1 - WARM_UP))
