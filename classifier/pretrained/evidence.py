"""The evidence that a window shows none of the classes: outlier exposure plus the distance to the nearest class.

The two find different unknown materials: docs/method/none-of-these.md has the table. Each is standardised by what it
gives for known micrographs of specimens that it was not fitted to, and they are added.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from classifier.pretrained.mahalanobis import NearestClassDistance
from classifier.pretrained.outlier_exposure import OutlierExposure

PARTS = 2


@dataclass(frozen=True)
class EvidenceWindows:
    """Windows that evidence is fitted to: features (n, f), log2 scales (n,) and labels (n,) of known micrographs and
    their degraded copies, and the features (m, f) of the background."""

    features: Tensor
    log2_scale: Tensor
    labels: Tensor
    background: Tensor


class Evidence(nn.Module):
    """From features (n, f) and log2 scales (n,) to evidence (n,), about 0 for known micrographs, higher for others."""

    location: Tensor
    spread: Tensor

    def __init__(self, width: int, classes: int) -> None:
        super().__init__()
        self.exposure = OutlierExposure(width)
        self.distance = NearestClassDistance(width, classes)
        self.register_buffer("location", torch.zeros(PARTS))
        self.register_buffer("spread", torch.ones(PARTS))

    def fit(self, windows: EvidenceWindows) -> "Evidence":
        """Fit both parts; `standardise` sets their units."""
        self.exposure.fit(windows.features, windows.background)
        self.distance.fit(windows.features, windows.log2_scale, windows.labels)
        return self

    @torch.no_grad()
    def standardise(self, location: Tensor, spread: Tensor) -> None:
        """Set the location (2,) and the spread (2,) of the parts on known micrographs."""
        self.location.copy_(location)
        self.spread.copy_(spread)

    def parts(self, features: Tensor, log2_scale: Tensor) -> Tensor:
        """The discriminant and the distance, not standardised, (n, 2)."""
        return torch.stack((self.exposure(features), self.distance(features, log2_scale)), 1)

    def forward(self, features: Tensor, log2_scale: Tensor) -> Tensor:
        return ((self.parts(features, log2_scale) - self.location) / self.spread).sum(1)
