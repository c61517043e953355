"""Batches of scores."""

import uuid
from datetime import timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Case, Count, Exists, OuterRef, Q, Subquery, When
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from microdb.jobs import Job
from microdb.micrographs.models import Dataset, Micrograph, Role, withheld_from
from microdb.scoring.models.scores import Score
from microdb.training.models import ModelVersion

LATELY = timedelta(minutes=1)
"""The time over which the rate of a batch is measured."""


class BatchQuerySet(models.QuerySet["Batch"]):
    def visible_to(self, user: object, role: str = Role.VIEWER) -> Self:
        return self.filter(model_version__dataset__in=Dataset.objects.visible_to(user, role))

    def finished_unannounced(self) -> Self:
        """Started batches without a waiting item, whose end nobody was told yet."""
        waiting = Q(score__state__in=[Job.State.QUEUED, Job.State.RUNNING])
        unread = Q(score=None, error="", micrograph__isnull=False)
        items = BatchItem.objects.filter(waiting | unread, batch=OuterRef("pk"))
        return self.unfinished().filter(~Exists(items))

    def unfinished(self) -> Self:
        """Started batches that have items waiting, or whose end is announced within seconds."""
        return self.filter(started_at__isnull=False, announced_at=None, cancelled_at=None)

    def store_counts(self) -> list[Any]:
        """Keep the counts of batches that end, so that lists need not count their items again; returns the batches."""
        counted: list[Any] = list(self.with_counts())
        for batch in counted:
            batch.counts = {"total": batch.total, "done": batch.done, "without_verdict": batch.without_verdict}
            batch.save(update_fields=["counts"])
        return counted

    def with_counts(self) -> Self:
        """With ``total``, ``done`` and ``waiting`` (unread, queued or running) items.

        ``lately``: the verdicts of the last minute.
        """
        recently = {"outcome": Outcome.DONE, "score__finished_at__gte": timezone.now() - LATELY}
        return self.annotate(
            total=_count_of_items(),
            done=_count_of_items(outcome=Outcome.DONE),
            waiting=_count_of_items(outcome=Outcome.WAITING),
            lately=_count_of_items(**recently),
        )

    def with_kept_counts(self) -> Self:
        """As ``with_counts`` without ``lately``, for lists: of a batch that has ended, the counts of its end."""
        kept = {"announced_at__isnull": False, "counts__has_keys": ["total", "done"]}
        return self.annotate(
            total=Case(When(**kept, then=_kept("total")), default=_count_of_items()),
            done=Case(When(**kept, then=_kept("done")), default=_count_of_items(outcome=Outcome.DONE)),
            waiting=Case(When(**kept, then=0), default=_count_of_items(outcome=Outcome.WAITING)),
        )


def _kept(name: str) -> Cast:
    return Cast(KeyTextTransform(name, "counts"), models.IntegerField())


def _count_of_items(**conditions: Any) -> Coalesce:
    """Of a batch. An index alone counts a hundred thousand; a join with all of them would be sorted and grouped."""
    items = BatchItem.objects.filter(batch=OuterRef("pk"), **conditions).order_by().values("batch")
    return Coalesce(Subquery(items.annotate(count=Count("*")).values("count")), 0)


