"""How well one recorded value alone predicts a class: a look-up table that is tested on groups it was not made from."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from microdb.statistics.intervals import Interval, clustered_interval

Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class LookUp:
    """How often the look-up was right, and how often the commonest class is (``majority``, from 0 to 1)."""

    right: int
    total: int
    groups: int
    majority: float
    interval: Interval

    @property
    def accuracy(self) -> float:
        return self.right / self.total


def leave_one_group_out(values: Numbers, classes: Numbers, groups: Numbers) -> LookUp:
    """Predict each row's class from its value: the class that rows of *other* groups with this value have most often.

    Ties, and values that only one group has, go to the commonest class. Each argument holds one number from 0 on per
    row. The interval takes whole groups as its units. Raises ValueError where there are no rows.
    """
    if not len(values):
        raise ValueError("Wanted at least one row; none was given.")
    pairs, pair_of_row = np.unique(np.stack([groups, values], axis=1), axis=0, return_inverse=True)
    own = np.zeros((len(pairs), classes.max() + 1))
    np.add.at(own, (pair_of_row.reshape(-1), classes), 1)
    together = np.zeros((values.max() + 1, own.shape[1]))
    np.add.at(together, pairs[:, 1], own)
    shares = own.sum(axis=0) / len(values)
    # A share is less than one vote, so it decides ties and nothing else.
    predicted = (together[pairs[:, 1]] - own + shares / 2).argmax(axis=1)
    group_of_pair = np.unique(pairs[:, 0], return_inverse=True)[1].reshape(-1)
    right = np.bincount(group_of_pair, own[np.arange(len(pairs)), predicted]).astype(np.float64)
    total = np.bincount(group_of_pair, own.sum(axis=1)).astype(np.float64)
    return LookUp(int(right.sum()), len(values), len(total), float(shares.max()), clustered_interval(right, total))
