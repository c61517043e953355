"""What an accuracy must be compared with: its own uncertainty, the commonest label, and the scale alone."""

import math
from collections import Counter, defaultdict
from collections.abc import Sequence

from microdb.micrographs.models import NONE_OF_THESE, Split
from microdb.training.models import ModelVersion

OCTAVES = 1.0
"""Width of the vote in octaves of scale, as in the classifier's own control: the strongest of the look-ups tried."""

Z95 = 1.959964


def wilson_interval(right: int, total: int) -> tuple[float, float]:
    """Wilson's 95 % score interval of a proportion (1927); (0, 1) when nothing was counted."""
    if total == 0:
        return 0.0, 1.0
    share = right / total
    centre = share + Z95**2 / (2 * total)
    half = Z95 * math.sqrt(share * (1 - share) / total + Z95**2 / (4 * total**2))
    scale = 1 + Z95**2 / total
    return max(0.0, (centre - half) / scale), min(1.0, (centre + half) / scale)


def commonest_share(labels: Sequence[str]) -> tuple[str, float]:
    """The commonest of the labels and its share: what always answering it would reach."""
    name, count = Counter(labels).most_common(1)[0]
    return name, count / len(labels)


def scale_lookup(version: ModelVersion, scales: Sequence[float]) -> list[str]:
    """What each scale alone suggests: every training micrograph votes, the more the nearer in log2 scale (Gaussian).

    Nothing is ever named none of these.
    """
    entries = version.dataset_version.entries.filter(split=Split.TRAIN, pixels_per_micrometre__isnull=False)
    rows = entries.exclude(label__in=["", NONE_OF_THESE]).values_list("pixels_per_micrometre", "label")
    known = [(math.log2(scale), label) for scale, label in rows.order_by("micrograph") if scale]
    return [_vote(known, math.log2(scale)) for scale in scales]


def _vote(known: Sequence[tuple[float, str]], log2_scale: float) -> str:
    votes: defaultdict[str, float] = defaultdict(float)
    for scale, label in known:
        votes[label] += math.exp(-0.5 * ((scale - log2_scale) / OCTAVES) ** 2)
    return max(votes, key=lambda label: votes[label])
