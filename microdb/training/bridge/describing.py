"""Describing micrographs with a trained model version, so that similar ones can be found."""

from collections.abc import Callable, Sequence

import numpy as np

from classifier import Sample
from microdb.errors import MicroDBError
from microdb.micrographs.files.decoding import gray_pixels
from microdb.micrographs.models import Micrograph
from microdb.training.bridge.artifact import load
from microdb.training.bridge.masked import rectangles
from microdb.training.models import ModelVersion

TOGETHER = {"cpu": 1, "cuda": 8}
"""Micrographs that the classifier gets at once."""


def describe(
    version: ModelVersion, micrographs: Sequence[Micrograph], alive: Callable[[], None]
) -> list[list[float] | None]:
    """The descriptor (d,) of each micrograph at its scale, above its data bar and outside its masked rectangles.

    None in the place of one that can't be described. ``alive`` is called before each group, and may raise.
    """
    classifier = load(version.artifact.name, version.artifact_sha256)
    found: list[list[float] | None] = []
    together = TOGETHER.get(classifier.device.type, 1)
    for start in range(0, len(micrographs), together):
        alive()
        samples = [_sample(version, one) for one in micrographs[start : start + together]]
        described = iter(classifier.describe([sample for sample in samples if sample]))
        for sample in samples:
            vector = next(described) if sample else None
            found.append(vector.tolist() if isinstance(vector, np.ndarray) else None)
    return found


def _sample(version: ModelVersion, micrograph: Micrograph) -> Sample | None:
    try:
        with micrograph.open_master() as master:
            pixels = gray_pixels(master)[: micrograph.data_bar_top]
    except MicroDBError:
        return None
    scale = None if version.is_scale_free else micrograph.pixels_per_micrometre
    return Sample(pixels, None, scale, masked=rectangles(micrograph.masked))
