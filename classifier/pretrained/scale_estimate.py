"""The scale as the pixels alone suggest it, to notice a wrong one.

Ridge regression from a window's features to its log2 scale. On held-out specimens it errs by a factor of 1.8 (one
standard deviation), so it can notice a scale that is wrong by 10, often one by 4, and hardly one by 2.
"""

import torch
from torch import Tensor, nn

RIDGE = 1e-3
"""Penalty as in outlier_exposure.py. The result is flat from 1e-4 to 3e-3."""


class ScaleEstimate(nn.Module):
    """From features (n, f) to log2 scales (n,)."""

    weight: Tensor
    bias: Tensor

    def __init__(self, width: int) -> None:
        super().__init__()
        self.register_buffer("weight", torch.zeros(width))
        self.register_buffer("bias", torch.zeros(()))

    @torch.no_grad()
    def fit(self, features: Tensor, log2_scale: Tensor) -> "ScaleEstimate":
        """Fit to windows (n, f) with their log2 scales (n,)."""
        inputs, target = features.double(), log2_scale.double()
        unit = (inputs.std(0, correction=0) + 1e-3) * inputs.shape[1] ** 0.5
        mean, middle = (inputs / unit).mean(0), target.mean()
        centred = inputs / unit - mean
        ridge = RIDGE * torch.eye(inputs.shape[1], dtype=inputs.dtype, device=inputs.device)
        weight = torch.linalg.solve(
            centred.T @ centred / len(inputs) + ridge, centred.T @ (target - middle) / len(inputs)
        )
        self.weight.copy_(weight / unit)
        self.bias.copy_(middle - mean @ weight)
        return self

    def forward(self, features: Tensor) -> Tensor:
        return features @ self.weight + self.bias
