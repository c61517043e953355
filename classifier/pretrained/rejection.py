"""The limit of none of these: how much evidence a micrograph of a known class hardly ever gives.

It is set on specimens that nothing was fitted to. docs/method/none-of-these.md lists the rules that were tried.
"""

from dataclasses import dataclass, replace

import numpy as np

from classifier.arrays import Floats

SPREAD = 0.84
"""The quantile that sets the unit of each part: one standard deviation above the median of a normal distribution."""
SMALLEST = 1e-6
UNLIKELY_OFFSET = 0.95
"""Quantile of known micrographs beyond which an estimated scale is reported as far from the given one."""


@dataclass(frozen=True)
class Rejection:
    """The location (2,) and spread (2,) of the parts on known micrographs, their evidence `known` (n,), sorted, and the
    limit above which a micrograph is none of these, which is never below `floor`."""

    location: Floats
    spread: Floats
    known: Floats
    floor: float
    limit: float

    def evidence(self, parts: Floats) -> Floats:
        """Evidence (n,) of parts (n, 2)."""
        total: Floats = ((parts - self.location) / self.spread).sum(-1)
        return total

    def limit_for(self, false_rejection: float) -> float:
        """The limit if a share `false_rejection` of known micrographs may be rejected."""
        return max(limit_of(self.known, false_rejection), self.floor)


UNMEASURED = Rejection(np.zeros(2), np.ones(2), np.zeros(0), -np.inf, np.inf)
"""The rule if no specimen can be held out: nothing is rejected. A limit from the training micrographs themselves would
reject nearly all others."""


def choose_rejection(parts: Floats, trained_on: Floats, false_rejection: float) -> Rejection:
    """The rule that calls a share `false_rejection` of known micrographs with parts (n, 2) none of these.

    No micrograph that could not be held out is rejected: a class with few specimens lies far from larger ones.
    `trained_on` (m, 2) are the parts of those, of the final evidence.
    """
    if not len(parts):
        return UNMEASURED
    location = np.median(parts, axis=0)
    spread = np.maximum(np.quantile(parts, SPREAD, axis=0) - location, SMALLEST)
    known = np.sort(((parts - location) / spread).sum(1))
    unlimited = Rejection(location, spread, known, -np.inf, np.inf)
    bounded = replace(unlimited, floor=max([-np.inf, *unlimited.evidence(trained_on)]))
    return replace(bounded, limit=bounded.limit_for(false_rejection))


def limit_of(known: Floats, false_rejection: float) -> float:
    """The limit above which at most a share `false_rejection` of the sorted values lies."""
    allowed = int(false_rejection * len(known) + 1e-9)
    return float(known[-1 - allowed]) if allowed < len(known) else -np.inf


def scale_tolerance(offsets: Floats) -> float:
    """The mean offset, in doublings, that an estimated scale seldom has from a right one; infinite if unmeasured."""
    return float(np.quantile(np.abs(offsets), UNLIKELY_OFFSET)) if len(offsets) else np.inf
