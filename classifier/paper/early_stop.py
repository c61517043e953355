"""Early stopping: a long training ends once validation on held-out specimens stops improving."""

from collections.abc import Callable

import torch
from torch import nn

from classifier.progress import Reporter
from classifier.triplet.loop import Training

Validate = Callable[[nn.Module, Reporter], float]
"""Returns the quality of a network, higher is better."""


class EarlyStop:
    """Validates `rounds` times over `steps`; `patience` rounds without a gain end the training (0: never).

    `best` (the best quality) and `stale` (rounds since) are all that changes.
    """

    def __init__(self, validate: Validate, steps: int, rounds: int, patience: int) -> None:
        self._validate, self._patience = validate, patience
        self._every = max(1, steps // rounds)
        self.best: float | None = None
        self.stale = 0

    def is_due(self, step: int) -> bool:
        """Whether a validation round is due after this step."""
        return self._patience > 0 and step % self._every == 0

    def should_stop(self, training: Training, report: Reporter) -> bool:
        """Validate the network as it would be if training ended now; True if training should end."""
        network = training.average.module if training.average is not None else training.network
        network.eval()
        with torch.no_grad():
            quality = self._validate(network, report)
        training.network.train()
        if self.best is None or quality > self.best:
            self.best, self.stale = quality, 0
        else:
            self.stale += 1
        return self.stale >= self._patience
