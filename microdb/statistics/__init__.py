"""The statistics of people against a model: pure functions on counts and arrays, without Django.

Readers and questions are both samples. A reader's answers are a row of ``right``: 1 right, 0 not right (unsure is not
right), NaN not answered. A reader's accuracy is over what they answered; a panel's is the mean over its readers.
Only numpy is needed: scipy's statistics would add more than a second to every start of the web process.
"""

from microdb.statistics.agreement import Agreement, cohen_kappa, fleiss_kappa, krippendorff_alpha
from microdb.statistics.calibration import ReliabilityBin, brier_score, calibration_error, reliability
from microdb.statistics.intervals import (
    Answers,
    Interval,
    accuracies,
    exact_interval,
    panel_accuracy,
    panel_interval,
    share_interval,
    wilson_interval,
)
from microdb.statistics.power import questions_needed, smallest_difference
from microdb.statistics.significance import binomial_p, holm, mcnemar_p, only_one_right, permutation_p, spearman
from microdb.statistics.teams import deferral_curve, vote_credit

__all__ = [
    "Agreement",
    "Answers",
    "Interval",
    "ReliabilityBin",
    "accuracies",
    "binomial_p",
    "brier_score",
    "calibration_error",
    "cohen_kappa",
    "deferral_curve",
    "exact_interval",
    "fleiss_kappa",
    "holm",
    "krippendorff_alpha",
    "mcnemar_p",
    "only_one_right",
    "panel_accuracy",
    "panel_interval",
    "permutation_p",
    "questions_needed",
    "reliability",
    "share_interval",
    "smallest_difference",
    "spearman",
    "vote_credit",
    "wilson_interval",
]
