"""The scale-only control for a model version: what the scales of its training micrographs alone predict."""

from collections.abc import Sequence

import classifier
from microdb.micrographs.models import NONE_OF_THESE, Split
from microdb.training.models import ModelVersion


def scale_only_predictions(version: ModelVersion, scales: Sequence[float]) -> list[str]:
    """A class for each of ``scales`` (pixels per micrometre), never none of these."""
    entries = version.dataset_version.entries.filter(split=Split.TRAIN, pixels_per_micrometre__isnull=False)
    rows = entries.exclude(label__in=["", NONE_OF_THESE]).values_list("label", "pixels_per_micrometre")
    known = [(label, scale) for label, scale in rows.order_by("micrograph") if scale]
    return classifier.scale_only_predictions([label for label, _ in known], [scale for _, scale in known], scales)
