"""The residual beside the principal axes, against scikit-learn's PCA."""

import numpy as np
import torch
from sklearn.decomposition import PCA

from classifier.pretrained.ood_residual import MOST_AXES, OodResidual


def fit_residual(features: np.ndarray) -> OodResidual:
    ood_residual = OodResidual(features.shape[1]).double()
    ood_residual.fit(torch.from_numpy(features))
    return ood_residual


def test_it_is_the_residual_of_a_principal_component_analysis(rng):
    features = rng.normal(size=(40, 6)) @ rng.normal(size=(6, 50)) + 0.2 * rng.normal(size=(40, 50))
    new = rng.normal(size=(7, 50))
    ood_residual = fit_residual(features)
    deviation = features.std(0) + 1e-3
    used = int(ood_residual.axes.any(1).sum())
    fitted = PCA(used).fit(features / deviation)
    assert fitted.explained_variance_ratio_.sum() >= 0.9 > fitted.explained_variance_ratio_[:-1].sum()
    residual = new / deviation - fitted.inverse_transform(fitted.transform(new / deviation))
    expected = np.log((residual**2).sum(1))
    np.testing.assert_allclose(ood_residual(torch.from_numpy(new)).numpy(), expected, rtol=1e-3)


def test_another_direction_scores_higher_than_more_of_the_trained_one(rng):
    direction = rng.normal(size=(1, 60))
    ood_residual = fit_residual(rng.normal(size=(50, 1)) @ direction)
    more = torch.from_numpy(3 * rng.normal(size=(20, 1)) @ direction)
    otherwise = torch.from_numpy(rng.normal(size=(20, 60)))
    assert ood_residual(otherwise).min() > ood_residual(more).max()


def test_few_or_equal_micrographs_give_finite_scores(rng):
    for features in (rng.normal(size=(2, 10)), np.ones((3, 10)), rng.normal(size=(200, MOST_AXES + 40))):
        ood_residual = fit_residual(features)
        assert torch.isfinite(ood_residual(torch.from_numpy(features))).all()
