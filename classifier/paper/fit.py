"""Fitting the recipe "paper".

The network first learns without some specimens, which then measure its accuracy and set the threshold of none of these.
It then continues with every micrograph; the threshold moves along in standardised form. So the accuracy is that of the
network before it saw the held-out specimens. The threshold, and the step at which training stopped early, were chosen
on those specimens, so the share called none of these is flattering: `MixtureConfig.false_rejection` by design.

Where the paper leaves a choice open (its supplements S4 and S5 are not available to us):

- Each Gaussian is fitted to its own class, without EM (triplet/mixture.py).
- The scale goes in as its log2, standardised over the training crops, since scales span decades.
- Triplets are mined within a batch that shows each class and specimen equally often (triplet/sampler.py, loss.py).
- The threshold calls at most `PaperConfig.training_rejection` of the training crops none of these, and fewer where the
  held-out specimens would lose more than `MixtureConfig.false_rejection` of their micrographs.
- Most steps see a 96 x 96 pixel part of their 200 x 200 crop, at the crop's scale: four times the steps for the time.
"""

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from classifier.arrays import Floats
from classifier.config import Config
from classifier.crops.images import InMemory, TrainingImages
from classifier.paper.checkpoint import Checkpoint, fingerprint
from classifier.paper.crop_mixture import fit_mixture
from classifier.paper.held_out_check import HeldOutCheck, train_and_check
from classifier.paper.resumable import ResumableTraining
from classifier.paper.scorer import PaperScorer
from classifier.progress import Reporter
from classifier.quality.held_out import hold_out
from classifier.scoring.descriptor_map import TrainingCrops
from classifier.scoring.ensemble import MixtureEnsemble
from classifier.scoring.rules import ThresholdRule
from classifier.scoring.scorer import Trained


def fit(images: TrainingImages, config: Config, seed: int, report: Reporter, checkpoint: Path | None) -> Trained:
    """Train the network, first without the held-out specimens, then with all; resumes from `checkpoint`."""
    loaded = images.in_memory(report.part(0, 0.04))
    states = Checkpoint(checkpoint, fingerprint(loaded, config, seed))
    return _fit(loaded, config, seed, report.part(0.04, 1), states)


def _fit(images: InMemory, config: Config, seed: int, report: Reporter, checkpoint: Checkpoint) -> Trained:
    training = ResumableTraining(images, config, seed, checkpoint, report)
    out = hold_out(images.names, images.specimens, config.paper.held_out, np.random.default_rng(seed))
    metrics: dict[str, Any] = {"held_out": None}
    out_of_fold: dict[int, Floats] = {}
    check, steps, checked = None, config.triplets.steps, 0.0
    if out.any():
        check_steps = round(config.paper.check_share * config.triplets.steps)
        checked = 0.95 * config.paper.check_share
        if training.check is None:
            inside, outside = images.part(np.flatnonzero(~out)), images.part(np.flatnonzero(out))
            found = train_and_check(training, inside, outside, max(1, check_steps), seed, report.part(0, checked))
            training.check = asdict(found)
        check = HeldOutCheck(**training.check)
        steps = max(1, round(check.share_of_steps * (config.triplets.steps - check_steps)))
        metrics = {**check.metrics, "early_stop": check.share_of_steps}
        out_of_fold = dict(zip(np.flatnonzero(out).tolist(), np.array(check.probabilities), strict=True))
    training.train(images, steps, report.part(checked, 0.95))
    fitted = fit_mixture(training.network, images, config, training.generator, report.part(0.95, 1))
    likelihood = fitted.mixture.log_likelihood(fitted.descriptors)
    threshold = float(np.quantile(likelihood, config.paper.training_rejection))
    if check is not None:
        moved = fitted.mixture.with_standardised_threshold(check.standardised_threshold)
        threshold = min(threshold, moved.threshold)
    mixture = replace(fitted.mixture, threshold=threshold)
    unlikely = np.array(check.unlikely if check is not None else [], np.float64)
    scorer = PaperScorer(config, training.network, ThresholdRule(MixtureEnsemble((mixture,)), unlikely))
    crops = TrainingCrops(fitted.descriptors, fitted.labels, fitted.owners, -likelihood, likelihood < threshold)
    return Trained(scorer, crops, metrics, out_of_fold)
