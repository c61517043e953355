"""Scores of micrographs by a model version, and batches of them."""

from microdb.scoring.models.batches import (
    CANCELLED,
    LATELY,
    Batch,
    BatchItem,
    BatchItemQuerySet,
    BatchManifest,
    BatchQuerySet,
)
from microdb.scoring.models.label_checks import KEPT, OPEN, LabelCheck
from microdb.scoring.models.scores import AWAITING, UNKNOWN, Conditions, Score, ScoreQuerySet, saliency_path

__all__ = [
    "AWAITING",
    "CANCELLED",
    "KEPT",
    "LATELY",
    "OPEN",
    "UNKNOWN",
    "Batch",
    "BatchItem",
    "BatchItemQuerySet",
    "BatchManifest",
    "BatchQuerySet",
    "Conditions",
    "LabelCheck",
    "Score",
    "ScoreQuerySet",
    "saliency_path",
]
