"""The binary example of iMRMC (``test_binary_data.imrmc``, public domain, FDA): five readers, 50 cases, two modalities.

The figures are those of its ``uStat11.jointD``, run on these answers with R 4.2.
"""

import numpy as np
import pytest

from microdb import statistics
from microdb.statistics import Components

FIRST = """
11111111111000100010110111011110001111011111111111
11111111111101101111100111011110011011011100011111
11111111111101111110110011111110011011101101111011
11111111111001111010110111111010001111011110111011
11111111111111111111010011011000111111011101101101
"""
SECOND = """
11111111100011011111100111011110100101011111101111
01111111100011100111110111111111110111011101011111
11111011110111101111110111011111100111101111111111
01111110110011110010110111111011100111001111011011
11111111100011010111011111011101110101011111011101
"""


def table(text):
    return np.array([[float(answer) for answer in line] for line in text.split()])


def with_gaps(answers):
    """Without the answers of reader r to case c, numbered from 1 and 51, where 7 r + 3 c is a multiple of 5."""
    readers, cases = np.arange(1, 6)[:, None], np.arange(51, 101)
    return np.where((7 * readers + 3 * cases) % 5 == 0, np.nan, answers)


def components_of(one, same_reader, same_question, none):
    return Components(same_reader - none, same_question - none, one - same_reader - same_question + none)


@pytest.mark.parametrize(
    ("answers", "mean", "variance"),
    [
        (table(FIRST), 0.768, 0.00129338775510),
        (table(SECOND), 0.760, 0.00176326530612),
        (table(FIRST) - table(SECOND), 0.008, 0.00226808163265),
    ],
)
def test_means_and_variances_are_those_of_imrmc(answers, mean, variance):
    found = statistics.crossed_mean(answers)
    assert (found.mean, found.variance) == pytest.approx((mean, variance))


@pytest.mark.parametrize(
    ("answers", "mean", "moments"),
    [
        (table(FIRST), 0.768, (0.768, 0.586612244898, 0.648, 0.588530612245)),
        (table(SECOND), 0.760, (0.760, 0.576163265306, 0.636, 0.575836734694)),
        (with_gaps(table(FIRST)), 0.775, (0.775, 0.599487179487, 0.65, 0.598853503185)),
        (with_gaps(table(SECOND)), 0.755, (0.755, 0.567948717949, 0.616666666667, 0.568471337580)),
    ],
)
def test_components_are_those_of_imrmcs_moments_also_with_gaps(answers, mean, moments):
    found, wanted = statistics.crossed_mean(answers), components_of(*moments)
    assert found.mean == pytest.approx(mean)
    for name in ("reader", "question", "rest"):
        assert getattr(found.components, name) == pytest.approx(getattr(wanted, name), abs=1e-11)


@pytest.mark.parametrize(("answers", "variance"), [(FIRST, 0.00177149681529), (SECOND, 0.00155366242038)])
def test_with_gaps_the_variance_stays_close_to_imrmcs(answers, variance):
    """Both estimates are unbiased; ours takes the spread of the readers' means instead of the moments alone."""
    assert statistics.crossed_mean(with_gaps(table(answers))).variance == pytest.approx(variance, rel=0.15)
