"""The REST API of batches and scores."""

from microdb.scoring.api.views import (
    BatchCancel,
    BatchDetail,
    BatchList,
    BatchResults,
    ScoreDetail,
    ScoreSaliency,
)

__all__ = ["BatchCancel", "BatchDetail", "BatchList", "BatchResults", "ScoreDetail", "ScoreSaliency"]
