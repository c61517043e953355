"""The sampler: which micrographs go into a batch."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor


class BalancedSampler:
    """Draws images for a batch: each class as often as any other, and within it each specimen, then each image.

    A class with nine photographs of one specimen neither drowns nor speaks for itself nine times.
    """

    def __init__(self, labels: Sequence[int], specimens: Sequence[str]) -> None:
        """`labels` and `specimens`, one of each per image."""
        classes: dict[int, dict[str, list[int]]] = {}
        for index, (label, specimen) in enumerate(zip(labels, specimens, strict=True)):
            classes.setdefault(label, {}).setdefault(specimen, []).append(index)
        self._classes = {label: list(groups.values()) for label, groups in sorted(classes.items())}

    def draw(self, classes: int, per_class: int, generator: torch.Generator) -> tuple[NDArray[np.int64], Tensor]:
        """Image indices and labels of a batch: `per_class` images of at most `classes` classes."""
        labels = list(self._classes)
        if len(labels) > classes:
            order = torch.randperm(len(labels), generator=generator)[:classes]
            labels = [labels[int(index)] for index in order]
        u = torch.rand((2, len(labels), per_class), generator=generator).numpy()
        images = []
        for row, label in enumerate(labels):
            groups = self._classes[label]
            for first, second in u[:, row].T:
                group = groups[int(first * len(groups))]
                images.append(group[int(second * len(group))])
        return np.array(images, np.int64), torch.tensor(labels).repeat_interleave(per_class)
