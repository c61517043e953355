"""The descriptor network f(crop, scale) of the paper: a crop and its own scale in, a descriptor out.

Small 3 x 3 convolutions; of every stage's feature map the mean and the spread over the crop, since a features has no
place and shows at every coarseness; joined by a small perceptron with the scale.
"""

import torch
from torch import Tensor, nn


def half_precision(device: torch.device) -> torch.autocast:
    """bfloat16 where it is faster, on a graphics card. For convolutions alone: what is drawn from their maps, such as a
    residual that two large numbers leave, needs the digits."""
    return torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda")


class DescriptorNetwork(nn.Module):
    """f(inputs, log2 scale (n,)) -> descriptors (n, Config.descriptor_dimensions): inputs and scale joined, then drawn
    from by the layer `out`. This is what triplets train."""

    out: nn.Linear

    def joined(self, inputs: Tensor, log2_scale: Tensor) -> Tensor:
        """Inputs and scale together, (n, width): what the descriptors are drawn from."""
        raise NotImplementedError

    def forward(self, inputs: Tensor, log2_scale: Tensor) -> Tensor:
        return self.out(self.joined(inputs, log2_scale))
