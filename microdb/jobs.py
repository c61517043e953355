"""A unit of background work as a database row.

The row holds the state; a queue message only wakes a worker, which reads the row. Every change of state is one
conditional UPDATE, so a message may arrive twice or never, and a worker may die at any instruction, without a result
being lost or written twice.
"""

import logging
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, Self, TypeVar

from celery.exceptions import SoftTimeLimitExceeded
from django.db import models, transaction
from django.db.models import F, Max, Q
from django.db.models.functions import Coalesce
from django.dispatch import Signal
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

import microdb.celery  # noqa: F401 # without it, tasks would be sent by an application with no settings
from microdb.errors import MicroDBError
from microdb.log_context import log_with
from microdb.outages import DISK_FULL, outage_of

logger = logging.getLogger(__name__)

STALE_AFTER = timedelta(seconds=60)
"""A running job without a heartbeat for this long has lost its worker."""

UNSENT_AFTER = timedelta(seconds=20)
"""A queued job whose message is younger than this is left to its message."""

CLOCK_JUMP = STALE_AFTER
"""A time that is further in the future was written before somebody set the clock back."""

MAX_DELIVERIES = 3
"""A job that lost its worker this often is quarantined, so that it does not stop further workers."""


job_ended = Signal()
"""Sent with ``job`` by the worker that ended it, done or failed."""


def _stale(now: datetime) -> Q:
    """The running jobs that have lost their worker. One that lives writes the time of its heartbeat every few seconds,
    so a heartbeat in the future is not its."""
    return Q(state="running") & (Q(heartbeat_at__lt=now - STALE_AFTER) | Q(heartbeat_at__gt=now + CLOCK_JUMP))


def _claim_columns(token: uuid.UUID, now: datetime) -> dict[str, Any]:
    """What a worker writes into the rows that it takes."""
    return {
        "state": "running",
        "claim_token": token,
        "deliveries": F("deliveries") + 1,
        "started_at": Coalesce(F("started_at"), now),
        "heartbeat_at": now,
    }


class JobCancelled(Exception):
    """The job was cancelled, or another worker owns it now: stop without writing anything."""


