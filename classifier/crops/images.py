"""The training micrographs, checked, and read one by one: a dataset need not fit into the memory."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray

from classifier.config import Config
from classifier.crops.pyramid import Pyramid, build_pyramid
from classifier.errors import ClassifierError
from classifier.progress import Reporter
from classifier.samples import Sample, checked_scale, gray_values, specimens


@dataclass(frozen=True)
class TrainingImages:
    """Samples with a class, their pixels not yet read; how to read them."""

    samples: Sequence[Sample]
    classes: tuple[str, ...]
    config: Config
    device: torch.device

    @classmethod
    def of(cls, samples: Sequence[Sample], config: Config, device: torch.device) -> "TrainingImages":
        """The labelled samples. Raises ClassifierError for a scale that is none, before any pixel is read."""
        for sample in samples:
            own_scale(sample, config)
        return cls(samples, tuple(sorted({str(sample.label) for sample in samples})), config, device)

    @cached_property
    def names(self) -> list[str]:
        """The class of each."""
        return [str(sample.label) for sample in self.samples]

    @cached_property
    def labels(self) -> NDArray[np.int64]:
        """The index of each one's class, (n,)."""
        return np.array([self.classes.index(name) for name in self.names])

    @cached_property
    def specimens(self) -> list[str]:
        """The specimen of each."""
        return specimens(self.samples)

    @cached_property
    def scales(self) -> list[float]:
        """Pixels per micrometre of each, as given."""
        return [own_scale(sample, self.config) for sample in self.samples]

    def read(self, report: Reporter, stage: str) -> Iterator[Pyramid]:
        """One after the other; none is kept."""
        for index, sample in enumerate(self.samples):
            report(stage, index / len(self.samples), f"micrograph {index + 1} of {len(self.samples)}")
            yield prepare(sample, self.config, self.device)

    def joined(self, digests: Sequence[bytes]) -> "TrainingImages":
        """With each copy counted to the specimen of what it copies, or it would be held out from itself.

        `digests` are those of their pyramids. Raises ClassifierError for two that look the same but differ in label.
        """
        first: dict[bytes, int] = {}
        earliest = [first.setdefault(digest, index) for index, digest in enumerate(digests)]
        for index, sample in zip(earliest, self.samples, strict=True):
            if (other := self.samples[index]).label != sample.label:
                raise ClassifierError(
                    f'Micrographs "{other.name}" and "{sample.name}" show the same pixels, but one is labelled '
                    f'"{other.label}" and the other "{sample.label}"; keep the right one and leave the other out.'
                )
        names = self.specimens
        samples = [replace(sample, specimen=names[index]) for index, sample in zip(earliest, self.samples, strict=True)]
        return replace(self, samples=samples)

    def in_memory(self, report: Reporter) -> "InMemory":
        """All of them, for a training that comes back to each thousands of times."""
        pyramids = list(self.read(report, "reading"))
        joined = self.joined([pyramid.digest() for pyramid in pyramids])
        return InMemory(joined.samples, self.classes, self.config, self.device, pyramids)


@dataclass(frozen=True)
class InMemory(TrainingImages):
    """Training micrographs that were read."""

    pyramids: Sequence[Pyramid]

    def part(self, index: NDArray[np.int64]) -> "InMemory":
        """Some of them."""
        samples, pyramids = ([values[i] for i in index] for values in (self.samples, self.pyramids))
        return replace(self, samples=samples, pyramids=pyramids)


def with_copies_joined(samples: Sequence[Sample], config: Config, report: Reporter) -> list[Sample]:
    """Labelled samples for folds that keep a copy and what it copies together; each is read once for that."""
    images = TrainingImages.of(samples, config, torch.device("cpu"))
    return list(images.joined([pyramid.digest() for pyramid in images.read(report, "reading")]).samples)


def prepare(sample: Sample, config: Config, device: torch.device) -> Pyramid:
    """The checked sample's pyramid. Raises ClassifierError for an image or scale that cannot be used."""
    return build_pyramid(gray_values(sample.pixels(), sample.name), own_scale(sample, config), config, device)


def own_scale(sample: Sample, config: Config) -> float:
    """The checked pixels per micrometre, 1 where the dataset has none."""
    return 1.0 if config.scale_free else checked_scale(sample.pixels_per_micrometre, sample.name)
