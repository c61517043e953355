"""A long training that resumes from its checkpoint after it was stopped or killed."""

from typing import Any

import numpy as np
import torch

from classifier.config import Config
from classifier.crops.images import InMemory
from classifier.crops.plan import log2_scale, random_plan
from classifier.paper.batches import draw_crops
from classifier.paper.checkpoint import Checkpoint, State
from classifier.paper.early_stop import EarlyStop
from classifier.paper.network import PaperNetwork, build_network
from classifier.progress import Reporter
from classifier.triplet.loop import Batch, Training
from classifier.triplet.sampler import BalancedSampler

GENERATOR = "generator"
"""Name of the random state among a checkpoint's tensors."""


class ResumableTraining:
    """The network, the random state and `check`, the caller's JSON-able result of validating on held-out specimens."""

    def __init__(self, images: InMemory, config: Config, seed: int, checkpoint: Checkpoint, report: Reporter) -> None:
        report("training", 0.0, "preparing")
        self.config = config
        self.generator = torch.Generator().manual_seed(seed)
        self.network = _new_network(images, config, self.generator)
        self._checkpoint = checkpoint
        self._saved: State | None = checkpoint.read(lambda problem: report("training", 0.0, problem))
        self.check: dict[str, Any] | None = self._saved.facts["check"] if self._saved else None

    def train(self, images: InMemory, steps: int, report: Reporter, early_stop: EarlyStop | None = None) -> int:
        """Train on these micrographs, from the checkpoint if there is one; returns the number of steps taken."""
        training = Training(self.network, self.config.triplets, steps)
        sampler = BalancedSampler(images.labels.tolist(), images.specimens)
        if self._saved is not None:
            self._restore(self._saved, training, early_stop)

        def draw(done: float) -> Batch:
            return draw_crops(images.pyramids, sampler, self.config, self.generator, done)

        def stop() -> bool:
            done = training.step / steps
            due = early_stop is not None and early_stop.is_due(training.step)
            if early_stop is not None and due and early_stop.should_stop(training, report.part(done, done)):
                return True
            if self._checkpoint.is_due():
                self._write(training, early_stop)
            return False

        training.run(draw, report, stop)
        return training.step

    def _write(self, training: Training, early_stop: EarlyStop | None) -> None:
        facts = {
            "step": training.step,
            "smoothed_loss": training.smoothed_loss,
            "check": self.check,
            "early_stop": [early_stop.best, early_stop.stale] if early_stop else None,
        }
        self._checkpoint.write(facts, {**training.tensors(), GENERATOR: self.generator.get_state()})

    def _restore(self, saved: State, training: Training, early_stop: EarlyStop | None) -> None:
        tensors = dict(saved.tensors)
        self.generator.set_state(tensors.pop(GENERATOR))
        training.restore(tensors, saved.facts["step"], saved.facts["smoothed_loss"])
        if early_stop is not None:
            early_stop.best, early_stop.stale = saved.facts["early_stop"]
        self._saved = None


def _new_network(images: InMemory, config: Config, generator: torch.Generator) -> PaperNetwork:
    """A fresh network that standardises the crops' log2 scale."""
    network = build_network(config, images.device, generator)
    plan = random_plan(images.pyramids, np.arange(len(images.pyramids)), config, generator)
    scale = log2_scale(images.pyramids, plan, config)
    network.scale_mean.fill_(float(scale.mean()))
    network.scale_deviation.fill_(max(0.5, float(scale.std())))
    return network
