"""What a scoring worker takes beside the score of its message."""

from collections.abc import Sequence

from django.db.models import F, Q

from microdb.jobs import Job
from microdb.scoring.models import Score
from microdb.scoring.services.scores import PATIENT, URGENT

AHEAD, AHEAD_PIXELS = 15, 40_000_000
"""Scores that a worker claims beside the one of its message, and the pixels of all of them, at most."""
SHARE = 4
"""A worker claims ahead at most one in so many of the scores that wait, so that at the end of a batch no worker holds
many while another has nothing to do."""


def claim_next(score: Score) -> list[Score]:
    """Claim the scores of batches that come next, so that a worker can read ahead.

    Only of the same model version, and only as many as fit into memory. One that lost a worker before is left to its
    own message: if it stops this worker too, the others do not pay for it.
    """
    queued = Score.objects.filter(queue=PATIENT, state=Job.State.QUEUED).order_by("enqueued_at", "created_at", "pk")
    sized = queued.annotate(pixels=F("micrograph__width") * F("micrograph__height"))
    waiting = list(sized.values_list("pk", "model_version", "deliveries", "pixels", named=True)[: SHARE * AHEAD])
    keys, pixels = [], score.micrograph.width * score.micrograph.height
    for one in waiting[: len(waiting) // SHARE]:
        pixels += one.pixels
        if one.model_version != score.model_version_id or one.deliveries or pixels > AHEAD_PIXELS:
            break
        keys.append(one.pk)
    claimed = {one.pk: one for one in Score.objects.with_page_rows().claim_queued(keys)}
    return [claimed[key] for key in keys if key in claimed]


def claim_urgent(held: Sequence[Score]) -> Score | None:
    """Claim the score that a person has waited for longest, for a worker that is busy with batches; None without one.

    ``held`` are those that the worker has claimed and not begun. If a person waits for one of them, it is handed back
    and claimed again. One that lost a worker before is left to its own message, as above.
    """
    by_key = {score.pk: score for score in held}
    waiting = Q(state=Job.State.QUEUED, deliveries=0) | Q(state=Job.State.RUNNING, pk__in=by_key)
    key = Score.objects.filter(waiting, queue=URGENT).order_by("enqueued_at").values_list("pk", flat=True).first()
    if key is None:
        return None
    if key in by_key:
        by_key[key].hand_back()
    return Score.objects.with_page_rows().claim(key)
