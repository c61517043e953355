"""What triplets train: a network from inputs and scale to descriptors."""

import math
from collections.abc import Callable
from typing import TypeVar

import torch
from torch import Tensor, nn

Network = TypeVar("Network", bound=nn.Module)


class DescriptorNetwork(nn.Module):
    """f(inputs, log2 scale (n,)) -> descriptors (n, d). The linear layer `out` maps the penultimate layer to them."""

    out: nn.Linear

    def penultimate(self, inputs: Tensor, log2_scale: Tensor) -> Tensor:
        """The layer before the descriptors, (n, width): inputs and scale joined."""
        raise NotImplementedError

    def forward(self, inputs: Tensor, log2_scale: Tensor) -> Tensor:
        descriptors: Tensor = self.out(self.penultimate(inputs, log2_scale))
        return descriptors


def initialised(make: Callable[[], Network], device: torch.device, generator: torch.Generator | None = None) -> Network:
    """A network on `device` with weights drawn from `generator`; without one they are zero, to be loaded."""
    with torch.device("meta"):  # draws nothing from the global random state
        network = make()
    # Not by to_empty, for which torch imports sympy: half a second of a program that scores
    zeros = {name: torch.zeros(value.shape, dtype=value.dtype) for name, value in network.state_dict().items()}
    network.load_state_dict(zeros, assign=True)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d):
            module.reset_parameters()
        elif isinstance(module, nn.Conv2d | nn.Linear) and generator is not None:
            _draw_weights(module, generator)
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload] # the stubs lack this form
    return network.to(device)


def _draw_weights(module: nn.Conv2d | nn.Linear, generator: torch.Generator) -> None:
    """He initialisation for ReLU; biases stay zero."""
    with torch.no_grad():
        deviation = math.sqrt(2 / module.weight[0].numel())
        module.weight.copy_(torch.randn(module.weight.shape, generator=generator) * deviation)


def half_precision(device: torch.device) -> torch.autocast:
    """bfloat16 on a graphics card, for convolutions alone: what is computed from their maps needs 32 bits."""
    return torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda")
