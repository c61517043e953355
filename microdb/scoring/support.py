"""What the held-out micrographs of a model version say of its scores."""

from functools import lru_cache

import numpy as np

from microdb.statistics import leads, small_lead
from microdb.training.models import ModelVersion, OutOfFold

VERSIONS_KEPT = 64


@lru_cache(maxsize=VERSIONS_KEPT)
def support_of(model_version: int) -> dict[str, float | int]:
    """The columns ``held_out`` and ``unsure_below`` of a trained version's scores, by its key."""
    held_out = ModelVersion.objects.values_list("metrics__held_out", flat=True).get(pk=model_version) or 0
    answers = OutOfFold.objects.filter(model_version=model_version)
    rows = [(leads(one.probabilities)[1], one.predicted == one.label) for one in answers.iterator()]
    lead = np.array([lead for lead, _right in rows], dtype=np.float64)
    right = np.array([right for _lead, right in rows], dtype=np.bool_)
    return {"held_out": held_out, "unsure_below": small_lead(lead, right)}
