"""Fitting the evidence of none of these and the scale estimate to a part of the training set, and measuring them."""

from dataclasses import dataclass

import numpy as np
import torch

from classifier.arrays import Floats, Index
from classifier.crops.images import TrainingImages
from classifier.pretrained.background import Background
from classifier.pretrained.evidence import Evidence, EvidenceWindows
from classifier.pretrained.heads import in_parts
from classifier.pretrained.network import FEATURES
from classifier.pretrained.owned_windows import OwnedWindows
from classifier.pretrained.scale_estimate import ScaleEstimate
from classifier.pretrained.window_bank import WindowBank

MOST_FITTED = 1000
"""Micrographs that the evidence is fitted to, at most, evenly spread."""


@dataclass(frozen=True)
class EvidenceFitter:
    """Fits evidence to the window bank and the background."""

    bank: WindowBank
    background: Background
    images: TrainingImages

    def fit(self, evidence: Evidence, images: Index, held_out_materials: frozenset[str] = frozenset()) -> Evidence:
        """Fit to these micrographs, their degraded copies, and the background without some of its materials."""
        spread = np.unique(np.linspace(0, len(images) - 1, min(MOST_FITTED, len(images))).astype(int))
        plain, degraded = self.bank.few_of(images[spread]), self.bank.degraded.of(images[spread])
        labels = torch.from_numpy(self.images.labels[np.concatenate((plain.owner, degraded.owner))])
        windows = EvidenceWindows(
            features=torch.cat((plain.features, degraded.features)),
            log2_scale=torch.cat((plain.log2_scale, degraded.log2_scale)),
            labels=labels.to(plain.features.device),
            background=self.background.without(held_out_materials),
        )
        return evidence.fit(windows)

    def fit_new(self, images: Index, held_out_materials: frozenset[str] = frozenset()) -> Evidence:
        """Evidence of its own, fitted to these micrographs."""
        fresh = Evidence(FEATURES, len(self.images.classes)).to(self.bank.features.device)
        return self.fit(fresh, images, held_out_materials)

    def fit_scale(self, estimate: ScaleEstimate, images: Index) -> ScaleEstimate:
        """Fit the scale estimate to these micrographs, without degraded copies: blur would pass for a high scale."""
        plain = self.bank.few_of(images)
        return estimate.fit(plain.features, plain.log2_scale)

    def of_rows(self, evidence: Evidence, rows: Index) -> Floats:
        """The evidence in these rows of the bank, (len(rows),)."""
        return in_parts(lambda part: evidence(self.bank.features[part], self.bank.log2_scale[part]), rows)

    def plain_parts(self, evidence: Evidence, images: Index) -> Floats:
        """The parts of the evidence in these micrographs, the mean over their windows, (len(images), 2)."""
        rows = np.concatenate([self.bank.rows_of(int(image)) for image in images])
        return _means(
            evidence, OwnedWindows(self.bank.features[rows], self.bank.log2_scale[rows], self.bank.image[rows])
        )

    def scale_offsets(self, estimate: ScaleEstimate, images: Index) -> Floats:
        """The estimated less the given log2 scale of these micrographs, (len(images),)."""
        found = []
        for image in images:
            rows = self.bank.rows_of(int(image))
            found.append(float((estimate(self.bank.features[rows]) - self.bank.log2_scale[rows]).mean()))
        return np.array(found)

    def degraded_parts(self, evidence: Evidence, images: Index) -> Floats:
        """The same of the degraded copies of those that have one."""
        return _means(evidence, self.bank.degraded.of(images))

    def degraded_images(self, images: Index) -> Index:
        """Those of these micrographs that have a degraded copy, in the order of `degraded_parts`."""
        return np.unique(self.bank.degraded.of(images).owner)

    def background_parts(self, evidence: Evidence, micrographs: Index, log2_scales: Floats) -> Floats:
        """The same of micrographs of the background, as if taken at these scales, (len(micrographs), 2)."""
        windows = self.background.windows.of(micrographs)
        scales = torch.from_numpy(log2_scales[np.searchsorted(micrographs, windows.owner)]).to(windows.log2_scale)
        return _means(evidence, OwnedWindows(windows.features, scales, windows.owner))


@torch.no_grad()
def _means(evidence: Evidence, windows: OwnedWindows) -> Floats:
    """The mean parts over each owner's windows, in the order of the owners."""
    if not len(windows.owner):
        return np.zeros((0, 2))
    parts = evidence.parts(windows.features, windows.log2_scale).cpu().numpy().astype(np.float64)
    _, position, counts = np.unique(windows.owner, return_inverse=True, return_counts=True)
    return np.stack([np.bincount(position, column) / counts for column in parts.T], 1)
