"""From descriptors to the outcome of a micrograph."""

from dataclasses import replace

import numpy as np
import pytest

from classifier.quality.posterior import Calibration
from classifier.scoring.ensemble import MixtureEnsemble
from classifier.scoring.rules import EvidenceRule, ThresholdRule, rule_of_arrays
from classifier.triplet.mixture import Mixture

KNOWN = np.sort(np.random.default_rng(1).normal(size=99))


@pytest.fixture
def ensemble(rng) -> MixtureEnsemble:
    labels = np.repeat([0, 1], 50)
    return MixtureEnsemble((Mixture.fit(rng.normal(size=(100, 2)) + 3 * labels[:, None], labels, [1, 1], 1.0),))


@pytest.fixture
def rule(ensemble) -> EvidenceRule:
    return EvidenceRule(ensemble, Calibration(1.2, 99), 2.0, KNOWN, 1.5)


def crops(rng, evidence: float, offset: float = 0.0) -> np.ndarray:
    """Ten crops between the two classes, or in one of them, with this mean evidence and scale offset."""
    place = rng.uniform(0, 3) + rng.normal(size=(10, 2))
    spread = rng.normal(size=10)
    return np.column_stack((place, evidence + spread - spread.mean(), np.full(10, offset)))


def test_none_of_these_leads_exactly_above_the_limit(rule, rng):
    for evidence in (-40.0, 0.0, 1.999, 2.001, 5.0, 40.0):
        for _ in range(20):
            probabilities = rule.micrograph(crops(rng, evidence)).probabilities
            assert probabilities.sum() == pytest.approx(1)
            assert (probabilities.argmax() == 2) == (evidence > 2)
            assert 0 < probabilities.min() < probabilities.max() < 1


def test_no_probability_claims_more_than_the_held_out_micrographs_support(ensemble, rng):
    few = EvidenceRule(ensemble, Calibration(3.0, 8), 2.0, KNOWN[:8], 1.5)
    for evidence in (-1e9, 1e9):
        found = few.micrograph(crops(rng, evidence)).probabilities
        assert found.max() < 0.9 + 1e-9
        assert found[2] > 0.03


def test_where_nothing_could_be_measured_nothing_is_none_of_these(rule, rng):
    unmeasured = replace(rule, limit=np.inf, known=np.zeros(0), calibration=Calibration())
    outcome = unmeasured.micrograph(crops(rng, 1e6))
    assert outcome.probabilities[2] == 0
    assert outcome.outside_rank is None


def test_the_rank_is_the_share_of_unseen_known_micrographs_that_look_more_familiar(rule, rng):
    for evidence in (-9.0, 0.1, 9.0):
        rank = rule.micrograph(crops(rng, evidence)).outside_rank
        assert rank == pytest.approx((evidence > KNOWN).mean())


@pytest.mark.parametrize(("offset", "reported"), [(0.0, 0.0), (1.4, 0.0), (-1.4, 0.0), (1.6, 1.6), (-3.0, -3.0)])
def test_a_scale_far_from_what_the_pixels_suggest_is_reported(rule, rng, offset, reported):
    assert rule.micrograph(crops(rng, 0.0, offset)).scale_offset == pytest.approx(reported)


def test_crops_are_judged_by_their_own_evidence(rule, rng):
    descriptors = crops(rng, 2.0)
    probabilities = rule.crops(descriptors)
    np.testing.assert_allclose(probabilities.sum(1), 1)
    np.testing.assert_array_equal(probabilities.argmax(1) == 2, descriptors[:, 2] > 2)


def test_both_rules_survive_the_artifact(rule, ensemble, rng):
    threshold = ThresholdRule(MixtureEnsemble((replace(ensemble.members[0], threshold=-4.0),)), KNOWN)
    for one, descriptors in ((rule, crops(rng, 1.0)), (threshold, crops(rng, 1.0)[:, :2])):
        again = rule_of_arrays(one.arrays())
        assert type(again) is type(one)
        before, after = one.micrograph(descriptors), again.micrograph(descriptors)
        np.testing.assert_array_equal(after.probabilities, before.probabilities)
        assert after.outside_rank == before.outside_rank


def test_a_crop_above_the_ood_threshold_of_an_old_model_is_none_of_these(ensemble, rng):
    old = ThresholdRule(ensemble, ood_threshold=2.0)
    descriptors = np.column_stack((rng.normal(size=(10, 2)), np.repeat([2.0, 2.1], 5)))
    assert old.crops(descriptors)[:, -1].tolist() == [0] * 5 + [1] * 5
    assert old.micrograph(descriptors).probabilities[-1] == pytest.approx(0.5)


def test_the_papers_rule_ranks_by_the_mean_log_likelihood(ensemble, rng):
    near, far = rng.normal(size=(10, 2)), rng.normal(size=(10, 2)) + 40
    unlikely = np.sort([-float(ensemble.log_likelihood(rng.normal(size=(10, 2))).mean()) for _ in range(20)])
    rule = ThresholdRule(ensemble, unlikely)
    assert rule.micrograph(near).outside_rank < 1
    assert rule.micrograph(far).outside_rank == 1


def test_the_linear_classifiers_posterior_has_its_weight(rule, ensemble, rng):
    logits = rng.normal(size=(10, 2))
    descriptors = np.column_stack((crops(rng, -1.0), logits))
    mixed = replace(rule, linear_weight=0.25, calibration=Calibration())
    linear = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    expected = (0.75 * ensemble.posterior(descriptors) + 0.25 * linear).mean(0)
    probabilities = mixed.micrograph(descriptors).probabilities
    np.testing.assert_allclose(probabilities[:2] / probabilities[:2].sum(), expected)
