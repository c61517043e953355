"""What is ranked, and what comes of it."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Wanted:
    """Descriptors of a model version near ``vector`` (d,), which is not compared with those of other versions.

    ``scales``: the lowest and the highest pixels per micrometre; ``trained_on``: only what the version learned from.
    """

    model_version: int
    vector: NDArray[np.float32]
    scales: tuple[float, float] | None = None
    trained_on: bool = False


class Hit(NamedTuple):
    """The key of a descriptor, and its distance."""

    descriptor: int
    distance: float
