"""A network on its way through a long training that may be stopped or killed, and then goes on from its checkpoint."""

from typing import Any

import numpy as np
import torch

from classifier.config import Config
from classifier.crops.images import InMemory
from classifier.crops.plan import log2_scale, random_plan
from classifier.paper.batches import draw_crops
from classifier.paper.checkpoint import Checkpoint, State
from classifier.paper.early_stop import EarlyStop
from classifier.paper.network import PaperNetwork
from classifier.progress import Reporter
from classifier.recipes import build_network
from classifier.triplet.loop import Batch, Training
from classifier.triplet.sampler import BalancedSampler

GENERATOR = "generator"
"""The random state among a checkpoint's tensors."""


class ResumableTraining:
    """The network and the random state. `known` is what the caller had found out by the time of the checkpoint."""

    def __init__(self, images: InMemory, config: Config, seed: int, checkpoint: Checkpoint, report: Reporter) -> None:
        report("training", 0.0, "preparing")
        self.config = config
        self.generator = torch.Generator().manual_seed(seed)
        self.network = _new_network(images, config, self.generator)
        self._checkpoint = checkpoint
        self._saved: State | None = checkpoint.read(lambda text: report("training", 0.0, text))
        self.known: dict[str, Any] | None = self._saved.facts["known"] if self._saved else None

    def train(self, images: InMemory, steps: int, report: Reporter, early: EarlyStop | None = None) -> int:
        """Train on these images, from the checkpoint where there is one; returns the steps taken."""
        training = Training(self.network, self.config, steps)
        sampler = BalancedSampler(images.labels.tolist(), images.specimens)
        if self._saved is not None:
            self._restore(self._saved, training, early)

        def draw(done: float) -> Batch:
            return draw_crops(images.pyramids, sampler, self.config, self.generator, done)

        def stop() -> bool:
            share = training.step / steps
            if early is not None and early.is_due(training.step) and early.look(training, report.part(share, share)):
                return True
            if self._checkpoint.is_due():
                self._write(training, early)
            return False

        training.run(draw, report, stop)
        return training.step

    def _write(self, training: Training, early: EarlyStop | None) -> None:
        facts = {
            "step": training.step,
            "smoothed": training.smoothed,
            "known": self.known,
            "early": [early.best, early.waited] if early else None,
        }
        self._checkpoint.write(facts, {**training.tensors(), GENERATOR: self.generator.get_state()})

    def _restore(self, saved: State, training: Training, early: EarlyStop | None) -> None:
        tensors = dict(saved.tensors)
        self.generator.set_state(tensors.pop(GENERATOR))
        training.restore(tensors, saved.facts["step"], saved.facts["smoothed"])
        if early is not None:
            early.best, early.waited = saved.facts["early"]
        self._saved = None


def _new_network(images: InMemory, config: Config, generator: torch.Generator) -> PaperNetwork:
    """A fresh network that knows the mean and spread of the crops' log2 scale."""
    network = build_network(config, images.device, generator)
    assert isinstance(network, PaperNetwork)  # the recipe's
    plan = random_plan(images.pyramids, np.arange(len(images.pyramids)), config, generator)
    scale = log2_scale(images.pyramids, plan, config)
    network.scale_mean.fill_(float(scale.mean()))
    network.scale_deviation.fill_(max(0.5, float(scale.std())))
    return network
