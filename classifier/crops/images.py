"""The training micrographs, checked and read one at a time, so that a dataset need not fit into memory."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import torch

from classifier.arrays import Index
from classifier.config import Config
from classifier.crops.masked import filled
from classifier.crops.pyramid import Pyramid, build_pyramid
from classifier.errors import ClassifierError
from classifier.progress import Reporter
from classifier.samples import Sample, checked_scale, gray_values, specimens


@dataclass(frozen=True)
class TrainingImages:
    """Labelled samples whose pixels are read on demand; `others` are labelled none-of-these."""

    samples: Sequence[Sample]
    classes: tuple[str, ...]
    config: Config
    device: torch.device
    others: Sequence[Sample] = field(default=(), kw_only=True)

    @classmethod
    def of(
        cls, samples: Sequence[Sample], config: Config, device: torch.device, others: Sequence[Sample] = ()
    ) -> "TrainingImages":
        """The labelled samples. Raises ClassifierError for an invalid scale before any pixel is read."""
        for sample in samples:
            scale_of(sample, config)
        return cls(samples, tuple(sorted({str(sample.label) for sample in samples})), config, device, others=others)

    @cached_property
    def names(self) -> list[str]:
        """The class of each sample."""
        return [str(sample.label) for sample in self.samples]

    @cached_property
    def labels(self) -> Index:
        """The index of each sample's class, (n,)."""
        return np.array([self.classes.index(name) for name in self.names])

    @cached_property
    def specimens(self) -> list[str]:
        """The specimen of each sample."""
        return specimens(self.samples)

    @cached_property
    def scales(self) -> list[float]:
        """Pixels per micrometre of each sample; 1 if scale-free."""
        return [scale_of(sample, self.config) for sample in self.samples]

    def read(self, report: Reporter, stage: str) -> Iterator[Pyramid]:
        """The pyramids one by one, none kept in memory."""
        for index, sample in enumerate(self.samples):
            report(stage, index / len(self.samples), f"micrograph {index + 1} of {len(self.samples)}")
            yield prepare(sample, self.config, self.device)

    def with_copies_grouped(self, digests: Sequence[bytes]) -> "TrainingImages":
        """The same samples with every copy in the specimen of its original, so that no fold separates the two.

        `digests` are those of their pyramids. Raises ClassifierError if copies differ in their label.
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
        """All pyramids in memory, for a training that uses each thousands of times."""
        pyramids = list(self.read(report, "reading"))
        grouped = self.with_copies_grouped([pyramid.digest() for pyramid in pyramids])
        return InMemory(grouped.samples, self.classes, self.config, self.device, pyramids)


@dataclass(frozen=True)
class InMemory(TrainingImages):
    """Training micrographs with their pyramids."""

    pyramids: Sequence[Pyramid]

    def part(self, index: Index) -> "InMemory":
        """Those at some indices."""
        samples, pyramids = ([values[i] for i in index] for values in (self.samples, self.pyramids))
        return replace(self, samples=samples, pyramids=pyramids)


def with_copies_grouped(samples: Sequence[Sample], config: Config, report: Reporter) -> list[Sample]:
    """Labelled samples with every copy in the specimen of its original; reads each sample once."""
    images = TrainingImages.of(samples, config, torch.device("cpu"))
    digests = [pyramid.digest() for pyramid in images.read(report, "reading")]
    return list(images.with_copies_grouped(digests).samples)


def prepare(sample: Sample, config: Config, device: torch.device) -> Pyramid:
    """The pyramid of a sample. Raises ClassifierError for an image or scale that cannot be used."""
    gray = gray_values(sample.pixels(), sample.name)
    if sample.masked:
        gray = filled(gray, sample.masked, sample.name)
    return build_pyramid(gray, scale_of(sample, config), config, device, sample.masked)


def scale_of(sample: Sample, config: Config) -> float:
    """The pixels per micrometre, 1 if the dataset is scale-free. Raises ClassifierError for an invalid one."""
    return 1.0 if config.scale_free else checked_scale(sample.pixels_per_micrometre, sample.name)
