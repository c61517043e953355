"""The REST API of batches and scores."""

from microdb.scoring.api.batch_uploads import BatchUploadDetail, BatchUploadList
from microdb.scoring.api.batches import BatchCancel, BatchDetail, BatchFiles, BatchList, BatchRetry, BatchStart
from microdb.scoring.api.results import BatchResults
from microdb.scoring.api.scores import ScoreDetail, ScoreSaliency

__all__ = [
    "BatchCancel",
    "BatchDetail",
    "BatchFiles",
    "BatchList",
    "BatchResults",
    "BatchRetry",
    "BatchStart",
    "BatchUploadDetail",
    "BatchUploadList",
    "ScoreDetail",
    "ScoreSaliency",
]
