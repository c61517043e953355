"""Progress reports and cancellation."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from classifier.errors import Cancelled


@dataclass(frozen=True)
class Progress:
    """How far a fit or a score is: `fraction` of the whole, 0 to 1; `loss` is the latest triplet loss, if any."""

    stage: str
    fraction: float
    message: str
    loss: float | None = None


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
            self(progress.stage, progress.fraction, progress.message, progress.loss)
            return True

        return callback

    def __call__(self, stage: str, fraction: float, message: str, loss: float | None = None) -> None:
        """Report. Raises Cancelled if the callback returns False."""
        if self.callback is None:
            return
        overall = self.start + (self.stop - self.start) * fraction
        if self.callback(Progress(stage, min(1.0, max(0.0, overall)), message, loss)) is False:
            raise Cancelled(f"Stopped on request while {stage}.")
