"""The loss and its mining, against loops that follow the definition."""

import itertools

import numpy as np
import pytest
import torch

from classifier.triplet.loss import triplet_loss
from classifier.triplet.sampler import BalancedSampler


def slow_loss(points: np.ndarray, labels: list[int], margin: float, mining: str) -> float:
    """Eq. 1, one triplet at a time."""
    apart = [[float(np.linalg.norm(a - b)) for b in points] for a in points]
    losses = []
    for a, p in itertools.permutations(range(len(points)), 2):
        if labels[a] != labels[p]:
            continue
        negatives = [n for n in range(len(points)) if labels[n] != labels[a]]
        if mining == "semi-hard":
            beyond = [n for n in negatives if apart[a][n] > apart[a][p]]
            if beyond:
                negatives = [min(beyond, key=lambda n: apart[a][n])]
            else:
                negatives = [max(negatives, key=lambda n: apart[a][n])]
        losses += [max(0.0, apart[a][p] - apart[a][n] + margin) for n in negatives]
    active = [loss for loss in losses if loss > 0]
    return sum(active) / len(active) if active else 0.0


@pytest.mark.parametrize("mining", ["semi-hard", "all"])
@pytest.mark.parametrize("spread", [0.1, 1.0, 3.0])
def test_loss_is_eq_1_over_the_mined_triplets(mining, spread, rng):
    labels = [0, 0, 0, 1, 1, 2, 2, 2]
    points = rng.normal(size=(8, 2)) * spread + np.array(labels)[:, None]
    loss = triplet_loss(torch.tensor(points), torch.tensor(labels), 0.7, mining)
    assert float(loss) == pytest.approx(slow_loss(points, labels, 0.7, mining), abs=1e-4)


@pytest.mark.parametrize("mining", ["semi-hard", "all"])
def test_loss_is_zero_with_a_gradient_when_the_classes_are_far_apart(mining):
    points = torch.tensor([[0.0, 0.0], [0.1, 0.0], [50.0, 0.0], [50.1, 0.0]], requires_grad=True)
    loss = triplet_loss(points, torch.tensor([0, 0, 1, 1]), 1.0, mining)
    loss.backward()
    assert float(loss.detach()) == 0.0
    assert torch.equal(points.grad, torch.zeros(4, 2))


@pytest.mark.parametrize("mining", ["semi-hard", "all"])
def test_gradient_is_finite_where_descriptors_coincide(mining):
    points = torch.zeros((4, 2), requires_grad=True)
    triplet_loss(points, torch.tensor([0, 0, 1, 1]), 1.0, mining).backward()
    assert torch.isfinite(points.grad).all()


def test_sampler_draws_each_class_and_each_specimen_as_often():
    labels = [0] * 9 + [1] * 3
    specimens = ["a"] * 8 + ["b"] + ["c"] * 3
    sampler = BalancedSampler(labels, specimens)
    images, drawn = sampler.draw(8, 2000, torch.Generator().manual_seed(0))
    assert drawn.tolist() == [0] * 2000 + [1] * 2000
    assert np.isin(images[2000:], [9, 10, 11]).all()
    assert (images[:2000] == 8).mean() == pytest.approx(0.5, abs=0.05)


def test_sampler_takes_some_classes_when_there_are_many():
    sampler = BalancedSampler(list(range(20)), [str(i) for i in range(20)])
    _, drawn = sampler.draw(4, 3, torch.Generator().manual_seed(0))
    assert len(drawn) == 12
    assert len(set(drawn.tolist())) == 4
