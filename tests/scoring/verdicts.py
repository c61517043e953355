"""Verdicts without a model, for tests."""

from microdb.jobs import Job
from microdb.micrographs.models import NONE_OF_THESE, Micrograph
from microdb.scoring.models import Score
from microdb.training.models import ModelVersion


def verdict(version: ModelVersion, micrograph: Micrograph, predicted: str, probability: float = 0.8) -> Score:
    """A finished score under today's scale of the micrograph."""
    known = predicted != NONE_OF_THESE
    return Score.objects.create(
        model_version=version,
        micrograph=micrograph,
        pixels_per_micrometre=micrograph.pixels_per_micrometre,
        state=Job.State.DONE,
        predicted=predicted,
        probability=probability,
        none_of_these=0.0 if known else probability,
        probabilities={predicted: probability} if known else {},
    )
