"""Logistic regression on mean features."""

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression

from classifier.pretrained.linear_classifier import SPREAD, LinearClassifier, choose_weight


def test_it_is_the_logistic_regression_of_scikit_learn(rng):
    labels = rng.integers(0, 3, 40)
    x = rng.normal(size=(40, 60)) + 2 * rng.normal(size=(3, 60))[labels]
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    ours = LinearClassifier(60, 3).fit(torch.from_numpy(x).float(), torch.from_numpy(labels))
    theirs = LogisticRegression(C=1.0, class_weight="balanced", tol=1e-8, max_iter=2000).fit(SPREAD * x, labels)
    fresh = rng.normal(size=(10, 60)) / 8
    found = ours(torch.from_numpy(fresh).float()).softmax(1).numpy()
    np.testing.assert_allclose(found, theirs.predict_proba(SPREAD * fresh), atol=2e-3)


def test_the_weight_is_above_zero_only_where_it_gains(rng):
    labels = rng.integers(0, 3, 60).tolist()
    right, even = np.full((60, 3), 0.1), np.full((60, 3), 1 / 3)
    right[np.arange(60), labels] = 0.8
    assert choose_weight(even, right, labels) == 0.5
    assert choose_weight(right, even, labels) == 0
    assert choose_weight(right, right, labels) == 0
