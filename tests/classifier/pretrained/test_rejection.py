"""The limit of none of these."""

import numpy as np
import pytest

from classifier.pretrained.rejection import choose_rejection, limit_of, scale_tolerance

NOTHING = np.zeros((0, 2))


@pytest.mark.parametrize(("share", "above"), [(0.0, 0), (0.04, 4), (0.05, 5), (0.1, 10), (1.0, 100)])
def test_the_limit_leaves_the_allowed_share_above_it(rng, share, above):
    known = np.sort(rng.normal(size=100))
    assert (known > limit_of(known, share)).sum() == above


def test_few_micrographs_allow_none_above_the_limit():
    known = np.array([0.0, 1.0, 2.0])
    assert limit_of(known, 0.3) == 2.0
    assert limit_of(known, 0.34) == 1.0


def test_evidence_is_in_spreads_above_the_median(rng):
    parts = rng.normal(size=(400, 2)) * [2, 5] + [1, -3]
    rejection = choose_rejection(parts, NOTHING, 0.05)
    np.testing.assert_allclose(rejection.location, np.median(parts, axis=0))
    np.testing.assert_allclose(rejection.spread, [2, 5], rtol=0.2)
    assert (rejection.evidence(parts) > rejection.limit).mean() == pytest.approx(0.05)
    assert (np.diff(rejection.known) >= 0).all()


def test_no_micrograph_that_could_not_be_held_out_is_rejected(rng):
    parts, alone = rng.normal(size=(100, 2)), np.array([[9.0, 9.0]])
    rejection = choose_rejection(parts, alone, 0.05)
    assert not (rejection.evidence(alone) > rejection.limit).any()


def test_another_share_is_previewed_at_the_limit_that_its_training_would_set(rng):
    parts, alone = rng.normal(size=(100, 2)), np.array([[1.0, 1.0]])
    rejection = choose_rejection(parts, alone, 0.05)
    assert rejection.limit_for(0.05) == rejection.limit
    for share in (0.01, 0.5):
        assert rejection.limit_for(share) == choose_rejection(parts, alone, share).limit
    assert rejection.limit_for(0.5) == rejection.evidence(alone)[0]


def test_without_held_out_specimens_nothing_is_rejected(rng):
    rejection = choose_rejection(NOTHING, rng.normal(size=(5, 2)), 0.05)
    assert rejection.limit == np.inf
    assert not len(rejection.known)


def test_a_scale_is_suspected_where_few_right_ones_would_be(rng):
    offsets = rng.normal(size=1000)
    assert (np.abs(offsets) > scale_tolerance(offsets)).mean() == pytest.approx(0.05)
    assert scale_tolerance(np.zeros(0)) == np.inf
