"""Writes to scores and batches."""

from microdb.scoring.services.announcing import announce_batches
from microdb.scoring.services.batches import (
    MOST_ITEMS,
    BatchInput,
    add_files,
    add_micrographs,
    cancel_batch,
    create_batch,
    open_batch,
    refuse_not_open,
    refuse_too_many,
    retry_batch,
    start_batch,
)
from microdb.scoring.services.scores import NOT_READY, PATIENT, URGENT, cancel_score, claim_next, request_score
from microdb.scoring.services.settling import settle_items

__all__ = [
    "MOST_ITEMS",
    "NOT_READY",
    "PATIENT",
    "URGENT",
    "BatchInput",
    "add_files",
    "add_micrographs",
    "announce_batches",
    "cancel_batch",
    "cancel_score",
    "claim_next",
    "create_batch",
    "open_batch",
    "refuse_not_open",
    "refuse_too_many",
    "request_score",
    "retry_batch",
    "settle_items",
    "start_batch",
]
