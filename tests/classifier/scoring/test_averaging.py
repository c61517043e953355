"""Early stopping of the average."""

import numpy as np

from classifier.scoring.averaging import is_settled


def test_a_unanimous_image_is_settled_and_a_torn_one_is_not(rng):
    unanimous = np.tile([0.9, 0.1, 0.0], (16, 1))
    torn = np.eye(3)[rng.integers(0, 2, 64)]
    assert is_settled(unanimous, 0.99, tests=16)
    assert not is_settled(torn, 0.99, tests=16)


def test_early_stopping_is_rarely_wrong(rng):
    """With a true lead of 10 points, far fewer than 1 in 100 stop on the wrong label."""
    wrong = 0
    for _ in range(300):
        crops = np.eye(2)[(rng.random(1000) < 0.45).astype(int)]
        for stop in range(64, 1001, 64):
            if is_settled(crops[:stop], 0.99, tests=16):
                wrong += int(crops[:stop].mean(0).argmax() != 0)
                break
    assert wrong <= 3
