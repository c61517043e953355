"""Fitting the recipe "pretrained": a committee of heads, and what it says of specimens that it has not seen.

The committee's heads train on every micrograph. For each fold of the specimens one more head, mixture and strangeness
are fitted without it: what these say of the fold measures the accuracy, over nearly all micrographs instead of a few,
and sets the thresholds of none of these. A threshold moves from them to the committee in units of the spread that each
fit finds among its own training windows.

Rules for none of these that were tried on UHCS, three seeds of five grouped folds of the 140 training images: right of
the known, known rejected, near unknown found (each class left out in turn), far unknown found (25 photographs of other
things / 48 drawn steels and other materials, the class names of which UHCS shares in part):

| rule | right | known rejected | near found | far found |
| --- | --- | --- | --- | --- |
| likelihood and strangeness, 3 % of out-of-fold micrographs | 77 % | 3 % | 21 % | 84 / 50 % |
| the same, 5 % (shipped) | 75 % | 5 % | 30 % | 88 / 63 % |
| the same, 10 % | 71 % | 11 % | 41 % | 94 / 85 % |
| the same, 15 % | 68 % | 15 % | 45 % | 96 / 95 % |

Single statistics at 10 %, averaged over a micrograph (two seeds), near and all 73 far ones found: log-likelihood of
the descriptors 43 and 77 %; strangeness 19 and 91 %; distance to the third nearest training micrograph 16 and 90 %;
distance along 20 principal axes 20 and 82 %; the larger of the first two 38 and 94 %, their sum 38 and 90 %. The
entropy of the posterior added to those finds more of the near (43 %) and fewer of the far (78 %). The aims of 60 and
95 % are not reached together: spheroidite with and without Widmanstätten plates look alike, so either left out is
taken for the other. Five per cent is shipped, since in a quiz with few unknowns each known one that is rejected costs
more than it finds.
"""

import copy
import warnings
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedGroupKFold
from torch import Tensor

from classifier.capacity import suited
from classifier.config import Config
from classifier.held_out import held_out_metrics
from classifier.measures import majority, scale_lookup
from classifier.mixture import Committee, Floats, Mixture, choose_temperature, softened, turning_point
from classifier.pretrained import TEXTURES, Bank, Head, PretrainedNetwork, build_bank
from classifier.recipes import build_network
from classifier.recogniser import Recogniser, Trained
from classifier.strangeness import Strangeness
from classifier.train import Batch, Reporter, train_network
from classifier.training_images import TrainingImages
from classifier.triplets import BalancedSampler

Index = NDArray[np.int64]
AT_ONCE = 8192
"""Rows of the bank that are described at once."""


@dataclass(frozen=True)
class Expert:
    """One head with what was fitted to the micrographs that it trained on; `usual` and `spread` are the median of
    their windows' strangeness, and how far above it the uppermost tenth begins."""

    head: Head
    mixture: Mixture
    strangeness: Strangeness
    usual: float
    spread: float


@dataclass(frozen=True)
class Unseen:
    """What an expert says of one micrograph that it has not seen: per window the log-likelihood and the familiarity
    (the negative strangeness), both in spreads (n,), and each component's log-likelihood (n, k)."""

    image: int
    likelihood: Floats
    familiarity: Floats
    components: Floats

    def probabilities(self, limits: "Limits", temperature: float) -> Floats:
        """The average over the windows, (k + 1,), the last none of these."""
        kept = (self.likelihood >= limits.likelihood) & (self.familiarity >= limits.familiarity)
        posterior = softened(self.components, temperature)
        return np.append((posterior * kept[:, None]).mean(0), 1 - kept.mean())


@dataclass(frozen=True)
class Limits:
    """A window below either, in spreads, is none of these."""

    likelihood: float
    familiarity: float


UNMEASURED_TEMPERATURE = 32.0
"""Where no specimen can be held out: what UHCS cut to three micrographs a class chose (in three folds 14, 32, 58)."""
UNMEASURED_LIMITS = Limits(-np.inf, -np.inf)
"""There, none of these is never said, for nothing tells how far from the training micrographs unseen ones lie. Limits
from the training micrographs themselves rejected 95 % of the others on UHCS cut to a specimen a class, 99 % on UHCS cut
to two micrographs a class."""


