"""Progress reports and cancellation."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from classifier.errors import Cancelled


@dataclass(frozen=True)
class Progress:
    """How far a fit or a score is: `fraction` of the whole, 0 to 1; `loss` is the latest triplet loss, if any.

    `facts` is what became known just now, JSON-able: `held_out` and `right`, the micrographs of specimens that were not
    trained on and how many of them were recognised so far; `map`, places of training crops on the descriptor map.
    """

    stage: str
    fraction: float
    message: str
    loss: float | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


Callback = Callable[[Progress], bool]
"""Called about once a second; returning False cancels."""


@dataclass(frozen=True)
class Reporter:
    """Turns the progress of one stage, from 0 to 1, into that of the whole, and reports it to a callback."""

    callback: Callback | None = None
    start: float = 0.0
    stop: float = 1.0

    def part(self, start: float, stop: float) -> "Reporter":
        """A reporter for the stage that runs from `start` to `stop` of this one's fraction."""
        width = self.stop - self.start
        return replace(self, start=self.start + width * start, stop=self.start + width * stop)

    def equal_parts(self, count: int) -> list["Reporter"]:
        """Reporters for `count` stages of equal length."""
        return [self.part(number / count, (number + 1) / count) for number in range(count)]

    def relay(self) -> Callback:
        """A callback that reports the progress of nested work as this stage of the whole."""

        def callback(progress: Progress) -> bool:
            self(progress.stage, progress.fraction, progress.message, progress.loss, progress.facts)
            return True

        return callback

    def __call__(
        self,
        stage: str,
        fraction: float,
        message: str,
        loss: float | None = None,
        facts: Mapping[str, Any] | None = None,
    ) -> None:
        """Report. Raises Cancelled if the callback returns False."""
        if self.callback is None:
            return
        overall = self.start + (self.stop - self.start) * fraction
        if self.callback(Progress(stage, min(1.0, max(0.0, overall)), message, loss, facts or {})) is False:
            raise Cancelled(f"Stopped on request while {stage}.")