class JobQuerySet(models.QuerySet["JobT"]):
    """Reads and conditional moves of job rows."""

    def active(self) -> Self:
        return self.filter(state__in=[Job.State.QUEUED, Job.State.RUNNING])

    def claim(self, pk: Any, *, redelivered: bool = False) -> "JobT | None":
        """Take the job for this worker; None when it is finished, cancelled or alive in another worker.

        ``redelivered``: the broker sent the message again, since the worker that had it is gone. Then a running job is
        claimed too, and its former worker can write nothing any more.
        """
        now = timezone.now()
        claimable = Q(state=Job.State.QUEUED) | _stale(now)
        if redelivered:
            claimable |= Q(state=Job.State.RUNNING)
        token = uuid.uuid4()
        taken = self.filter(claimable, pk=pk).update(**_claim_columns(token, now))
        job = self.filter(pk=pk, claim_token=token).first() if taken else None
        if job and job.deliveries > MAX_DELIVERIES:
            job.fail(job.QUARANTINED % MAX_DELIVERIES)
            return None
        return job

    def claim_queued(self, keys: Sequence[Any]) -> list["JobT"]:
        """Take the queued ones among these jobs for this worker, except those that another worker takes right now."""
        with transaction.atomic():
            rows = self.model._default_manager.filter(pk__in=keys, state=Job.State.QUEUED)
            free = list(rows.select_for_update(skip_locked=True).values_list("pk", flat=True))
            rows.filter(pk__in=free).update(**_claim_columns(uuid.uuid4(), timezone.now()))
            return list(self.filter(pk__in=free))

    def keep_alive(self, jobs: Iterable["JobT"]) -> None:
        """A heartbeat of jobs that this worker has claimed and not begun."""
        mine = Q(pk__in=[])
        for job in jobs:
            mine |= Q(pk=job.pk, claim_token=job.claim_token)
        self.filter(mine, state=Job.State.RUNNING).update(heartbeat_at=timezone.now())

    def quarantined(self) -> Self:
        """Failed because they lost their worker too often."""
        return self.filter(state=Job.State.FAILED, deliveries__gt=MAX_DELIVERIES)

    def cancel(self) -> int:
        """Cancel what has not ended; a running job notices at its next heartbeat."""
        return self.active().update(state=Job.State.CANCELLED, finished_at=timezone.now())

    def retry(self) -> int:
        """Queue what has failed or was cancelled again, as if it was new; the caller sends the messages."""
        ended = self.filter(state__in=[Job.State.FAILED, Job.State.CANCELLED])
        return ended.update(
            state=Job.State.QUEUED,
            progress=0,
            progress_message="",
            error="",
            error_id="",
            deliveries=0,
            enqueued_at=timezone.now(),
            started_at=None,
            finished_at=None,
        )

    def release_stale(self) -> list[Any]:
        """Queue the running jobs again whose worker is gone, and return their primary keys; each needs a message."""
        stale = self.filter(_stale(timezone.now()))
        keys = list(stale.values_list("pk", flat=True))
        stale.filter(pk__in=keys).update(state=Job.State.QUEUED, enqueued_at=timezone.now())
        return keys

    def take_unsent(self, limit: int = 1000) -> list[Any]:
        """Primary keys of queued jobs whose message is taken to be lost; they are marked as sent now.

        Call it on the jobs of one queue. Workers take messages in order, so a message is lost once a worker has
        claimed a job that was sent later. Without such a job, only the job that has waited longest is sent again. Its
        message either waits as well, because no worker runs, or is claimed at once and so shows that the others are
        lost. A queue that nobody serves thus gains one message per call, whatever the number of jobs.
        """
        now = timezone.now()
        sent_long_ago = Q(enqueued_at__lte=now - UNSENT_AFTER) | Q(enqueued_at__gt=now + CLOCK_JUMP)
        waiting = self.filter(sent_long_ago, state=Job.State.QUEUED)
        waiting = waiting.order_by("enqueued_at", "created_at", "pk")
        longest = waiting.values_list("pk", "enqueued_at").first()
        if longest is None:
            return []
        claimed = self.filter(enqueued_at__gt=longest[1], heartbeat_at__gte=F("enqueued_at"))
        last = claimed.aggregate(last=Max("enqueued_at"))["last"]
        lost = waiting.filter(enqueued_at__lt=last).values_list("pk", flat=True)[:limit] if last else ()
        keys = list(lost) or [longest[0]]
        self.filter(pk__in=keys, state=Job.State.QUEUED).update(enqueued_at=now)
        return keys

    def resend(self, send: Callable[[Any], object]) -> None:
        """What the sweep of a queue does: give jobs that lost their worker or their message another message."""
        for pk in [*self.release_stale(), *self.take_unsent()]:
            send(pk)


def ended_indexes(name: str) -> list[models.Index]:
    """For tables of many jobs: what ended lately, and what stopped its workers."""
    quarantined = Q(state="failed", deliveries__gt=MAX_DELIVERIES)
    return [
        models.Index(fields=["state", "finished_at"], condition=Q(finished_at__isnull=False), name=f"{name}_ended"),
        models.Index(fields=["finished_at"], condition=quarantined, name=f"{name}_quarantined"),
    ]


