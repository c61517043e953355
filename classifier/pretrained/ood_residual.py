"""The OOD score of models of format version 2 and earlier, which still score: evidence.py has today's rule.

The residual of ViM (Wang et al., 2022), on features: how far they lie from the principal axes of the training set.
"""

import torch
from torch import Tensor, nn

AXES = 32
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
        self.register_buffer("axes", torch.zeros(AXES, width))

    def forward(self, features: Tensor) -> Tensor:
        inputs = (features - self.mean) / self.deviation
        residual = inputs.square().sum(1) - (inputs @ self.axes.T).square().sum(1)
        return residual.clamp(min=SMALLEST).log()
