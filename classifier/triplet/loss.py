"""The triplet loss, eq. 1 of the paper: max(0, |f(a) - f(p)| - |f(a) - f(n)| + margin), and the mining of triplets.

Mining after Schroff et al., FaceNet (2015).
"""

import torch
from torch import Tensor

from classifier.config.parts import Mining


def distances(descriptors: Tensor) -> Tensor:
    """Euclidean distances between all descriptors (n, d) -> (n, n), with a finite gradient at 0."""
    difference = descriptors[:, None] - descriptors[None]
    return (difference.square().sum(-1) + 1e-8).sqrt()


def triplet_loss(descriptors: Tensor, labels: Tensor, margin: float, mining: Mining) -> Tensor:
    """The mean of eq. 1 over the mined triplets with a loss above zero; 0 if there are none."""
    distance = distances(descriptors)
    same = labels[:, None] == labels[None]
    positive = same & ~torch.eye(len(labels), dtype=torch.bool, device=labels.device)
    mined = _all_triplets if mining == "all" else _semi_hard_triplets
    loss = mined(distance, positive, ~same, margin)
    active = loss > 0
    return loss[active].mean() if bool(active.any()) else loss.sum() * 0.0


def _all_triplets(distance: Tensor, positive: Tensor, negative: Tensor, margin: float) -> Tensor:
    """The loss of every (anchor, positive, negative) of the batch."""
    loss = distance[:, :, None] - distance[:, None, :] + margin
    return loss[positive[:, :, None] & negative[:, None, :]]


def _semi_hard_triplets(distance: Tensor, positive: Tensor, negative: Tensor, margin: float) -> Tensor:
    """Per anchor and positive the loss of the nearest negative beyond the positive.

    Where there is none, that of the farthest negative: the hardest would let all descriptors collapse to a point.
    """
    anchors, positives = positive.nonzero(as_tuple=True)
    to_positive = distance[anchors, positives]
    to_negative = distance[anchors].masked_fill(~negative[anchors], torch.inf)
    beyond = to_negative.masked_fill(to_negative <= to_positive[:, None], torch.inf).amin(1)
    farthest = distance[anchors].masked_fill(~negative[anchors], -torch.inf).amax(1)
    return to_positive - torch.where(beyond.isfinite(), beyond, farthest) + margin
