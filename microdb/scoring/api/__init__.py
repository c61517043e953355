"""The REST API of batches and scores, and of what scores say about labels."""

from microdb.scoring.api.area_fractions import AreaFractions
from microdb.scoring.api.batch_uploads import BatchUploadDetail, BatchUploadList
from microdb.scoring.api.batches import BatchCancel, BatchDetail, BatchFiles, BatchList, BatchRetry, BatchStart
from microdb.scoring.api.labelling import NextList, SuspectKeep, SuspectList
from microdb.scoring.api.labels import LabelByScores
from microdb.scoring.api.results import BatchResults
from microdb.scoring.api.review import BatchPdf, BatchReviewed
from microdb.scoring.api.scores import ScoreCancel, ScoreDetail, ScoreList, ScorePlanes, ScoreSaliency

__all__ = [
    "AreaFractions",
    "BatchCancel",
    "BatchDetail",
    "BatchFiles",
    "BatchList",
    "BatchPdf",
    "BatchResults",
    "BatchRetry",
    "BatchReviewed",
    "BatchStart",
    "BatchUploadDetail",
    "BatchUploadList",
    "LabelByScores",
    "NextList",
    "ScoreCancel",
    "ScoreDetail",
    "ScoreList",
    "ScorePlanes",
    "ScoreSaliency",
    "SuspectKeep",
    "SuspectList",
]