class Batch(models.Model):
    """Files scored together, in the order given. It is open, and takes more files, until it is started."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    model_version = models.ForeignKey(ModelVersion, on_delete=models.CASCADE, related_name="batches")
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    client_key = models.CharField(
        max_length=200, blank=True, editable=False, help_text=_("By which its maker recognises it; empty without one.")
    )
    manifest = models.JSONField(
        null=True, editable=False, help_text=_("How its manifest was understood; null without one.")
    )
    pixels_per_micrometre = models.FloatField(null=True, help_text=_("Of files that have no scale of their own."))
    add_to_dataset = models.BooleanField(default=False, help_text=_("Whether its files become part of the dataset."))
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, editable=False)
    cancelled_at = models.DateTimeField(null=True, editable=False)
    announced_at = models.DateTimeField(
        null=True, editable=False, help_text=_("When those who want to hear of its end were told; null before.")
    )

    counts = models.JSONField(
        null=True,
        editable=False,
        help_text=_("Of its items: total from its start, done and without_verdict from its end."),
    )

    objects = BatchQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        verbose_name_plural = "batches"
        indexes = [
            models.Index(
                fields=["started_at"],
                condition=Q(announced_at=None, cancelled_at=None, started_at__isnull=False),
                name="batch_unannounced",
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["requested_by", "model_version", "client_key"],
                condition=Q(cancelled_at=None) & ~Q(client_key=""),
                name="batch_of_client_key",
            )
        ]

    def __str__(self) -> str:
        return f"batch {self.pk}"

    @property
    def settled(self) -> int:
        """The items that wait no more. Only with the counts of ``with_counts``, as the next one."""
        return int(self.total - self.waiting)  # type: ignore[attr-defined]

    @property
    def without_verdict(self) -> int:
        return self.settled - int(self.done)  # type: ignore[attr-defined]

    @property
    def is_open(self) -> bool:
        """Whether it still takes files."""
        return self.started_at is None and self.cancelled_at is None


class BatchManifest(models.Model):
    """The manifest that an open batch was made with; each file that is sent to the batch takes its row."""

    batch = models.OneToOneField(Batch, on_delete=models.CASCADE, primary_key=True, related_name="stored_manifest")
    name = models.CharField(max_length=255)
    content = models.BinaryField()

    def __str__(self) -> str:
        return self.name


class Outcome(models.TextChoices):
    """What became of an item; triggers of migration ``0013_kept_for_lists`` write it."""

    WAITING = "waiting", _("unread, queued or running")
    DONE = "done", _("it has a verdict")
    NONE = "none", _("it has no verdict")


CANCELLED = "cancelled"
"""The error code of an item that was cancelled before it had a score."""


class BatchItemQuerySet(models.QuerySet["BatchItem"]):
    def shown_to(self, user: object) -> Self:
        """Without those of micrographs that are withheld from ``user``."""
        return self.filter(~withheld_from(user, "micrograph"))

    def unread(self) -> Self:
        """Items whose micrograph has not been read yet, or was read and gets its score next."""
        return self.filter(score=None, error="", micrograph__isnull=False)

    def next_to_score(self) -> Self:
        """Unread items of started batches whose micrograph has been read."""
        started = self.unread().filter(batch__started_at__isnull=False)
        return started.exclude(micrograph__state=Micrograph.State.READING)


class BatchItem(models.Model):
    """One file of a batch: its micrograph and score, or the reason why it has none.

    Without either it waits for its micrograph to be read.
    """

    # 100,000 items at once are stored faster with fewer indexes: the constraint's below serves the batch too.
    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="items", db_index=False)
    position = models.PositiveIntegerField()
    filename = models.CharField(max_length=1000, help_text=_("The path that it was sent with."))
    micrograph = models.ForeignKey(Micrograph, null=True, on_delete=models.SET_NULL, related_name="+")
    score = models.ForeignKey(Score, null=True, on_delete=models.SET_NULL, related_name="batch_items", db_index=False)
    manifest_line = models.PositiveIntegerField(null=True, help_text=_("The line of the manifest that names it."))
    error = models.TextField(blank=True)
    error_code = models.CharField(max_length=40, blank=True, help_text=_("The kind of the error, for programs."))
    outcome = models.CharField(max_length=7, choices=Outcome, default=Outcome.WAITING, editable=False)

    objects = BatchItemQuerySet.as_manager()

    class Meta:
        ordering = ["batch", "position"]
        indexes = [
            models.Index(fields=["micrograph"], condition=Q(score=None, error=""), name="batch_item_unread"),
            models.Index(fields=["score"], condition=Q(score__isnull=False), name="batch_item_scored"),
            models.Index(fields=["batch", "outcome"], name="batch_item_outcome"),
        ]
        constraints = [models.UniqueConstraint(fields=["batch", "position"], name="batch_item_once")]

    def __str__(self) -> str:
        return self.filename

    @property
    def state(self) -> str:
        """That of its score; before there is one ``reading`` or ``queued``, and without one ``refused`` or so."""
        if self.score:
            return str(self.score.state)
        if self.is_unread:
            reading = self.micrograph is not None and self.micrograph.state == Micrograph.State.READING
            return str(Micrograph.State.READING if reading else Job.State.QUEUED)
        return str(Job.State.CANCELLED if self.error_code == CANCELLED else Micrograph.State.REFUSED)

    @property
    def is_unread(self) -> bool:
        return self.score_id is None and not self.error and self.micrograph_id is not None
