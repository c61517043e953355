"""A piece of work as people know it: a training, a batch, or all readings of a dataset."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import TextChoices
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from microdb.jobs import Job
from microdb.micrographs.models import Dataset

ACTIVE = (Job.State.QUEUED, Job.State.RUNNING)
ENDED = (Job.State.DONE, Job.State.FAILED, Job.State.CANCELLED)


class Kind(TextChoices):
    """Trainings, learning curves, imports and batches are listed one by one; the jobs of the other kinds are counted
    for each dataset."""

    TRAINING = "training", _("training")
    CURVE = "curve", _("learning curve")
    IMPORT = "import", _("import of a model")
    BATCH = "batch", _("batch")
    SCORE = "score", _("scores")
    READING = "reading", _("reading of micrographs")
    LETTERING = "lettering", _("reading of micron bars")
    DESCRIBING = "describing", _("description of micrographs")
    DELIVERY = "delivery", _("webhooks and e-mails")


@dataclass(frozen=True)
class Counts:
    """The jobs of a piece of work; ``total`` is None where they are counted only while they wait or have failed."""

    waiting: int = 0
    running: int = 0
    done: int = 0
    failed: int = 0
    total: int | None = None


@dataclass(frozen=True)
class Work:
    """``key`` identifies it among its kind. ``ahead``: pieces of work of its kind that are done before it; None once
    it runs. What changes with the clock alone has no part in the ``repr``, which tells whether there is news."""

    kind: Kind
    key: Any
    dataset: Dataset
    title: str
    page: str
    state: str
    created_at: datetime
    counts: Counts
    progress: float | None = None
    message: str = ""
    ahead: int | None = None
    started_at: datetime | None = None
    heartbeat_at: datetime | None = None
    finished_at: datetime | None = None
    seconds_left: int | None = field(default=None, repr=False)
    error: str = ""
    error_id: str = ""
    requested_by: int | None = None
    may_change: bool = False

    @property
    def id(self) -> str:
        return f"{self.kind}-{self.key}"

    @property
    def is_active(self) -> bool:
        return self.state in ACTIVE

    @property
    def get_state_display(self) -> str:
        """As of a job, for the fragment that shows either."""
        return str(Job.State(self.state).label)

    @property
    def elapsed(self) -> timedelta | None:
        """Since it started, until it ended."""
        return (self.finished_at or timezone.now()) - self.started_at if self.started_at else None

    @property
    def left(self) -> timedelta | None:
        return None if self.seconds_left is None else timedelta(seconds=self.seconds_left)

    @property
    def is_one_job(self) -> bool:
        """Neither a batch nor counted with others."""
        return self.kind in (Kind.TRAINING, Kind.CURVE, Kind.IMPORT)

    @property
    def can_be_cancelled(self) -> bool:
        """A reading can't: its micrograph would be neither ready nor refused."""
        return self.is_active and (self.is_one_job or self.kind in (Kind.BATCH, Kind.SCORE))

    @property
    def can_be_retried(self) -> bool:
        if self.kind in (Kind.TRAINING, Kind.CURVE):
            return self.state in (Job.State.FAILED, Job.State.CANCELLED)
        if self.kind == Kind.BATCH:
            return self.state == Job.State.DONE and self.counts.failed > 0
        return self.kind in (Kind.SCORE, Kind.READING) and self.counts.failed > 0


def work_id(kind: Kind, key: object) -> str:
    """The ``id`` of a piece of work that is not at hand."""
    return f"{kind}-{key}"
