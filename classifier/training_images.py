"""The training micrographs, checked and ready to look at."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray

from classifier.config import Config
from classifier.crops import Pyramid, build_pyramid
from classifier.samples import Sample, checked_scale, gray_values, specimens
from classifier.train import Reporter


@dataclass(frozen=True)
class TrainingImages:
    """Pyramids, one label, specimen and scale for each; `labels` index `classes`."""

    pyramids: list[Pyramid]
    labels: NDArray[np.int64]
    specimens: list[str]
    classes: tuple[str, ...]

    def names(self) -> list[str]:
        """The class of each."""
        return [self.classes[label] for label in self.labels]

    def scales(self) -> list[float]:
        """Pixels per micrometre of each."""
        return [pyramid.pixels_per_micrometre for pyramid in self.pyramids]

    def part(self, index: NDArray[np.int64]) -> "TrainingImages":
        """Some of them."""
        return replace(
            self,
            pyramids=[self.pyramids[i] for i in index],
            labels=self.labels[index],
            specimens=[self.specimens[i] for i in index],
        )


def prepare(sample: Sample, config: Config, device: torch.device) -> Pyramid:
    """The checked sample's pyramid. Raises ClassifierError for an image or scale that cannot be used."""
    scale = 1.0 if config.scale_free else checked_scale(sample.pixels_per_micrometre, sample.name)
    return build_pyramid(gray_values(sample.image, sample.name), scale, config, device)


def read(samples: Sequence[Sample], config: Config, device: torch.device, report: Reporter) -> TrainingImages:
    """The pyramids of labelled samples."""
    names = [str(sample.label) for sample in samples]
    classes = tuple(sorted(set(names)))
    pyramids = []
    for index, sample in enumerate(samples):
        report("reading", index / len(samples), f"micrograph {index + 1} of {len(samples)}")
        pyramids.append(prepare(sample, config, device))
    return TrainingImages(pyramids, np.array([classes.index(name) for name in names]), specimens(samples), classes)
