"""Votes and deferral, counted out by hand."""

import numpy as np
import pytest

from microdb import statistics


def test_a_vote_earns_its_share_of_a_tie_and_nothing_without_votes():
    shares = np.array([[3.0, 1.0, 0.0], [2.0, 2.0, 1.0], [0.0, 0.0, 0.0], [1.0, 5.0, 0.0]])
    assert statistics.vote_credit(shares, np.array([0, 1, 0, 0])).tolist() == [1.0, 0.5, 0.0, 0.0]


def test_the_deferral_curve_goes_from_the_model_to_the_people_by_least_confidence():
    confidence = np.array([0.9, 0.2, 0.6])
    model, people = np.array([1.0, 0.0, 0.0]), np.array([0.5, 0.8, 0.7])
    curve = statistics.deferral_curve(confidence, model, people)
    assert [share for share, _accuracy in curve] == pytest.approx([0, 1 / 3, 2 / 3, 1])
    by_hand = [1.0 / 3, (1 + 0.8) / 3, (1 + 0.8 + 0.7) / 3, (0.5 + 0.8 + 0.7) / 3]
    assert [accuracy for _share, accuracy in curve] == pytest.approx(by_hand)
