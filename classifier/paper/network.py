"""The network of the paper, f(crop, scale).

Small 3 x 3 convolutions. The mean and the standard deviation of every stage's feature map describe the features at
several scales; a small perceptron joins them with the scale of the crop.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from classifier.config import Config
from classifier.triplet.network import DescriptorNetwork, half_precision

SCALE_COPIES = 64
"""The scale is one number beside hundreds of features features; repeated, it is heard from the first step."""


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
    """The network of the recipe "paper": everything is learnt from the dataset alone, from crops (n, 1, s, s)."""

    scale_mean: Tensor
    scale_deviation: Tensor

    def __init__(self, config: Config) -> None:
        super().__init__()
        statistics = 2 * sum(config.paper.widths)
        self.join = nn.Linear(statistics + SCALE_COPIES, config.paper.hidden)
        self.norm = nn.BatchNorm1d(config.paper.hidden)
        self.out = nn.Linear(config.paper.hidden, config.triplets.descriptor_dimensions)
        self.register_buffer("scale_mean", torch.zeros(()))
        self.register_buffer("scale_deviation", torch.ones(()))
        self.fold = config.paper.unshuffle
        self.stages = nn.ModuleList()
        channels = config.paper.unshuffle**2
        for stage, (width, depth) in enumerate(zip(config.paper.widths, config.paper.depths, strict=True)):
            first = Convolution(channels, width, 2 if stage > 0 else 1)
            self.stages.append(nn.Sequential(first, *(Convolution(width, width, 1) for _ in range(depth - 1))))
            channels = width
        self.balance = nn.BatchNorm1d(statistics)

    def joined(self, inputs: Tensor, log2_scale: Tensor) -> Tensor:
        """Texture and scale together, (n, Config.hidden): what the descriptors are drawn from."""
        scale = ((log2_scale - self.scale_mean) / self.scale_deviation)[:, None].expand(-1, SCALE_COPIES)
        return torch.relu(self.norm(self.join(torch.cat((self.features(inputs), scale), 1))))

    def features(self, inputs: Tensor) -> Tensor:
        """Mean and spread of every stage's map."""
        maps = F.pixel_unshuffle(inputs, self.fold).contiguous(memory_format=torch.channels_last)
        found = []
        for stage in self.stages:
            with half_precision(maps.device):
                maps = stage(maps)
            mean = maps.float().mean((2, 3))
            found += [mean, (maps.float().square().mean((2, 3)) - mean.square()).clamp(min=0).add(1e-4).sqrt()]
        return self.balance(torch.cat(found, 1))
