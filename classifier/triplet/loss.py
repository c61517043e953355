"""Sampling, mining and the loss: eq. 1 of the paper, max(0, |f(a) - f(p)| - |f(a) - f(n)| + margin).

Mining after Schroff et al., FaceNet (2015): of the batch's triplets, those that teach.
"""

import torch
from torch import Tensor

from classifier.config import Mining


def distances(descriptors: Tensor) -> Tensor:
    """Euclidean distance between all descriptors (n, d) -> (n, n), with a gradient that is finite at 0."""
    difference = descriptors[:, None] - descriptors[None]
    return (difference.square().sum(-1) + 1e-8).sqrt()


def triplet_loss(descriptors: Tensor, labels: Tensor, margin: float, mining: Mining) -> Tensor:
    """The mean of eq. 1 over the mined triplets with a loss above zero; 0 where there is none."""
    apart = distances(descriptors)
    same = labels[:, None] == labels[None]
    positive = same & ~torch.eye(len(labels), dtype=torch.bool, device=labels.device)
    mined = _all_negatives if mining == "all" else _semi_hard_negatives
    loss = mined(apart, positive, ~same, margin)
    active = loss > 0
    return loss[active].mean() if bool(active.any()) else loss.sum() * 0.0


def _all_negatives(apart: Tensor, positive: Tensor, negative: Tensor, margin: float) -> Tensor:
    """The loss of every (anchor, positive, negative) of the batch."""
    loss = apart[:, :, None] - apart[:, None, :] + margin
    return loss[positive[:, :, None] & negative[:, None, :]]


def _semi_hard_negatives(apart: Tensor, positive: Tensor, negative: Tensor, margin: float) -> Tensor:
    """Per anchor and positive, the loss of the nearest negative that lies beyond the positive; where none does, of
    the farthest negative (the least wrong one, so that a tangled start cannot collapse all descriptors)."""
    anchors, positives = positive.nonzero(as_tuple=True)
    to_positive = apart[anchors, positives]
    to_negative = apart[anchors].masked_fill(~negative[anchors], torch.inf)
    beyond = to_negative.masked_fill(to_negative <= to_positive[:, None], torch.inf).amin(1)
    farthest = apart[anchors].masked_fill(~negative[anchors], -torch.inf).amax(1)
    return to_positive - torch.where(beyond.isfinite(), beyond, farthest) + margin
