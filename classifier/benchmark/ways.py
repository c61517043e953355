"""What is compared: a way learns from samples, then answers for others."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

from classifier.progress import Callback
from classifier.samples import Sample


@dataclass(frozen=True)
class Answer:
    """What a way says of a micrograph: `label`, and `among_classes`, the same where none of these is not allowed.

    `crops` is the crops or windows that it averaged.
    """

    label: str
    among_classes: str
    crops: float = 1.0


class Way(ABC):
    """One way to recognise micrographs. `title` is how tables call it; `measured` is false where it recognises nothing
    and only its speed counts; `part` is the share of its work that `answer` really does, to spare time."""

    title: str
    measured = True
    part = 1.0

    @abstractmethod
    def fit(self, samples: Sequence[Sample], callback: Callback) -> None:
        """Learn from labelled samples."""

    @abstractmethod
    def answer(self, sample: Sample) -> Answer:
        """Name the class of one."""

    def remark(self) -> str:
        """What it measured of itself while it learned, if anything."""
        return ""

    def flops(self, sample: Sample) -> float:
        """Floating-point operations of its encoder for this micrograph; 0 where it has none."""
        return 0.0
