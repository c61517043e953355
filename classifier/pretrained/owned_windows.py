"""Windows of many micrographs, a few of each, with the micrograph that each belongs to."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from classifier.arrays import Index
from classifier.config import Config
from classifier.crops.pyramid import Pyramid
from classifier.pretrained.encoder import Encoder
from classifier.pretrained.windows import Windows, encode_windows

EACH = 8
"""Windows of each micrograph that the evidence is fitted to; 16 found no more unknown micrographs."""


@dataclass(frozen=True)
class OwnedWindows:
    """Features (n, f), log2 scales (n,) and owners (n,): the index of the micrograph, ascending."""

    features: Tensor
    log2_scale: Tensor
    owner: Index

    def of(self, owners: Index) -> "OwnedWindows":
        """Those of some micrographs."""
        rows = np.flatnonzero(np.isin(self.owner, owners))
        return OwnedWindows(self.features[rows], self.log2_scale[rows], self.owner[rows])


def sample_of(encoder: Encoder, pyramid: Pyramid, config: Config, generator: torch.Generator) -> Windows:
    """A few random windows of a micrograph."""
    (windows,) = encode_windows(encoder, pyramid, config)
    return windows.sample(EACH, generator)


def join(parts: Sequence[Windows], owners: Sequence[int] | None = None) -> OwnedWindows:
    """The windows of several micrographs; `owners` are their indices, by default 0, 1, ..."""
    counts = [len(part.plan) for part in parts]
    owner = np.repeat(np.arange(len(parts)) if owners is None else np.array(owners, np.int64), counts)
    features = torch.cat([part.features for part in parts])
    return OwnedWindows(features, torch.cat([part.log2_scale for part in parts]), owner)