class Job(models.Model):
    """``queued -> running -> done | failed | cancelled``, with a heartbeat and a stored error."""

    class State(models.TextChoices):
        QUEUED = "queued", _("queued")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    state = models.CharField(max_length=10, choices=State, default=State.QUEUED, editable=False)
    progress = models.FloatField(default=0, editable=False, help_text=_("0 to 1"))
    progress_message = models.CharField(max_length=200, blank=True, editable=False)
    error = models.TextField(blank=True, editable=False)
    error_id = models.CharField(max_length=12, blank=True, editable=False)
    deliveries = models.PositiveSmallIntegerField(default=0, editable=False)
    claim_token = models.UUIDField(null=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    enqueued_at = models.DateTimeField(default=timezone.now, editable=False)
    started_at = models.DateTimeField(null=True, editable=False)
    heartbeat_at = models.DateTimeField(null=True, editable=False)
    finished_at = models.DateTimeField(null=True, editable=False)

    QUARANTINED = _("This job stopped its worker %d times and was set aside. Check its input.")
    TOOK_TOO_LONG = _(
        "This took longer than the server allows. Use fewer or smaller micrographs, or ask for more time."
    )

    class Meta:
        abstract = True

    @property
    def is_active(self) -> bool:
        return self.state in (self.State.QUEUED, self.State.RUNNING)

    def _mine(self) -> models.QuerySet[Any]:
        """The row, if it is still this worker's."""
        return type(self)._default_manager.filter(pk=self.pk, state=self.State.RUNNING, claim_token=self.claim_token)

    def heartbeat(self, progress: float, message: str = "") -> bool:
        """Record that the worker is alive and how far it is (0 to 1); False when it must stop."""
        fields = {"progress": progress, "progress_message": message[:200], "heartbeat_at": timezone.now()}
        return bool(self._mine().update(**fields))

    def stay_alive(self) -> None:
        """Record that the worker is alive; raises JobCancelled when it must stop."""
        if not self.heartbeat(self.progress, self.progress_message):
            raise JobCancelled

    def finish(self, **fields: Any) -> bool:
        """Write the outcome; False, and nothing written, when the job is no longer this worker's."""
        return self._end(self.State.DONE, progress=1.0, **fields)

    def fail(self, error: object, *, error_id: str = "") -> bool:
        """Store the sentence that is shown to the person."""
        return self._end(self.State.FAILED, error=str(error), error_id=error_id)

    def break_off(self, error_id: str) -> bool:
        """End after a bug or an outage on our side, which is logged under ``error_id``."""
        return self.fail(_("Something went wrong on our side. Report the error id %s.") % error_id, error_id=error_id)

    def hand_back(self) -> bool:
        """Queue it again because this worker was told to stop; the delivery does not count."""
        return bool(self._mine().update(state=self.State.QUEUED, deliveries=F("deliveries") - 1))

    def put_off(self, reason: object) -> bool:
        """Queue it again after an outage that passes; the delivery does not count, and the sweep sends it again."""
        fields = {"progress_message": str(reason)[:200], "enqueued_at": timezone.now()}
        return bool(self._mine().update(state=self.State.QUEUED, deliveries=F("deliveries") - 1, **fields))

    def note_end(self, state: str) -> None:
        """What a kind of job also writes in the transaction that ends it."""

    def _end(self, state: str, **fields: Any) -> bool:
        with transaction.atomic():
            ended = self._mine().update(state=state, finished_at=timezone.now(), **fields)
            if ended:
                self.note_end(state)
        # Not the token: it may be another worker's by now, and would let this one write to what is no longer its own.
        self.refresh_from_db(fields=[f.attname for f in self._meta.concrete_fields if f.name != "claim_token"])
        if ended:
            job_ended.send(type(self), job=self)
        return bool(ended)


JobT = TypeVar("JobT", bound=Job)


@contextmanager
def failures_stored(job: Job) -> Iterator[None]:
    """Run the work of a claimed job; every failure is stored in its row, with a sentence for the person.

    What is logged meanwhile names the job.
    """
    with log_with(job=type(job).__name__, job_id=job.pk), _failures_stored(job):
        yield


@contextmanager
def _failures_stored(job: Job) -> Iterator[None]:
    try:
        yield
    except JobCancelled:
        logger.info("%s %s stopped: cancelled or taken over", type(job).__name__, job.pk)
    except MicroDBError as error:
        job.fail(error)
    except SystemExit:  # what billiard makes of SIGTERM; the worker gives the message back as well
        job.hand_back()
        raise
    except SoftTimeLimitExceeded:
        job.fail(job.TOOK_TOO_LONG)
    except Exception as error:
        if outage_of(error) is DISK_FULL:
            logger.error("%s %s put off: %s", type(job).__name__, job.pk, error)
            job.put_off(_("The server's disk is full; this goes on when there is space."))
            return
        error_id = uuid.uuid4().hex[:12]
        logger.exception("%s %s failed, error %s", type(job).__name__, job.pk, error_id)
        job.break_off(error_id)


def is_redelivered(task: Any) -> bool:
    """Whether the broker has sent the message of this bound Celery task before."""
    return bool((task.request.delivery_info or {}).get("redelivered"))
