"""How a classifier fares where it should hold, and where it should say that it does not know.

Held-out known micrographs are scored as they are, degraded, at half the size, and with false scales; then
micrographs of other materials; and each class by a classifier that was trained without it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.config import Config
from classifier.crops.degradation import DEGRADATIONS, resized
from classifier.errors import ClassifierError
from classifier.estimator import Classifier
from classifier.progress import Reporter
from classifier.quality.metrics import rate
from classifier.samples import NONE_OF_THESE, Sample, Verdict, gray_values
from classifier.synthetic import DRAWN_CLASSES, OTHER_MATERIALS, SCALE_RANGES, draw_micrograph, draw_other

KNOWN, UNKNOWN, FALSE_SCALE, LEFT_OUT = "known", "unknown", "false scale", "left out"
FACTORS = (2.0, 4.0, 10.0)
"""Factors by which scales are falsified, in either direction."""
DRAWN_OF_EACH = 6
"""Drawn micrographs of each material, where no real unknown ones are given."""


@dataclass
class Tally:
    """Counts of micrographs: with the right label, called none of these, and with a warning about the scale."""

    count: int = 0
    right: int = 0
    none_of_these: int = 0
    warned: int = 0

    def add(self, verdict: Verdict, label: str) -> None:
        self.count += 1
        self.right += verdict.predicted == label
        self.none_of_these += verdict.predicted == NONE_OF_THESE
        self.warned += "look as if taken" in verdict.warning

    def rates(self) -> dict[str, Any]:
        """The shares with their intervals; JSON-able."""
        names = ("right", "none_of_these", "warned")
        return {"count": self.count, **{name: rate(getattr(self, name), self.count) for name in names}}


@dataclass(frozen=True)
class Robustness:
    """The tallies by group and name, in the order in which they were met; `unknowns` are scored by every fold."""

    unknowns: Sequence[Sample]
    tallies: dict[tuple[str, str], Tally] = field(default_factory=dict)

    def observe(self, classifier: Classifier, held_out: Sequence[Sample], report: Reporter) -> None:
        """Score what one fold's classifier was not trained on."""
        total = len(held_out) + len(self.unknowns)
        for index, sample in enumerate(held_out):
            report("scoring variants", index / total, f"micrograph {index + 1} of {len(held_out)}")
            for group, name, variant in variants(sample):
                self._add(group, name, classifier, variant)
        for index, sample in enumerate(self.unknowns):
            report("scoring unknowns", (len(held_out) + index) / total, f"unknown {index + 1} of {len(self.unknowns)}")
            self._add(UNKNOWN, sample.specimen or "other materials", classifier, replace(sample, label=NONE_OF_THESE))

    def leave_out(self, samples: Sequence[Sample], config: Config | None, seed: int, report: Reporter) -> None:
        """Train without each class in turn, and score its micrographs."""
        classes = sorted({str(sample.label) for sample in samples} - {NONE_OF_THESE})
        for name, part in zip(classes, report.equal_parts(len(classes)), strict=True):
            others = [sample for sample in samples if sample.label != name]
            try:
                classifier = Classifier(config, seed).fit(others, part.relay())
            except ClassifierError:  # fewer than two classes are left
                continue
            for sample in samples:
                if sample.label == name:
                    self._add(LEFT_OUT, name, classifier, replace(sample, label=NONE_OF_THESE))

    def rows(self) -> list[dict[str, Any]]:
        """One row per group and name; JSON-able."""
        return [{"group": group, "name": name, **tally.rates()} for (group, name), tally in self.tallies.items()]

    def _add(self, group: str, name: str, classifier: Classifier, sample: Sample) -> None:
        verdict = classifier.score(
            sample.pixels(), sample.pixels_per_micrometre, masked=sample.masked, seed=classifier.seed
        )
        self.tallies.setdefault((group, name), Tally()).add(verdict, str(sample.label))


def variants(sample: Sample) -> Iterator[tuple[str, str, Sample]]:
    """Group, name and sample of everything that is made of one known micrograph."""
    pixels, rng = eight_bits(sample.pixels()), np.random.default_rng(0)
    yield KNOWN, "as it is", sample
    for name, degrade in DEGRADATIONS.items():
        yield KNOWN, name, replace(sample, image=degrade(pixels, rng))
    scale = sample.pixels_per_micrometre
    halved = None if scale is None else scale / 2
    if min(pixels.shape) >= 128:
        smaller = replace(sample, image=resized(pixels, 0.5), pixels_per_micrometre=halved)
        yield KNOWN, "half the size", replace(smaller, masked=[one.scaled(0.5) for one in sample.masked])
    if scale is not None:
        for factor in FACTORS:
            for false in (scale * factor, scale / factor):
                yield FALSE_SCALE, f"wrong by {factor:g}", replace(sample, pixels_per_micrometre=false)


def drawn_unknowns(samples: Sequence[Sample], seed: int) -> list[Sample]:
    """Drawn micrographs of materials that no class of the dataset is named after, at scales of the dataset."""
    rng = np.random.default_rng(seed)
    classes = {str(sample.label) for sample in samples}
    scales = [sample.pixels_per_micrometre for sample in samples]
    draw: Mapping[str, Callable[..., NDArray[np.uint8]]] = {
        **dict.fromkeys(DRAWN_CLASSES, draw_micrograph),
        **dict.fromkeys(OTHER_MATERIALS, draw_other),
    }
    found = []
    for kind in sorted(set(draw) - classes):
        for index in range(DRAWN_OF_EACH):
            drawn_at = float(np.exp(rng.uniform(*np.log(SCALE_RANGES[kind]))))
            pixels = draw[kind](kind, pixels_per_micrometre=drawn_at, seed=index, specimen=index)
            found.append(Sample(pixels, None, scales[rng.integers(len(scales))], f"drawn {kind}"))
    return found


def eight_bits(image: NDArray[np.generic]) -> NDArray[np.uint8]:
    """Gray values (H, W) stretched to 8 bits, unless they are in 8 bits."""
    if image.dtype == np.uint8:
        return image.astype(np.uint8, copy=False)
    gray = gray_values(image)
    low, high = float(gray.min()), float(gray.max())
    stretched: NDArray[np.uint8] = np.rint((gray - low) * (255 / (high - low))).astype(np.uint8)
    return stretched
