"""The input (Sample), the output (Verdict), and the checks on input. Imports no torch."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from classifier.errors import ClassifierError

NONE_OF_THESE = "none-of-these"
"""The reserved label of a micrograph that belongs to none of the classes."""
SHORTEST_SIDE = 32
"""Pixels; a smaller image is refused."""
LOWEST_SCALE, HIGHEST_SCALE = 1e-6, 1e6
"""Pixels per micrometre: a pixel of a metre, and of a picometre. A scale beyond them has the wrong unit."""
FEWEST_PER_CLASS = 2
"""Images that a class needs for training."""


@dataclass(frozen=True)
class Rectangle:
    """An upright rectangle in pixels of a picture: its left edge, its top edge, its width and its height."""

    x: float
    y: float
    width: float
    height: float

    def scaled(self, factor: float) -> "Rectangle":
        """The same part of a picture with `factor` times the pixels along each side."""
        return Rectangle(self.x * factor, self.y * factor, self.width * factor, self.height * factor)


@dataclass(frozen=True)
class Sample:
    """One micrograph: gray values (H, W) in uint8, uint16 or float, its label, its scale and the specimen it shows.

    `image` may be a function that reads the gray values. It is called each time they are needed, so that a dataset need
    not fit into memory. An empty specimen means that no other image shows the same specimen. `masked` are parts that
    show no material, such as an annotation box.
    """

    image: NDArray[np.generic] | Callable[[], NDArray[np.generic]]
    label: str | None
    pixels_per_micrometre: float | None
    specimen: str = ""
    name: str = ""
    masked: Sequence[Rectangle] = ()

    def pixels(self) -> NDArray[np.generic]:
        """The gray values (H, W), read now if `image` is a function."""
        return self.image() if callable(self.image) else self.image


@dataclass(frozen=True)
class Verdict:
    """The classification of one micrograph; `none_of_these` and `probabilities` add up to 1.

    `outside_rank` is the share of known micrographs of unseen specimens that look more familiar to the model, from 0
    to 1; None if no specimen could be held out of the training.

    `crops` is the number of crops or windows averaged, and `monte_carlo_error` the standard error of `probability` over
    random crops. `saliency` is (h, w, classes + 1) float32, the last plane none of these; all planes are 0 in masked
    rectangles. `saliency_window` is the side of the window around each of its cells, as a share of the picture's longer
    side; None where windows of many sizes were averaged. `descriptors` is (n, 2), projected for the descriptor map;
    `outside` (n,) are the crops that alone would be none of these. `descriptor` (d,) is the micrograph's own: the
    nearer two of them, the more alike the micrographs look to the model.
    """

    predicted: str
    probability: float
    probabilities: dict[str, float]
    none_of_these: float
    crops: int
    seed: int
    outside_rank: float | None = None
    warning: str = ""
    monte_carlo_error: float = 0.0
    saliency: NDArray[np.float32] | None = None
    saliency_window: float | None = None
    descriptors: NDArray[np.float32] = field(default_factory=lambda: np.zeros((0, 2), np.float32))
    outside: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, np.bool_))
    descriptor: NDArray[np.float32] = field(default_factory=lambda: np.zeros(0, np.float32))

    @property
    def nearest(self) -> str:
        """The class with the highest probability, also where the prediction is none of these."""
        return max(self.probabilities, key=self.probabilities.__getitem__)

    @property
    def class_probabilities(self) -> dict[str, float]:
        """The probability of each class if the micrograph belongs to one of them; they add up to 1."""
        total = sum(self.probabilities.values())
        count = len(self.probabilities)
        return {name: value / total if total else 1 / count for name, value in self.probabilities.items()}


def gray_values(image: NDArray[np.generic], name: str = "") -> NDArray[np.float32]:
    """The gray values (H, W) as float32.

    Raises ClassifierError unless they are two-dimensional, large enough, finite and not constant.
    """
    who = f'Micrograph "{name}"' if name else "The micrograph"
    if not isinstance(image, np.ndarray) or image.ndim != 2:
        given = f"an array of shape {image.shape}" if isinstance(image, np.ndarray) else type(image).__name__
        raise ClassifierError(f"{who} should be a two-dimensional array of gray values, but is {given}.")
    if image.dtype.kind not in "buif":
        raise ClassifierError(f"{who} should hold gray values, but its values are {image.dtype}.")
    if min(image.shape) < SHORTEST_SIDE:
        raise ClassifierError(
            f"{who} is {image.shape[1]} x {image.shape[0]} pixels; give at least {SHORTEST_SIDE} on each side."
        )
    with np.errstate(over="ignore"):  # an overflow is refused below
        values = image.astype(np.float32)
    if not np.isfinite(values).all():
        raise ClassifierError(f"{who} holds values that are not finite (NaN, infinite or huge); export it again.")
    if values.min() == values.max():
        raise ClassifierError(f"{who} has one gray value everywhere; there is nothing to recognise. Check the export.")
    return values


def checked_scale(pixels_per_micrometre: float | None, name: str = "") -> float:
    """The scale, unchanged. Raises ClassifierError if it is missing, not finite or out of bounds."""
    who = f'Micrograph "{name}"' if name else "The micrograph"
    if pixels_per_micrometre is None:
        raise ClassifierError(f"{who} has no scale; give its pixels per micrometre, for example 10.3.")
    if not np.isfinite(pixels_per_micrometre) or pixels_per_micrometre <= 0:
        raise ClassifierError(
            f"{who} has the scale {pixels_per_micrometre} pixels per micrometre; give a number above 0, such as 10.3."
        )
    if not LOWEST_SCALE <= pixels_per_micrometre <= HIGHEST_SCALE:
        raise ClassifierError(
            f"{who} has the scale {pixels_per_micrometre:g} pixels per micrometre, which no microscope has; check its "
            f"unit and give a number of {LOWEST_SCALE:g} to {HIGHEST_SCALE:g}."
        )
    return float(pixels_per_micrometre)


def training_set(samples: Sequence[Sample]) -> list[Sample]:
    """The samples with a class. Unlabelled and none-of-these samples are left out: the latter are not a class.

    Raises ClassifierError for fewer than two classes, or a class with fewer than two images.
    """
    kept = [sample for sample in samples if sample.label and sample.label != NONE_OF_THESE]
    counts = Counter(str(sample.label) for sample in kept)
    if len(counts) < 2:
        found = f'only "{next(iter(counts))}"' if counts else "no labelled micrograph"
        raise ClassifierError(
            f"Training needs micrographs of at least two classes, but found {found}. Label some of another class "
            f"({NONE_OF_THESE} is not a class)."
        )
    for label, count in counts.items():
        if count < FEWEST_PER_CLASS:
            raise ClassifierError(
                f'Class "{label}" has 1 image; give at least {FEWEST_PER_CLASS}, or leave the class out.'
            )
    return kept


def without_small_classes(samples: Sequence[Sample]) -> list[Sample]:
    """Without the classes that have too few images for training."""
    counts = Counter(sample.label for sample in samples)
    return [sample for sample in samples if counts[sample.label] >= FEWEST_PER_CLASS]


def specimens(samples: Sequence[Sample]) -> list[str]:
    """The specimen of each sample; an unnamed one is a specimen of its own."""
    return [sample.specimen or f"\0{index}" for index, sample in enumerate(samples)]
