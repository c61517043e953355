"""Outlier exposure: a linear discriminant of the known materials against a background of other ones.

Hendrycks et al., Deep anomaly detection with outlier exposure, ICLR 2019. It is fitted by ridge regression on balanced
targets of -1 and 1: this closed form found as many unknown micrographs as logistic regression did
(docs/method/none-of-these.md).
"""

import torch
from torch import Tensor

from classifier.pretrained.ridge import Ridge


class OutlierExposure(Ridge):
    """From features (n, f) to the discriminant (n,): about -1 for known materials and 1 for the background."""

    def fit(self, known: Tensor, background: Tensor) -> None:
        """Fit to windows of known materials (n, f) and of the background (m, f), each side with the same weight."""
        features = torch.cat((known, background))
        target = torch.cat((-torch.ones(len(known)), torch.ones(len(background)))).to(features)
        self.fit_to(features, target, torch.where(target < 0, 0.5 / len(known), 0.5 / len(background)))
