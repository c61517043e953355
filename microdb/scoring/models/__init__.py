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
from microdb.scoring.models.scores import Conditions, Score, ScoreQuerySet, saliency_path

__all__ = [
    "CANCELLED",
    "LATELY",
    "Batch",
    "BatchItem",
    "BatchItemQuerySet",
    "BatchManifest",
    "BatchQuerySet",
    "Conditions",
    "Score",
    "ScoreQuerySet",
    "saliency_path",
]
