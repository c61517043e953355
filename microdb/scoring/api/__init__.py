"""The REST API of batches and scores, and of what scores say about labels."""

from microdb.scoring.api.area_fractions import AreaFractions
from microdb.scoring.api.batch_uploads import BatchUploadDetail, BatchUploadList
from microdb.scoring.api.batches import BatchCancel, BatchDetail, BatchFiles, BatchList, BatchRetry, BatchStart
from microdb.scoring.api.labelling import NextList, SuspectList
from microdb.scoring.api.results import BatchResults
from microdb.scoring.api.scores import ScoreCancel, ScoreDetail, ScoreList, ScorePlanes, ScoreSaliency

__all__ = [
    "AreaFractions",
    "BatchCancel",
    "BatchDetail",
    "BatchFiles",
    "BatchList",
    "BatchResults",
    "BatchRetry",
    "BatchStart",
    "BatchUploadDetail",
    "BatchUploadList",
    "NextList",
    "ScoreCancel",
    "ScoreDetail",
    "ScoreList",
    "ScorePlanes",
    "ScoreSaliency",
    "SuspectList",
]
