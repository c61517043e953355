"""The residual beside the principal axes, against scikit-learn's PCA."""

import numpy as np
import torch
from sklearn.decomposition import PCA

from classifier.pretrained.ood_residual import AXES, OodResidual


def learnt(textures: np.ndarray) -> OodResidual:
    ood_residual = OodResidual(textures.shape[1]).double()
    ood_residual.learn(torch.from_numpy(textures))
    return ood_residual


def test_it_is_the_residual_of_a_principal_component_analysis(rng):
    textures = rng.normal(size=(40, 6)) @ rng.normal(size=(6, 50)) + 0.2 * rng.normal(size=(40, 50))
    new = rng.normal(size=(7, 50))
    ood_residual = learnt(textures)
    spread = textures.std(0) + 1e-3
    used = int(ood_residual.axes.any(1).sum())
    fitted = PCA(used).fit(textures / spread)
    assert fitted.explained_variance_ratio_.sum() >= 0.9 > fitted.explained_variance_ratio_[:-1].sum()
    residual = new / spread - fitted.inverse_transform(fitted.transform(new / spread))
    expected = np.log((residual**2).sum(1))
    np.testing.assert_allclose(ood_residual(torch.from_numpy(new)).numpy(), expected, rtol=1e-3)


def test_what_varies_otherwise_is_stranger_than_what_varies_more(rng):
    way = rng.normal(size=(1, 60))
    ood_residual = learnt(rng.normal(size=(50, 1)) @ way)
    more = torch.from_numpy(3 * rng.normal(size=(20, 1)) @ way)
    otherwise = torch.from_numpy(rng.normal(size=(20, 60)))
    assert ood_residual(otherwise).min() > ood_residual(more).max()


def test_few_or_like_micrographs_give_finite_numbers(rng):
    for textures in (rng.normal(size=(2, 10)), np.ones((3, 10)), rng.normal(size=(200, AXES + 40))):
        ood_residual = learnt(textures)
        assert torch.isfinite(ood_residual(torch.from_numpy(textures))).all()
