"""The limits of none of these, against trying every pair of limits."""

import numpy as np
import pytest

from classifier.pretrained.rejection import WindowEvidence, choose_limits


def random_evidence(rng: np.random.Generator, count: int) -> list[WindowEvidence]:
    levels = rng.normal(size=(2, count))
    return [
        WindowEvidence(
            i, rng.normal(levels[0, i], size=30), rng.normal(levels[1, i], size=30), rng.normal(size=(30, 3))
        )
        for i in range(count)
    ]


def is_rejected(one: WindowEvidence, likelihood: float, familiarity: float) -> bool:
    posterior = np.exp(one.components) / np.exp(one.components).sum(1, keepdims=True)
    kept = (one.likelihood >= likelihood) & (one.familiarity >= familiarity)
    return bool((~kept).mean() > (posterior * kept[:, None]).mean(0).max())


@pytest.mark.parametrize("share", [0.0, 0.05, 0.2])
def test_both_limits_together_reject_no_more_than_allowed_and_higher_ones_would(rng, share):
    known = random_evidence(rng, 60)
    limits = choose_limits(known, 1.0, share)
    rejected = sum(is_rejected(one, limits.likelihood, limits.familiarity) for one in known)
    assert rejected <= share * 60
    if share:
        assert rejected > 0


def highest_limit(one: WindowEvidence, name: str) -> float:
    """The highest of its own windows' values that, as the only limit, still leaves it a class."""
    limits = {"likelihood": -np.inf, "familiarity": -np.inf}
    return max(value for value in getattr(one, name) if not is_rejected(one, **{**limits, name: value}))


@pytest.mark.parametrize(("count", "share"), [(1, 0.0), (7, 1.0), (40, 0.05), (90, 0.2), (90, 0.0)])
def test_the_limits_are_the_highest_of_all_pairs_that_reject_no_more_than_allowed(rng, count, share):
    known = random_evidence(rng, count)
    found = choose_limits(known, 1.0, share)
    alone = [sorted(highest_limit(one, name) for one in known) for name in ("likelihood", "familiarity")]
    pairs = [
        pair for pair in zip(*alone, strict=True) if sum(is_rejected(one, *pair) for one in known) <= share * count
    ]
    assert (found.likelihood, found.familiarity) == (max(pairs) if pairs else (alone[0][0], alone[1][0]))
