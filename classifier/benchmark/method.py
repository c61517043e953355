"""The interface of a benchmarked method: it is fitted to samples, then predicts others."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

from classifier.progress import Callback
from classifier.samples import Sample

METHODS = ("naive", "scale", "texture", "lite0", "default", "exact", "paper")
"""The names of the methods, in the order of the tables."""


@dataclass(frozen=True)
class Prediction:
    """The predicted `label` of a micrograph, and its likeliest class, `closed_set`, which is never none of these.

    `crops` is the number of crops or windows averaged.
    """

    label: str
    closed_set: str
    crops: float = 1.0


class Method(ABC):
    """A method that recognises micrographs. `title` is its name in tables.

    `speed_only` is true if it recognises nothing and only its speed counts. `share_run` is the share of its work that
    `predict` does, to save time.
    """

    title: str
    speed_only = False
    share_run = 1.0

    @abstractmethod
    def fit(self, samples: Sequence[Sample], callback: Callback) -> None:
        """Train on labelled samples."""

    @abstractmethod
    def predict(self, sample: Sample) -> Prediction:
        """The prediction for one sample."""

    def held_out_note(self) -> str:
        """The accuracy on the specimens that the fit itself held out, as the end of a sentence; else empty."""
        return ""

    def flops(self, sample: Sample) -> float:
        """Floating-point operations of its encoder for this micrograph; 0 if it has none."""
        return 0.0
