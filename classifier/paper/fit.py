"""The recipe "paper": the whole network learns from random crops of this dataset alone.

HeadFitter runs in two parts. First the network learns without some specimens, which then measure its accuracy and set the
threshold of none of these. Then it goes on with every image, so that nothing is wasted; the threshold moves along in
units of the likelihoods' spread. The accuracy is thus that of the network before it saw the held-out specimens; the
threshold was chosen on them, which flatters the share called none of these (it is `Config.mixture.false_rejection` by design),
and so was the moment to stop, where training stopped early.

Where the paper is silent (its supplements S4 and S5 are not at hand), the choice and its reason stand beside the
setting in config.py, and here:

- The Gaussians are each fitted to their own class. The paper fits scikit-learn's GaussianMixture at the class centres,
  which knows no labels; these are known, so that this is deterministic and within a point of it (see mixture.py).
- The scale goes in as its log2, in units of its spread over the training crops, since scales span decades.
- Triplets are mined within a batch of crops of every class, each specimen as often as any other (see triplets.py).
- The threshold calls at most `Config.paper.training_rejection` of the training crops none of these, and fewer where the
  held-out specimens would lose more micrographs than `Config.mixture.false_rejection`.
- Most steps see a part of 96 x 96 pixels of their 200 x 200 crop, at the crop's scale: four times as many for the time.
"""

from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from classifier.arrays import Floats
from classifier.config import Config
from classifier.crops.images import InMemory
from classifier.crops.plan import random_plan
from classifier.paper.checkpoint import Checkpoint
from classifier.paper.early_stop import EarlyStop
from classifier.paper.network import PaperNetwork
from classifier.paper.resumable import ResumableTraining
from classifier.progress import Reporter
from classifier.quality.controls import majority, scale_only_predictions
from classifier.quality.held_out import held_out_metrics, hold_out
from classifier.scoring.ensemble import MixtureEnsemble
from classifier.scoring.scorer import Scorer, Trained, describe
from classifier.triplet.mixture import Mixture
from classifier.triplet.sampler import BalancedSampler
from classifier.triplet.threshold import choose_threshold

CROPS_PER_CLASS = 16
"""Crops of each class in one go when the mixture is fitted."""
VALIDATION_CROPS, VALIDATION_CROPS_EACH = 200, 8
"""A look at the held-out specimens takes about so many crops for the mixture, and so many of each of theirs."""


@dataclass(frozen=True)
class Check:
    """What the held-out specimens said: the threshold in spreads, the share of the steps after which they gained
    nothing more, the metrics, and of each the probabilities (k + 1,); JSON-able."""

    spreads: float
    share: float
    metrics: dict[str, Any]
    said: list[list[float]]


def fit_paper(images: InMemory, config: Config, seed: int, report: Reporter, checkpoint: Checkpoint) -> Trained:
    """Train the network, first without the held-out specimens, then with all."""
    course = ResumableTraining(images, config, seed, checkpoint, report)
    out = hold_out(images.names, images.specimens, config.paper.held_out, np.random.default_rng(seed))
    metrics: dict[str, Any] = {"held_out": None}
    out_of_fold: dict[int, Floats] = {}
    check, steps, border = None, config.triplets.steps, 0.0
    if out.any():
        done, border = round(config.paper.check_share * config.triplets.steps), 0.95 * config.paper.check_share
        if course.known is None:
            inside, held = images.part(np.flatnonzero(~out)), images.part(np.flatnonzero(out))
            course.known = asdict(_check(course, inside, held, max(1, done), seed, report.part(0, border)))
        check = Check(**course.known)
        steps = max(1, round(check.share * (config.triplets.steps - done)))
        metrics = {**check.metrics, "early_stop": check.share}
        out_of_fold = dict(zip(np.flatnonzero(out).tolist(), np.array(check.said), strict=True))
    course.train(images, steps, report.part(border, 0.95))
    part = report.part(0.95, 1)
    mixture, descriptors, labels = _fit_mixture(course.network, images, config, course.generator, part)
    threshold = float(np.quantile(mixture.log_likelihood(descriptors), config.paper.training_rejection))
    mixture = replace(mixture, threshold=threshold)
    if check is not None:
        moved = mixture.with_standardised_threshold(check.spreads)
        mixture = replace(mixture, threshold=min(mixture.threshold, moved.threshold))
    scorer = Scorer(config, course.network, MixtureEnsemble((mixture,)))
    return Trained(scorer, descriptors, labels, metrics, out_of_fold)


