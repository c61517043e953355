"""From samples to a trained scorer, with an honest number on the way. Each recipe has its own way to it."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from classifier.arrays import Floats
from classifier.config import Config
from classifier.crops.images import TrainingImages
from classifier.paper.checkpoint import Checkpoint, fingerprint
from classifier.paper.fit import fit_paper
from classifier.pretrained.fit import fit_pretrained
from classifier.progress import Reporter
from classifier.samples import Sample, training_set
from classifier.scoring.descriptor_map import MapPoints
from classifier.scoring.scorer import Scorer


@dataclass(frozen=True)
class Fitted:
    """What a fit leaves behind."""

    scorer: Scorer
    classes: tuple[str, ...]
    scale_range: tuple[float, float]
    metrics: dict[str, Any]
    points: MapPoints
    out_of_fold: dict[int, Floats]


def fit(
    samples: Sequence[Sample],
    config: Config,
    seed: int,
    device: torch.device,
    report: Reporter,
    checkpoint: Path | None = None,
) -> Fitted:
    """Train on the samples that have a class. See Classifier.fit."""
    kept = training_set(samples)
    images = TrainingImages.of(kept, config, device)
    if config.recipe == "paper":
        whole, part = images.in_memory(report.part(0, 0.04)), report.part(0.04, 1)
        trained = fit_paper(whole, config, seed, part, Checkpoint(checkpoint, fingerprint(whole, config, seed)))
    else:  # seconds once its micrographs are looked at: nothing to keep
        trained = fit_pretrained(images, config, seed, report)
    first = trained.scorer.ensemble.members[0]
    metrics = trained.metrics | {
        "counts": dict(Counter(images.names)),
        "left_out": len(samples) - len(kept),
        "threshold": first.threshold if math.isfinite(first.threshold) else None,
        "training_crops_under_threshold": float((first.log_likelihood(trained.descriptors) < first.threshold).mean()),
    }
    scale_range = min(images.scales), max(images.scales)
    points = MapPoints.of(trained.descriptors, trained.labels)
    return Fitted(trained.scorer, images.classes, scale_range, metrics, points, trained.out_of_fold)
