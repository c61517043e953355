"""The OOD score: how far features lie from the principal axes of the training micrographs.

Triplets keep what separates the classes and discard the rest, in which foreign materials differ most. The residual of
ViM (Wang et al., 2022), computed on features, measures that rest: the length of what remains beside the principal axes.
It finds other unknowns than the log-likelihood of the descriptors does: see docs/method/none-of-these.md.
"""

import torch
from torch import Tensor, nn

MOST_AXES = 32
EXPLAINED = 0.9
"""Share of the training micrographs' variance that the axes explain. The result is flat from 0.8 to 0.98."""
SMALLEST = 1e-9
"""Keeps the logarithm finite where nothing remains."""


class OodResidual(nn.Module):
    """From features (n, f) to OOD scores (n,): the logarithm of the squared residual."""

    mean: Tensor
    deviation: Tensor
    axes: Tensor

    def __init__(self, width: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(width))
        self.register_buffer("deviation", torch.ones(width))
        self.register_buffer("axes", torch.zeros(MOST_AXES, width))

    @torch.no_grad()
    def fit(self, features: Tensor) -> None:
        """Fit to the mean features (n, f) of each training micrograph; axes that are not needed stay zero."""
        self.mean.copy_(features.mean(0))
        self.deviation.copy_(features.std(0, correction=0) + 1e-3)
        _, lengths, axes = torch.linalg.svd((features - self.mean) / self.deviation, full_matrices=False)
        explained = lengths.square().cumsum(0) / lengths.square().sum().clamp(min=SMALLEST)
        needed = min(MOST_AXES, len(lengths), int((explained < EXPLAINED).sum()) + 1)
        self.axes.zero_()[:needed] = axes[:needed]

    def forward(self, features: Tensor) -> Tensor:
        inputs = (features - self.mean) / self.deviation
        residual = inputs.square().sum(1) - (inputs @ self.axes.T).square().sum(1)
        return residual.clamp(min=SMALLEST).log()
