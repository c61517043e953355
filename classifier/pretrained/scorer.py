"""Scoring of the recipe "pretrained": windows that share one pass of the encoder, random crops in doubt.

The evidence of none of these, and the estimate of the scale, always come from the windows, on which they were
calibrated. Random crops only decide between classes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch

from classifier.arrays import Floats
from classifier.crops.pyramid import Pyramid
from classifier.pretrained.enlargement import enlarged, joined
from classifier.pretrained.network import PretrainedNetwork
from classifier.pretrained.windows import Windows, encode_together
from classifier.progress import Reporter
from classifier.scoring.averaging import Average
from classifier.scoring.rules import MEASURED
from classifier.scoring.saliency import SaliencyMap, window_map
from classifier.scoring.scorer import Scorer

SMALL = 0.75
"""A picture whose shorter side is below this share of the smallest one trained on is enlarged and measured as well."""
MOST_ENLARGED = 4.0
"""Largest factor of the enlargement."""


@dataclass(frozen=True)
class PretrainedScorer(Scorer):
    """A trained ensemble of heads with its rule."""

    network: PretrainedNetwork

    def fast_average(self, pyramid: Pyramid, generator: torch.Generator, report: Reporter, lattice: bool) -> Average:
        return self.fast_averages([pyramid], [generator], report, lattice)[0]

    def fast_averages(
        self, pyramids: Sequence[Pyramid], generators: Sequence[torch.Generator], report: Reporter, lattice: bool
    ) -> list[Average]:
        """The windows' average if it is decisive, else that of a few random crops."""
        report("scoring", 0.2, "encoding all windows")
        encoded = self._windows_of_all(pyramids, around_cells=lattice)
        averages = []
        for pyramid, generator, (windows, *around) in zip(pyramids, generators, encoded, strict=True):
            average = self._with_enlarged(windows, pyramid)
            if not self._is_decisive(average):
                limit = min(self.config.scoring.crops_per_image, self.config.pretrained.doubtful_crops)
                crops = super().random_average(pyramid, generator, limit, report, stop_early=True)
                average = self._with_evidence_of(average, crops)
            averages.append(replace(average, lattice=around[0]) if lattice else average)
        return averages

    def random_average(
        self, pyramid: Pyramid, generator: torch.Generator, limit: int, report: Reporter, *, stop_early: bool
    ) -> Average:
        crops = super().random_average(pyramid, generator, limit, report, stop_early=stop_early)
        return self._with_evidence_of(self._with_enlarged(self._windows(pyramid), pyramid), crops)

    def describe(self, pyramids: Sequence[Pyramid]) -> list[Floats]:
        return [self.descriptor(average) for (average,) in self._windows_of_all(pyramids, around_cells=False)]

    def lattice_average(self, pyramid: Pyramid) -> Average:
        return self._windows_of_all([pyramid], around_cells=True)[0][1]

    def saliency(self, average: Average, pyramid: Pyramid) -> SaliencyMap | None:
        return None if average.lattice is None else window_map(average.lattice, pyramid)

    def _is_decisive(self, windows: Average) -> bool:
        """Whether one class leads, or none of these does."""
        *classes, none = self.rule.micrograph(windows.descriptors).probabilities
        second, first = sorted(classes)[-2:]
        lead = none - first if none > first else (first - second) / (1 - none)
        return bool(
            lead >= self.config.pretrained.decisive_lead or (none > first and self.network.evidence is not None)
        )

    def _with_evidence_of(self, windows: Average, crops: Average) -> Average:
        """The crops with the windows' mean evidence, warning and descriptor; format version 2 keeps its own."""
        if self.network.evidence is None:
            return crops
        measured = slice(self.rule.ensemble.width, self.rule.ensemble.width + MEASURED)
        descriptors = crops.descriptors.copy()
        descriptors[:, measured] = windows.descriptors[:, measured].mean(0)
        return replace(crops, descriptors=descriptors, warning=windows.warning, descriptor=windows.descriptor)

    def _with_enlarged(self, windows: Average, pyramid: Pyramid) -> Average:
        """The windows of a small picture joined by those of its enlargement, with a warning."""
        smallest, side = float(getattr(self.network, "smallest_side", 0)), min(pyramid.shape)
        if side >= SMALL * smallest:
            return windows
        factor = min(MOST_ENLARGED, smallest / side)
        larger = self._windows(enlarged(pyramid, factor, self.config))
        height, width = pyramid.shape
        warning = (
            f"the picture has only {width} x {height} pixels, fewer than those trained on; score the original if there "
            "is a larger one"
        )
        return replace(joined(windows, larger, factor), warning=warning)

    def _windows(self, pyramid: Pyramid) -> Average:
        return self._windows_of_all([pyramid], around_cells=False)[0][0]

    def _windows_of_all(self, pyramids: Sequence[Pyramid], *, around_cells: bool) -> list[list[Average]]:
        """For each micrograph the average over its windows, and over those around cells, from one pass of the
        encoder."""
        with torch.inference_mode():
            encoded = encode_together(self.network.encoder, pyramids, self.config, around_cells=around_cells)
            return [[self._average(windows) for windows in own] for own in encoded]

    def _average(self, windows: Windows) -> Average:
        described = self.network.describe(windows.features, windows.log2_scale)
        descriptors = described.cpu().numpy().astype(np.float64)
        return Average((windows.plan,), self.rule.crops(descriptors), descriptors, descriptor=self._place(windows))

    def _place(self, windows: Windows) -> Floats | None:
        """The mean place of the windows on the axes of the evidence, (65,), which knows no labels: a micrograph with a
        wrong label still stands beside those that look like it."""
        if self.network.evidence is None:
            return None
        places = self.network.evidence.distance.coordinates(windows.features, windows.log2_scale)
        return places.mean(0).cpu().numpy().astype(np.float64)