def fit_pretrained(images: TrainingImages, config: Config, seed: int, report: Reporter) -> Trained:
    """Look at every micrograph once, then train heads on what was seen: one without each fold, then the committee's."""
    generator = torch.Generator().manual_seed(seed)
    grown = suited(config, len(images.labels), len(images.classes))
    config = replace(config, descriptor_dimensions=grown.descriptor_dimensions)
    network = cast(PretrainedNetwork, build_network(config, images.device, generator))
    bank = build_bank(network, images, config, generator, report.part(0, 0.8))
    images = images.joined(bank.digests)
    fitting = Fitting(bank, images, grown, generator)
    unseen: list[Unseen] = []
    folds = hold_out_folds(images, config.folds, seed)
    for number, (inside, out) in enumerate(folds):
        part = report.part(0.8 + 0.1 * number / len(folds), 0.8 + 0.1 * (number + 1) / len(folds))
        expert = fitting.expert(copy.deepcopy(cast(Head, network.heads[0])), Strangeness(TEXTURES), inside, part)
        unseen += [fitting.judge(expert, image) for image in out]
    everything = np.arange(len(images.labels))
    experts = []
    for number, head in enumerate(network.heads):
        part = report.part(0.9 + 0.1 * number / config.members, 0.9 + 0.1 * (number + 1) / config.members)
        experts.append(fitting.expert(cast(Head, head), network.strangeness, everything, part))
    never_out = np.setdiff1d(everything, [said.image for said in unseen])
    trained_on = [fitting.judge(expert, int(image)) for expert in experts for image in never_out]
    temperature, limits = _rules(images, unseen, trained_on, config)
    means = [said.probabilities(limits, temperature) for said in unseen]
    metrics = _metrics(images, folds, unseen, np.stack(means)) if unseen else {"held_out": None}
    rows = bank.rows(everything)
    first = experts[0]
    committee = Committee(
        tuple(
            replace(expert.mixture.with_threshold_in_spreads(limits.likelihood), temperature=temperature)
            for expert in experts
        ),
        first.usual - limits.familiarity * first.spread,
    )
    descriptors, labels = fitting.describe(first.head, rows), images.labels[bank.image[rows]]
    out_of_fold = {said.image: mean for said, mean in zip(unseen, means, strict=True)}
    return Trained(Recogniser(config, network, committee), descriptors, labels, metrics, out_of_fold)


def hold_out_folds(images: TrainingImages, folds: int, seed: int) -> list[tuple[Index, Index]]:
    """Indices that train and indices held out, at most `folds` of them; no specimen is on both sides.

    A class that would keep fewer than two micrographs keeps all its specimens in that fold. One specimen alone cannot
    be held out: no folds. There are no more of them than the largest class has micrographs, or nothing could be spread.
    """
    everything = np.arange(len(images.labels))
    names = np.array(images.specimens)
    folds = min(folds, len(set(images.specimens)), int(np.bincount(images.labels).max()))
    if folds < 2:
        return []
    splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
    found = []
    with warnings.catch_warnings():  # a class with fewer micrographs than folds is dealt with below
        warnings.filterwarnings("ignore", "The least populated class")
        splits = list(splitter.split(everything, images.labels, names))
    for _, out in splits:
        kept = np.bincount(images.labels[np.setdiff1d(everything, out)], minlength=len(images.classes))
        poor = np.isin(images.labels[out], np.flatnonzero(kept < 2))
        out = out[~np.isin(names[out], names[out][poor])]
        if len(out):
            found.append((np.setdiff1d(everything, out), out))
    return found


