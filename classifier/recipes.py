"""From a recipe's name to its network."""

import math

import torch
from torch import nn

from classifier.config import Config
from classifier.paper.network import PaperNetwork
from classifier.pretrained.network import PretrainedNetwork

Network = PaperNetwork | PretrainedNetwork


def build_network(config: Config, device: torch.device, generator: torch.Generator | None = None) -> Network:
    """A network on `device`, its weights drawn from `generator` (without one: left at zero, to be loaded)."""
    with torch.device("meta"):  # so that no weight is drawn from the global random state
        network = PretrainedNetwork(config) if config.recipe == "pretrained" else PaperNetwork(config)
    # Not by to_empty, for which torch imports sympy: half a second of a program that scores
    zeros = {name: torch.zeros(value.shape, dtype=value.dtype) for name, value in network.state_dict().items()}
    network.load_state_dict(zeros, assign=True)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d):
            module.reset_parameters()
        elif isinstance(module, nn.Conv2d | nn.Linear) and generator is not None:
            _draw_weights(module, generator)
    if isinstance(network, PaperNetwork):
        network.scale_deviation.fill_(1.0)
    elif generator is not None:
        network.encoder.load_weights(config.pretrained.weights)
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload] # the stubs lack this form
    return network.to(device)


def _draw_weights(module: nn.Conv2d | nn.Linear, generator: torch.Generator) -> None:
    """He initialisation for ReLU; biases stay zero."""
    with torch.no_grad():
        deviation = math.sqrt(2 / module.weight[0].numel())
        module.weight.copy_(torch.randn(module.weight.shape, generator=generator) * deviation)
