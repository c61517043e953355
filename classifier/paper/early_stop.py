"""When a long training stops before its last step: when held_out_predictions specimens have gained nothing for several looks."""

from collections.abc import Callable

import torch

from classifier.paper.network import PaperNetwork
from classifier.progress import Reporter
from classifier.triplet.loop import Training


class EarlyStop:
    """Looks at a network in training `looks` times over its `steps`; `patience` looks without a gain end it (0: never).

    `judge` says how good the network is, more is better. `best` and `waited` are all that changes.
    """

    def __init__(self, judge: Callable[[PaperNetwork, Reporter], float], steps: int, looks: int, patience: int) -> None:
        self._judge, self._patience = judge, patience
        self._every = max(1, steps // looks)
        self.best: float | None = None
        self.waited = 0

    def is_due(self, step: int) -> bool:
        """Whether a look is due after this step."""
        return self._patience > 0 and step % self._every == 0

    def look(self, training: Training, report: Reporter) -> bool:
        """Judge the network as it would be if training ended now; True when training should."""
        network = training.averaged.module if training.averaged is not None else training.network
        assert isinstance(network, PaperNetwork)  # the only recipe that trains for long
        network.eval()
        with torch.no_grad():
            value = self._judge(network, report)
        training.network.train()
        if self.best is None or value > self.best:
            self.best, self.waited = value, 0
        else:
            self.waited += 1
        return self.waited >= self._patience
