"""Writes to scores and batches."""

from microdb.scoring.services.again import micrographs_of, score_selection, scored_by
from microdb.scoring.services.announcing import announce_batches
from microdb.scoring.services.batches import cancel_batch, create_batch, create_batch_of, retry_batch, start_batch
from microdb.scoring.services.claiming import claim_next, claim_urgent
from microdb.scoring.services.items import MOST_ITEMS, BatchInput, refuse_too_many
from microdb.scoring.services.kept_labels import keep_label
from microdb.scoring.services.labels import ANSWERS, PREDICTED, Labelled, label_by_scores
from microdb.scoring.services.open_batches import add_files, open_batch, refuse_not_open
from microdb.scoring.services.scores import (
    NOT_READY,
    PATIENT,
    URGENT,
    cancel_score,
    cancel_scores,
    request_score,
    retry_scores,
)
from microdb.scoring.services.settling import settle_items

__all__ = [
    "ANSWERS",
    "MOST_ITEMS",
    "NOT_READY",
    "PATIENT",
    "PREDICTED",
    "URGENT",
    "BatchInput",
    "Labelled",
    "add_files",
    "announce_batches",
    "cancel_batch",
    "cancel_score",
    "cancel_scores",
    "claim_next",
    "claim_urgent",
    "create_batch",
    "create_batch_of",
    "keep_label",
    "label_by_scores",
    "micrographs_of",
    "open_batch",
    "refuse_not_open",
    "refuse_too_many",
    "request_score",
    "retry_batch",
    "retry_scores",
    "score_selection",
    "scored_by",
    "settle_items",
    "start_batch",
]
