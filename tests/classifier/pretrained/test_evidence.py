"""The evidence of none of these, each part against the slow way."""

import numpy as np
import pytest
import torch

from classifier.pretrained.evidence import Evidence, EvidenceWindows
from classifier.pretrained.mahalanobis import MOST_AXES, SHRINKAGE, NearestClassDistance
from classifier.pretrained.outlier_exposure import OutlierExposure
from classifier.pretrained.ridge import RIDGE
from classifier.pretrained.scale_estimate import ScaleEstimate


def tensor(values: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(np.asarray(values, np.float32))


def test_the_discriminant_is_the_ridge_regression_on_balanced_targets(rng):
    known, background = rng.normal(size=(30, 6)), rng.normal(size=(90, 6)) + 0.7
    exposure = OutlierExposure(6)
    exposure.fit(tensor(known), tensor(background))
    x = np.concatenate((known, background)).astype(np.float32).astype(float)
    y = np.repeat([-1.0, 1.0], [30, 90])
    weight = np.repeat([0.5 / 30, 0.5 / 90], [30, 90])
    unit = (x.std(0) + 1e-3) * np.sqrt(6)
    inputs = x / unit - (weight[:, None] * x / unit).sum(0)
    # Each penalised weight is one more row of an ordinary least-squares problem
    rows = np.concatenate((inputs * np.sqrt(weight)[:, None], np.sqrt(RIDGE) * np.eye(6)))
    solved = np.linalg.lstsq(rows, np.concatenate((y * np.sqrt(weight), np.zeros(6))), rcond=None)[0]
    np.testing.assert_allclose(exposure(tensor(x)).numpy(), inputs @ solved, atol=1e-4)
    assert exposure(tensor(background)).mean() > exposure(tensor(known)).mean() + 0.5


def test_the_distance_is_the_mahalanobis_distance_to_the_nearest_class_of_normalised_features(rng):
    labels = np.repeat([0, 1, 2], 40)
    x = rng.normal(size=(120, 5)) + 2 * rng.normal(size=(3, 5))[labels]
    scale = rng.normal(size=120) + labels
    distance = NearestClassDistance(5, 3)
    distance.fit(tensor(x), tensor(scale), torch.from_numpy(labels))
    unit = (x - x.mean(0)) / (x.std(0) + 1e-3)
    unit /= np.linalg.norm(unit, axis=1, keepdims=True)
    first = np.linalg.svd(unit - unit.mean(0))[2][0]
    spread = ((unit - unit.mean(0)) @ first).std()
    points = np.column_stack((unit, (scale - scale.mean()) / scale.std() * spread))
    means = np.stack([points[labels == label].mean(0) for label in range(3)])
    residuals = points - means[labels]
    covariance = residuals.T @ residuals / 120
    size = MOST_AXES + 1  # the axes beyond the fifth are empty
    isotropic = np.trace(covariance) / size * np.eye(6)
    inverse = np.linalg.inv((1 - SHRINKAGE) * covariance + SHRINKAGE * isotropic)
    apart = points[:, None] - means
    expected = np.sqrt(np.einsum("nkd,de,nke->nk", apart, inverse, apart).min(1))
    np.testing.assert_allclose(distance(tensor(x), tensor(scale)).numpy(), expected, rtol=2e-3)


def test_a_class_without_windows_is_never_nearest(rng):
    labels = torch.tensor([0, 2]).repeat(20)
    x, scale = tensor(rng.normal(size=(40, 4))), torch.zeros(40)
    distance = NearestClassDistance(4, 3)
    distance.fit(x, scale, labels)
    assert distance(x, scale).isfinite().all()


def test_another_scale_is_evidence_too(rng):
    x, labels = rng.normal(size=(60, 4)), torch.tensor([0, 1]).repeat(30)
    distance = NearestClassDistance(4, 2)
    distance.fit(tensor(x), tensor(rng.normal(size=60)), labels)
    usual, unusual = (distance(tensor(x), torch.full((60,), scale)).mean() for scale in (0.0, 10.0))
    assert unusual > 2 * usual


def test_evidence_adds_its_standardised_parts(rng):
    windows = EvidenceWindows(
        tensor(rng.normal(size=(50, 4))),
        torch.zeros(50),
        torch.tensor([0, 1]).repeat(25),
        tensor(rng.normal(size=(50, 4)) + 2),
    )
    evidence = Evidence(4, 2).fit(windows)
    evidence.standardise(torch.tensor([0.5, 2.0]), torch.tensor([0.25, 4.0]))
    features, scales = tensor(rng.normal(size=(9, 4))), torch.zeros(9)
    exposure, distance = evidence.parts(features, scales).T
    torch.testing.assert_close(evidence(features, scales), (exposure - 0.5) / 0.25 + (distance - 2) / 4)


@pytest.mark.parametrize("slope", [1.0, -2.0])
def test_the_scale_is_estimated_from_the_features(rng, slope):
    x = rng.normal(size=(200, 3))
    estimate = ScaleEstimate(3).fit(tensor(x), tensor(4 + slope * x[:, 0]))
    fresh = rng.normal(size=(20, 3))
    np.testing.assert_allclose(estimate(tensor(fresh)).numpy(), 4 + slope * fresh[:, 0], atol=0.05)
