"""How strange a features is: what is left of it beside the ways in which the training micrographs differ.

Triplets keep what tells the classes apart and drop the rest, where a foreign material differs most. So the rest is
looked at too: the length of a features's residual from the principal axes of the training micrographs (the residual of
ViM, Wang et al. 2022, on features). On UHCS the area under the curve for photographs of other things is 0.98, that of
the descriptors' log-likelihood 0.95; for a class left out 0.72 and 0.75: each finds what the other does not.
"""

import torch
from torch import Tensor, nn

AXES = 32
"""At most so many principal axes."""
EXPLAINED = 0.9
"""Share of the training micrographs' variance that the axes explain. From 0.8 to 0.98 the curve does not move."""
SMALLEST = 1e-9
"""Keeps the logarithm finite where nothing is left."""


class OodResidual(nn.Module):
    """From features (n, t) to the logarithm of their squared residual (n,)."""

    mean: Tensor
    spread: Tensor
    axes: Tensor

    def __init__(self, width: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(width))
        self.register_buffer("spread", torch.ones(width))
        self.register_buffer("axes", torch.zeros(AXES, width))

    @torch.no_grad()
    def learn(self, features: Tensor) -> None:
        """Take the axes of these (n, t), one features a micrograph; axes that are not needed stay zero."""
        self.mean.copy_(features.mean(0))
        self.spread.copy_(features.std(0, correction=0) + 1e-3)
        _, lengths, axes = torch.linalg.svd((features - self.mean) / self.spread, full_matrices=False)
        explained = lengths.square().cumsum(0) / lengths.square().sum().clamp(min=SMALLEST)
        needed = min(AXES, len(lengths), int((explained < EXPLAINED).sum()) + 1)
        self.axes.zero_()[:needed] = axes[:needed]

    def forward(self, features: Tensor) -> Tensor:
        inputs = (features - self.mean) / self.spread
        left = inputs.square().sum(1) - (inputs @ self.axes.T).square().sum(1)
        return left.clamp(min=SMALLEST).log()