@dataclass(frozen=True)
class Fitting:
    """What every fit of an expert needs."""

    bank: Bank
    images: TrainingImages
    config: Config
    generator: torch.Generator

    def expert(self, head: Head, strangeness: Strangeness, inside: Index, report: Reporter) -> Expert:
        """Train a head on some micrographs; fit mixture and strangeness to their plain windows."""
        bank, rows = self.bank, self.bank.rows(inside)
        head.start(bank.textures[rows], bank.log2_scale[rows], self.generator)
        sampler = BalancedSampler(self.images.labels[inside].tolist(), [str(image) for image in inside])

        def draw(done: float) -> Batch:
            return bank.draw(sampler, inside, head, self.config, self.generator)

        train_network(head, draw, self.config, self.config.steps, report)
        labels = self.images.labels[bank.image[rows]]
        counts = [1] * len(self.images.classes)
        mixture = Mixture.fit(self.describe(head, rows), labels, counts, self.config.shrinkage)
        strangeness.to(bank.textures.device).learn(bank.of_each(inside))
        strange = self.strange(strangeness, rows)
        usual = float(np.median(strange))
        return Expert(head, mixture, strangeness, usual, max(1e-6, float(np.quantile(strange, 0.9)) - usual))

    def describe(self, head: Head, rows: Index) -> Floats:
        """Descriptors (n, d) of some rows of the bank."""
        return _in_parts(lambda some: head(self.bank.textures[some], self.bank.log2_scale[some]), rows)

    def strange(self, strangeness: Strangeness, rows: Index) -> Floats:
        """The strangeness (n,) of some rows of the bank."""
        return _in_parts(lambda some: strangeness(self.bank.textures[some]), rows)

    def judge(self, expert: Expert, image: int) -> Unseen:
        """What an expert says of one micrograph."""
        rows = self.bank.windows_of(image)
        descriptors, mixture = self.describe(expert.head, rows), expert.mixture
        likelihood = mixture.in_spreads(mixture.log_likelihood(descriptors))
        familiarity = (expert.usual - self.strange(expert.strangeness, rows)) / expert.spread
        return Unseen(image, likelihood, familiarity, mixture.component_log_likelihood(descriptors))


def _in_parts(compute: Callable[[Index], Tensor], rows: Index) -> Floats:
    """What is computed for each of the rows, a part of them at once to bound the memory."""
    with torch.inference_mode():
        parts = [compute(rows[start : start + AT_ONCE]).cpu() for start in range(0, len(rows), AT_ONCE)]
    return torch.cat(parts).numpy().astype(np.float64)


def choose_limits(unseen: Sequence[Unseen], temperature: float, false_rejection: float) -> Limits:
    """The highest limits under which at most that share of known micrographs is called none of these.

    Each of the two alone would reject the same share; together they reject more than that and at most twice it.
    """
    posteriors = [softened(said.components, temperature) for said in unseen]
    turning = [
        sorted(turning_point(values, posterior) for values, posterior in zip(column, posteriors, strict=True))
        for column in ([said.likelihood for said in unseen], [said.familiarity for said in unseen])
    ]
    allowed = int(false_rejection * len(unseen))

    def rejected(alone: int) -> int:
        limits = Limits(turning[0][alone], turning[1][alone])
        means = [said.probabilities(limits, temperature) for said in unseen]
        return sum(mean.argmax() == len(mean) - 1 for mean in means)

    # The higher the limits the more are rejected: thousands of micrographs need no look at each pair of limits
    alone = max(0, bisect_right(range(min(allowed + 1, len(unseen))), allowed, key=rejected) - 1)
    return Limits(turning[0][alone], turning[1][alone])


def _rules(
    images: TrainingImages, unseen: Sequence[Unseen], trained_on: Sequence[Unseen], config: Config
) -> tuple[float, Limits]:
    """The temperature, and the limits that micrographs of held-out specimens set.

    None of those that could not be held out is rejected: a class of few specimens among many others looks strange.
    """
    if not unseen:
        return UNMEASURED_TEMPERATURE, UNMEASURED_LIMITS
    temperature = choose_temperature([said.components for said in unseen], [images.labels[s.image] for s in unseen])
    limits = choose_limits(unseen, temperature, config.false_rejection)
    for said in trained_on:
        if said.probabilities(limits, temperature).argmax() == len(images.classes):
            lowest = float(said.likelihood.min()), float(said.familiarity.min())
            limits = Limits(min(limits.likelihood, lowest[0]), min(limits.familiarity, lowest[1]))
    return temperature, limits


def _metrics(
    images: TrainingImages, folds: list[tuple[Index, Index]], unseen: Sequence[Unseen], means: Floats
) -> dict[str, Any]:
    """What the experts say of unseen specimens, beside the controls on the same folds."""
    names, scales = np.array(images.names), np.array(images.scales)
    controls: dict[str, list[str]] = {"majority": [], "scale_only": []}
    for inside, out in folds:
        known = names[inside].tolist()
        controls["majority"] += majority(known, len(out))
        controls["scale_only"] += scale_lookup(known, scales[inside].tolist(), scales[out].tolist())
    actual = [str(names[said.image]) for said in unseen]
    return held_out_metrics(images.classes, actual, means, controls)
