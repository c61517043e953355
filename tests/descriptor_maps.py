"""A descriptor map as a training leaves it, without a training."""

from collections.abc import Sequence

from microdb.micrographs.models import Micrograph


def map_of(micrographs: Sequence[Micrograph]) -> dict[str, object]:
    """One crop of each of these, all with the label ferrite."""
    count = len(micrographs)
    return {
        "classes": ["ferrite", "pearlite"],
        "points": [[float(number), 0.0] for number in range(count)],
        "labels": ["ferrite"] * count,
        "owners": list(range(count)),
        "evidence": [0.0] * count,
        "outside": [False] * count,
        "micrographs": [str(one.pk) for one in micrographs],
        "grid": {"x": [0.0, 1.0], "y": [0.0, 1.0], "log_likelihood": [[0.0, 0.0], [0.0, 0.0]]},
        "threshold": None,
        "misplaced": None,
    }
