"""The sampler: which micrographs a batch shows."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor


class BalancedSampler:
    """Draws each class equally often, within a class each specimen, within a specimen each micrograph.

    So a class of nine photographs of one specimen counts neither more than other classes nor as nine specimens.
    """

    def __init__(self, labels: Sequence[int], specimens: Sequence[str]) -> None:
        """`labels` and `specimens`, one of each per micrograph."""
        classes: dict[int, dict[str, list[int]]] = {}
        for index, (label, specimen) in enumerate(zip(labels, specimens, strict=True)):
            classes.setdefault(label, {}).setdefault(specimen, []).append(index)
        self._classes = {label: list(groups.values()) for label, groups in sorted(classes.items())}

    def draw(self, classes: int, per_class: int, generator: torch.Generator) -> tuple[NDArray[np.int64], Tensor]:
        """Micrograph indices and labels of a batch: `per_class` of at most `classes` classes."""
        labels = list(self._classes)
        if len(labels) > classes:
            order = torch.randperm(len(labels), generator=generator)[:classes]
            labels = [labels[int(index)] for index in order]
        u = torch.rand((2, len(labels), per_class), generator=generator).numpy()
        micrographs = []
        for row, label in enumerate(labels):
            groups = self._classes[label]
            for first, second in u[:, row].T:
                group = groups[int(first * len(groups))]
                micrographs.append(group[int(second * len(group))])
        return np.array(micrographs, np.int64), torch.tensor(labels).repeat_interleave(per_class)
