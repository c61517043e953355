"""Heads fitted to parts of the training micrographs, whose features are computed once."""

from dataclasses import dataclass

import numpy as np
import torch

from classifier.arrays import Flags, Index
from classifier.config import Config
from classifier.crops.images import TrainingImages
from classifier.pretrained.heads import HeadFitter
from classifier.pretrained.network import Head, build_network
from classifier.pretrained.sizing import sized_for
from classifier.pretrained.window_bank import build_window_bank
from classifier.progress import Reporter


@dataclass(frozen=True)
class SubsetHeads:
    """Fits a head to any part of the micrographs and asks it about others."""

    heads: HeadFitter

    @classmethod
    def of(cls, images: TrainingImages, config: Config, seed: int, report: Reporter) -> "SubsetHeads":
        """Encode every micrograph. Copies are in the specimen of their original in `heads.images`."""
        generator = torch.Generator().manual_seed(seed)
        sized = sized_for(config, len(images.labels), len(images.classes))
        network = build_network(sized, len(images.classes), images.device, generator)
        bank = build_window_bank(network, images, sized, generator, report)
        return cls(HeadFitter(bank, images.with_copies_grouped(bank.digests), sized, generator))

    def recognised(self, inside: Index, out: Index, report: Reporter) -> Flags:
        """Which of the micrographs `out` a head that is fitted to `inside` names rightly, (len(out),)."""
        head = Head(self.heads.config).to(self.heads.bank.features.device)
        fitted = self.heads.fit(head, inside, report)
        named = []
        for image in out:
            windows = self.heads.components(fitted, int(image))
            likelihood = np.exp(windows - windows.max(1, keepdims=True))
            named.append(int((likelihood / likelihood.sum(1, keepdims=True)).mean(0).argmax()))
        right: Flags = np.array(named, np.int64) == self.heads.images.labels[out]
        return right
