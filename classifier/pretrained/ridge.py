"""Ridge regression on the features of windows."""

import torch
from torch import Tensor, nn

RIDGE = 1e-3
"""Penalty on the squared weights of standardised features divided by the square root of their number. What is fitted
with it hardly changes from 1e-4 to 3e-3."""


class Ridge(nn.Module):
    """From features (n, f) to a number per window (n,)."""

    weight: Tensor
    bias: Tensor

    def __init__(self, width: int) -> None:
        super().__init__()
        self.register_buffer("weight", torch.zeros(width))
        self.register_buffer("bias", torch.zeros(()))

    @torch.no_grad()
    def fit_to(self, features: Tensor, target: Tensor, share: Tensor) -> None:
        """Fit to windows (n, f) with targets (n,); `share` (n,) are their weights, which add up to 1."""
        features, target, share = features.double(), target.double(), share.double()
        unit = (features.std(0, correction=0) + 1e-3) * features.shape[1] ** 0.5
        inputs = features / unit
        mean, middle = share @ inputs, share @ target
        centred = inputs - mean
        weighted = centred * share[:, None]
        ridge = RIDGE * torch.eye(features.shape[1], dtype=features.dtype, device=features.device)
        weight = torch.linalg.solve(weighted.T @ centred + ridge, weighted.T @ (target - middle))
        self.weight.copy_(weight / unit)
        self.bias.copy_(middle - mean @ weight)

    def forward(self, features: Tensor) -> Tensor:
        return features @ self.weight + self.bias
