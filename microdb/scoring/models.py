"""Scores of micrographs by a model version, and batches of them."""

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from microdb.jobs import Job, JobQuerySet
from microdb.micrographs.models import Dataset, Micrograph, Role, withheld_from, without_sources
from microdb.training.models import ModelVersion


def saliency_path(score: "Score", filename: str) -> str:
    return f"saliency/{score.pk}-{uuid.uuid4().hex}.png"


@dataclass(frozen=True)
class Conditions:
    """What a score depends on besides the model version and the pixels: the scale, and what is kept out of sight."""

    pixels_per_micrometre: float | None
    data_bar_top: int | None
    masked: list[dict[str, int]]

    @classmethod
    def of_today(cls, micrograph: Micrograph, *, scale_free: bool) -> "Conditions":
        """Those under which a micrograph would be scored now."""
        scale = None if scale_free else micrograph.pixels_per_micrometre
        return cls(scale, micrograph.data_bar_top, without_sources(micrograph.masked))


class ScoreQuerySet(JobQuerySet["Score"]):
    def visible_to(self, user: object, role: str = Role.VIEWER) -> Self:
        return self.shown_to(user).filter(model_version__dataset__in=Dataset.objects.visible_to(user, role))

    def shown_to(self, user: object) -> Self:
        """Without those of micrographs that are withheld from ``user``."""
        return self.filter(~withheld_from(user, "micrograph"))

    def live_or_done(self) -> Self:
        """Scores that are unique per model version, micrograph and conditions."""
        return self.filter(state__in=[Job.State.QUEUED, Job.State.RUNNING, Job.State.DONE])

    def with_page_rows(self) -> Self:
        """With the related rows that pages show, without their large columns."""
        related = self.select_related("model_version__dataset", "micrograph__material_class")
        return related.defer("model_version__descriptor_map", "model_version__metrics", "descriptors")

    def ahead_of(self, score: "Score") -> Self:
        """The scores that the workers of its queue take before a queued score."""
        earlier = Q(state=Job.State.QUEUED, created_at__lt=score.created_at)
        return self.filter(Q(state=Job.State.RUNNING) | earlier, queue=score.queue).exclude(pk=score.pk)


class Score(Job):
    """A model version's verdict on one micrograph; never written twice for the same conditions, and kept when these
    change."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    model_version = models.ForeignKey(ModelVersion, on_delete=models.CASCADE, related_name="scores")
    micrograph = models.ForeignKey(Micrograph, on_delete=models.CASCADE, related_name="scores")
    pixels_per_micrometre = models.FloatField(null=True, help_text=_("The scale it was scored at."))
    data_bar_top = models.PositiveIntegerField(null=True, help_text=_("The first row that was not looked at."))
    masked = models.JSONField(default=list, help_text=_("The rectangles that were not looked at."))
    seed = models.PositiveIntegerField(default=0)
    queue = models.CharField(max_length=10, default="score", editable=False)

    predicted = models.CharField(max_length=60, blank=True, help_text=_("A class name or none-of-these."))
    probability = models.FloatField(null=True)
    none_of_these = models.FloatField(null=True)
    probabilities = models.JSONField(default=dict, help_text=_("Class name to probability."))
    outside_rank = models.FloatField(
        null=True, help_text=_("Share of known micrographs of unseen specimens that look more familiar, from 0 to 1.")
    )
    nearest = models.CharField(max_length=60, blank=True, help_text=_("The most probable class, always one."))
    descriptors = models.JSONField(default=list, help_text=_("Places of its crops on the descriptor map."))
    monte_carlo_error = models.FloatField(null=True)
    crops = models.PositiveIntegerField(null=True)
    warning = models.TextField(blank=True)
    saliency = models.FileField(upload_to=saliency_path, blank=True)

    objects = ScoreQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        indexes = [
            models.Index(fields=["model_version", "-created_at"], name="score_latest"),
            models.Index(fields=["queue", "state", "created_at"], name="score_queue"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["model_version", "micrograph", "pixels_per_micrometre", "data_bar_top", "masked"],
                condition=Q(state__in=[Job.State.QUEUED, Job.State.RUNNING, Job.State.DONE]),
                nulls_distinct=False,
                name="score_once",
            ),
            models.CheckConstraint(
                condition=~Q(state=Job.State.DONE) | (~Q(predicted="") & Q(probability__isnull=False)),
                name="score_done_has_verdict",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.micrograph}: {self.predicted or self.state}"

    @property
    def conditions(self) -> Conditions:
        """Those under which it was scored."""
        return Conditions(self.pixels_per_micrometre, self.data_bar_top, self.masked)

    @property
    def nearest_class(self) -> str:
        """The most probable class; scores of earlier releases did not store it."""
        return self.nearest or max(self.probabilities, key=self.probabilities.__getitem__, default="")

    @property
    def nearest_probability(self) -> float | None:
        """The probability of the most probable class if the micrograph belongs to one of the classes."""
        total = sum(self.probabilities.values())
        return self.probabilities.get(self.nearest_class, 0.0) / total if total else None


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
        started = self.filter(started_at__isnull=False, announced_at=None, cancelled_at=None)
        return started.filter(~Exists(items))

    def with_counts(self) -> Self:
        """With ``total``, ``done``, ``waiting`` (unread, queued or running), ``settled``, ``without_verdict`` items.

        ``lately``: the verdicts of the last minute.
        """
        state = "items__score__state"
        unread = Q(items__score=None, items__error="", items__micrograph__isnull=False)
        waiting = Q(**{f"{state}__in": [Job.State.QUEUED, Job.State.RUNNING]}) | unread
        done = Q(**{state: Job.State.DONE})
        return self.annotate(
            total=Count("items"),
            done=Count("items", filter=done),
            waiting=Count("items", filter=waiting),
            settled=Count("items") - Count("items", filter=waiting),
            without_verdict=Count("items") - Count("items", filter=done) - Count("items", filter=waiting),
            lately=Count("items", filter=done & Q(items__score__finished_at__gte=timezone.now() - LATELY)),
        )


class Batch(models.Model):
    """Files scored together, in the order given. It is open, and takes more files, until it is started."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    model_version = models.ForeignKey(ModelVersion, on_delete=models.CASCADE, related_name="batches")
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
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

    def __str__(self) -> str:
        return f"batch {self.pk}"

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

    objects = BatchItemQuerySet.as_manager()

    class Meta:
        ordering = ["batch", "position"]
        indexes = [
            models.Index(fields=["micrograph"], condition=Q(score=None, error=""), name="batch_item_unread"),
            models.Index(fields=["score"], condition=Q(score__isnull=False), name="batch_item_scored"),
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
