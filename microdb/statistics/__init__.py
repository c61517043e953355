"""Statistics of the site: pure functions on counts and arrays, without Django.

Only numpy is needed: importing scipy would add more than a second to every start of the web process.
"""

from microdb.statistics.agreement import (
    Agreement,
    cohen_kappa,
    fleiss_kappa,
    kappa_of_table,
    krippendorff_alpha,
    landis_koch,
)
from microdb.statistics.bootstrap import mean_interval
from microdb.statistics.calibration import (
    BINS,
    ReliabilityBin,
    brier_score,
    calibration_error,
    calibration_error_by_chance,
    reliability,
)
from microdb.statistics.certainty import UNSUPPORTED, capped, ceiling, leads, small_lead
from microdb.statistics.correlation import spearman
from microdb.statistics.crossed import Components, CrossedMean, crossed_mean
from microdb.statistics.detection import Roc, area_interval, roc
from microdb.statistics.differences import SIGNIFICANT, Difference, Verdict, difference
from microdb.statistics.intervals import Interval, clustered_interval, exact_interval, wilson_interval
from microdb.statistics.learning import expected_gain
from microdb.statistics.lookup import LookUp, leave_one_group_out
from microdb.statistics.miscounting import fraction_intervals
from microdb.statistics.paired import PairedDifference, paired_difference
from microdb.statistics.panels import Answers, accuracies, panel_accuracy, panel_interval
from microdb.statistics.point_counting import AreaFraction, area_fraction
from microdb.statistics.power import READER_SPREAD, questions_needed, smallest_difference
from microdb.statistics.ranks import Rank, best_by_chance, rank_among
from microdb.statistics.significance import binomial_p, discordant_pairs, holm, mcnemar_p
from microdb.statistics.teams import deferral_curve, vote_credit

__all__ = [
    "BINS",
    "READER_SPREAD",
    "SIGNIFICANT",
    "UNSUPPORTED",
    "Agreement",
    "Answers",
    "AreaFraction",
    "Components",
    "CrossedMean",
    "Difference",
    "Interval",
    "LookUp",
    "PairedDifference",
    "Rank",
    "ReliabilityBin",
    "Roc",
    "Verdict",
    "accuracies",
    "area_fraction",
    "area_interval",
    "best_by_chance",
    "binomial_p",
    "brier_score",
    "calibration_error",
    "calibration_error_by_chance",
    "capped",
    "ceiling",
    "clustered_interval",
    "cohen_kappa",
    "crossed_mean",
    "deferral_curve",
    "difference",
    "discordant_pairs",
    "exact_interval",
    "expected_gain",
    "fleiss_kappa",
    "fraction_intervals",
    "holm",
    "kappa_of_table",
    "krippendorff_alpha",
    "landis_koch",
    "leads",
    "leave_one_group_out",
    "mcnemar_p",
    "mean_interval",
    "paired_difference",
    "panel_accuracy",
    "panel_interval",
    "questions_needed",
    "rank_among",
    "reliability",
    "roc",
    "small_lead",
    "smallest_difference",
    "spearman",
    "vote_credit",
    "wilson_interval",
]
