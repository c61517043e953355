"""Mahalanobis++: the distance to the nearest class, of features normalised to length 1.

Müller and Hein, Mahalanobis++: improving OOD detection via feature normalization, ICML 2025. Here on principal axes,
with the scale as one more axis: a familiar texture at a scale at which no class shows it is strange too.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

MOST_AXES = 64
"""Principal axes, at most. 32 found fewer unknown micrographs, 100 and 128 as many."""
SHRINKAGE = 0.1
"""Weight of an isotropic covariance in the pooled one. The result is flat from 0.03 to 0.3."""
SMALLEST = 1e-6


class NearestClassDistance(nn.Module):
    """From features (n, f) and log2 scales (n,) to distances (n,). Classes share one covariance."""

    mean: Tensor
    deviation: Tensor
    centre: Tensor
    axes: Tensor
    scale_mean: Tensor
    scale_unit: Tensor
    class_means: Tensor
    whitening: Tensor

    def __init__(self, width: int, classes: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(width))
        self.register_buffer("deviation", torch.ones(width))
        self.register_buffer("centre", torch.zeros(width))
        self.register_buffer("axes", torch.zeros(width, MOST_AXES))
        self.register_buffer("scale_mean", torch.zeros(()))
        self.register_buffer("scale_unit", torch.ones(()))
        self.register_buffer("class_means", torch.zeros(classes, MOST_AXES + 1))
        self.register_buffer("whitening", torch.zeros(MOST_AXES + 1, MOST_AXES + 1))

    @torch.no_grad()
    def fit(self, features: Tensor, log2_scale: Tensor, labels: Tensor) -> None:
        """Fit to windows (n, f) with their scales (n,) and labels (n,); a class without windows is never nearest."""
        self.mean.copy_(features.mean(0))
        self.deviation.copy_(features.std(0, correction=0) + 1e-3)
        directions = self._directions(features).double()
        self.centre.copy_(directions.mean(0))
        centred = directions - directions.mean(0)
        axes = torch.linalg.eigh(centred.T @ centred).eigenvectors.flip(1)[:, :MOST_AXES]
        count = min(axes.shape[1], len(features) - 1)
        self.axes.zero_()[:, :count] = axes[:, :count]
        # The scale gets the weight of the first axis
        first = float((centred @ axes[:, 0]).std(correction=0))
        self.scale_mean.copy_(log2_scale.mean())
        self.scale_unit.copy_(first / (log2_scale.std(correction=0) + SMALLEST))
        self._fit_classes(self.coordinates(features, log2_scale).double(), labels)

    def _fit_classes(self, coordinates: Tensor, labels: Tensor) -> None:
        self.class_means.fill_(torch.inf)
        residuals = torch.zeros_like(coordinates)
        for label in labels.unique():
            own = labels == label
            mean = coordinates[own].mean(0)
            self.class_means[label] = mean
            residuals[own] = coordinates[own] - mean
        pooled = residuals.T @ residuals / len(residuals)
        isotropic = (pooled.trace() / len(pooled) + SMALLEST**2) * torch.eye(len(pooled)).to(pooled)
        covariance = (1 - SHRINKAGE) * pooled + SHRINKAGE * isotropic
        self.whitening.copy_(torch.linalg.inv(torch.linalg.cholesky(covariance)).T)

    def forward(self, features: Tensor, log2_scale: Tensor) -> Tensor:
        known = self.class_means[self.class_means.isfinite().all(1)]
        coordinates = self.coordinates(features, log2_scale)
        apart = (coordinates @ self.whitening)[:, None] - known @ self.whitening
        return apart.square().sum(2).min(1).values.sqrt()

    def coordinates(self, features: Tensor, log2_scale: Tensor) -> Tensor:
        """Positions on the axes and the scale, (n, MOST_AXES + 1). No label has a part in them."""
        scale = (log2_scale - self.scale_mean) * self.scale_unit
        return torch.cat(((self._directions(features) - self.centre) @ self.axes, scale[:, None]), 1)

    def _directions(self, features: Tensor) -> Tensor:
        return F.normalize((features - self.mean) / self.deviation, dim=1)