def _check(
    course: ResumableTraining, inside: InMemory, held: InMemory, steps: int, seed: int, report: Reporter
) -> Check:
    """Train without the held-out specimens, then let them choose the threshold and tell how many are right."""
    config = course.config

    def judge(network: PaperNetwork, report: Reporter) -> float:
        """Mean log-probability of the right class; the same crops at every look."""
        generator = torch.Generator().manual_seed(seed)
        mixture, _, _ = _fit_mixture(
            network, inside, config.changed(paper={"mixture_crops": VALIDATION_CROPS}), generator, report
        )
        found = _describe_each(network, held, VALIDATION_CROPS_EACH, config, generator, report)
        right = [mixture.posterior(x)[:, label] for x, label in zip(found, held.labels, strict=True)]
        return float(np.log(np.concatenate(right) + 0.01).mean())

    early = EarlyStop(judge, steps, config.paper.validation_rounds, config.paper.patience)
    taken = course.train(inside, steps, report.part(0, 0.9), early)
    mixture, _, _ = _fit_mixture(course.network, inside, config, course.generator, report.part(0.9, 0.94))
    descriptors = _describe_each(
        course.network, held, config.scoring.round_crops, config, course.generator, report.part(0.94, 1)
    )
    likelihoods = [mixture.log_likelihood(x) for x in descriptors]
    posteriors = [mixture.posterior(x) for x in descriptors]
    mixture = replace(mixture, threshold=choose_threshold(likelihoods, posteriors, config.mixture.false_rejection))
    means = np.stack([mixture.crop_probabilities(x).mean(0) for x in descriptors])
    known, actual = inside.names, held.names
    controls = {
        "majority": majority(known, len(actual)),
        "scale_only": scale_only_predictions(known, inside.scales, held.scales),
    }
    metrics = held_out_metrics(inside.classes, actual, means, controls)
    return Check(mixture.standardised_threshold(), taken / steps, metrics, means.tolist())


def _fit_mixture(
    network: PaperNetwork,
    images: InMemory,
    config: Config,
    generator: torch.Generator,
    report: Reporter,
) -> tuple[Mixture, Floats, NDArray[np.int64]]:
    """The mixture over random crops, as many of each class, with their descriptors and labels."""
    rounds = max(1, config.paper.mixture_crops // (CROPS_PER_CLASS * len(images.classes)))
    sampler = BalancedSampler(images.labels.tolist(), images.specimens)
    descriptors, labels = [], []
    for index in range(rounds):
        report("fitting the mixture", index / rounds, f"crops {index + 1} of {rounds} rounds")
        chosen, drawn = sampler.draw(len(images.classes), CROPS_PER_CLASS, generator)
        plan = random_plan(images.pyramids, chosen, config, generator)
        descriptors.append(describe(network, images.pyramids, plan, config))
        labels.append(drawn.numpy())
    x, y = np.concatenate(descriptors), np.concatenate(labels)
    counts = np.bincount(images.labels, minlength=len(images.classes)).tolist()
    return Mixture.fit(x, y, counts, config.mixture.shrinkage), x, y


def _describe_each(
    network: PaperNetwork,
    images: InMemory,
    crops: int,
    config: Config,
    generator: torch.Generator,
    report: Reporter,
) -> list[Floats]:
    """Descriptors (crops, d) of random crops of each micrograph."""
    found = []
    for index, pyramid in enumerate(images.pyramids):
        report("checking on held-out specimens", index / len(images.pyramids), f"micrograph {index + 1}")
        plan = random_plan([pyramid], np.zeros(crops, np.int64), config, generator)
        found.append(describe(network, [pyramid], plan, config))
    return found
