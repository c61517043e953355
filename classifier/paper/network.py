"""The paper's network, f(crop, scale), from crops (n, 1, s, s) and log2 scales (n,) to descriptors (n, d).

Small 3 x 3 convolutions in stages. The mean and the standard deviation of every stage's map are the features: a texture
has no position, and shows at every resolution. A small perceptron joins them with the crop's scale.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from classifier.config import Config
from classifier.triplet.network import DescriptorNetwork, half_precision, initialised

SCALE_COPIES = 64
"""Copies of the scale among hundreds of features, so that it has weight from the first step."""


class Convolution(nn.Module):
    """3 x 3 convolution, batch norm, ReLU; residual where shapes allow."""

    def __init__(self, channels_in: int, channels: int, stride: int) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(channels_in, channels, 3, stride, 1, bias=False)
        self.norm = nn.BatchNorm2d(channels)
        self.residual = channels_in == channels and stride == 1

    def forward(self, x: Tensor) -> Tensor:
        y = self.norm(self.convolution(x))
        return torch.relu(x + y if self.residual else y)


class PaperNetwork(DescriptorNetwork):
    """All weights are learned from the dataset."""

    scale_mean: Tensor
    scale_deviation: Tensor

    def __init__(self, config: Config) -> None:
        super().__init__()
        paper = config.paper
        features = 2 * sum(paper.widths)
        self.join = nn.Linear(features + SCALE_COPIES, paper.hidden)
        self.norm = nn.BatchNorm1d(paper.hidden)
        self.out = nn.Linear(paper.hidden, config.triplets.descriptor_dimensions)
        self.register_buffer("scale_mean", torch.zeros(()))
        self.register_buffer("scale_deviation", torch.ones(()))
        self.unshuffle = paper.unshuffle
        self.stages = nn.ModuleList()
        channels = paper.unshuffle**2
        for stage, (width, depth) in enumerate(zip(paper.widths, paper.depths, strict=True)):
            first = Convolution(channels, width, 2 if stage > 0 else 1)
            self.stages.append(nn.Sequential(first, *(Convolution(width, width, 1) for _ in range(depth - 1))))
            channels = width
        self.balance = nn.BatchNorm1d(features)

    def penultimate(self, inputs: Tensor, log2_scale: Tensor) -> Tensor:
        """Features and scale joined, (n, PaperConfig.hidden)."""
        scale = ((log2_scale - self.scale_mean) / self.scale_deviation)[:, None].expand(-1, SCALE_COPIES)
        return torch.relu(self.norm(self.join(torch.cat((self.features(inputs), scale), 1))))

    def features(self, inputs: Tensor) -> Tensor:
        """Mean and standard deviation of every stage's map, (n, 2 * sum(widths))."""
        maps = F.pixel_unshuffle(inputs, self.unshuffle).contiguous(memory_format=torch.channels_last)
        moments = []
        for stage in self.stages:
            with half_precision(maps.device):
                maps = stage(maps)
            mean = maps.float().mean((2, 3))
            moments += [mean, (maps.float().square().mean((2, 3)) - mean.square()).clamp(min=0).add(1e-4).sqrt()]
        balanced: Tensor = self.balance(torch.cat(moments, 1))
        return balanced


def build_network(config: Config, device: torch.device, generator: torch.Generator | None = None) -> PaperNetwork:
    """The network on `device`, its weights drawn from `generator`; without one they are zero, to be loaded."""
    network = initialised(lambda: PaperNetwork(config), device, generator)
    network.scale_deviation.fill_(1.0)
    return network
