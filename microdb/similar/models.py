"""What is searched: the descriptor of each micrograph under a model version, and the job that keeps them up to date."""

from typing import Any, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from microdb.jobs import Job, JobQuerySet
from microdb.micrographs.models import DatasetVersionEntry, Micrograph, MicrographQuerySet, Split
from microdb.micrographs.models.micrographs import NO_SCALE
from microdb.scoring.models import Score
from microdb.training.models import ModelVersion

NO_BAR = 0
"""Stands for a missing data bar, whose first row is never 0."""


def training_entries(version: ModelVersion) -> models.QuerySet[DatasetVersionEntry]:
    """What the version was trained on, examples of other materials included."""
    return version.dataset_version.entries.filter(split=Split.TRAIN).exclude(label="")


class RealField(models.FloatField):  # type: ignore[type-arg] # generic only in its stubs
    """A number of four bytes."""

    def db_type(self, connection: Any) -> str:
        return "real"


class DescriptorQuerySet(models.QuerySet["Descriptor"]):
    def up_to_date(self) -> Self:
        """Those of micrographs whose scale, data bar and masked rectangles are still as they were described."""
        return self.filter(
            pixels_per_micrometre=Coalesce("micrograph__pixels_per_micrometre", NO_SCALE),
            data_bar_top=Coalesce("micrograph__data_bar_top", NO_BAR),
            masked=F("micrograph__masked"),
        )


class Descriptor(models.Model):
    """Where a model version places a micrograph: near others that it finds alike, by Euclidean distance.

    Without a vector where the micrograph can't be described. It holds for the scale, the data bar and the masked
    rectangles under which it was made.
    """

    model_version = models.ForeignKey(ModelVersion, on_delete=models.CASCADE, related_name="+", db_index=False)
    # Hidden from the micrograph, since it goes with it: what people see as resting on a micrograph keeps it.
    micrograph = models.ForeignKey(Micrograph, on_delete=models.CASCADE, related_name="+")
    vector = ArrayField(RealField(), null=True)
    trained_on = models.BooleanField(help_text=_("Whether the version was trained on the micrograph."))
    pixels_per_micrometre = models.FloatField()
    data_bar_top = models.PositiveIntegerField()
    masked = models.JSONField()
    revision = models.BigIntegerField(help_text=_("Of the version's descriptors, when it was written."))

    objects = DescriptorQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["model_version", "micrograph"], name="descriptor_once")]
        indexes = [models.Index(fields=["model_version", "revision"], name="descriptor_by_revision")]

    def __str__(self) -> str:
        return f"{self.micrograph_id} under {self.model_version_id}"


class DescribingQuerySet(JobQuerySet["Describing"]):
    def queue_again(self) -> list[int]:
        """Queue those that have ended although there is more to describe, as if they were new; each needs a message."""
        ended = self.exclude(state__in=[Job.State.QUEUED, Job.State.RUNNING])
        keys = list(ended.filter(wanted=True, model_version__dataset__trashed_at=None).values_list("pk", flat=True))
        ended.filter(pk__in=keys).update(
            state=Job.State.QUEUED,
            progress_message="",
            error="",
            error_id="",
            deliveries=0,
            enqueued_at=timezone.now(),
            started_at=None,
            finished_at=None,
        )
        return keys


class Describing(Job):
    """The description of a model version's micrographs: of all that the dataset keeps while the version is active,
    else of those that it was trained on, and of what it has scored.

    The database sets ``wanted`` when there may be more to describe: see migration ``0002_wanted``.
    """

    model_version = models.OneToOneField(
        ModelVersion, primary_key=True, on_delete=models.CASCADE, related_name="describing"
    )
    wanted = models.BooleanField(default=True, editable=False)
    revision = models.BigIntegerField(default=0, editable=False, help_text=_("Counts what was written."))

    objects = DescribingQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.model_version}: {self.state}"

    def missing(self) -> MicrographQuerySet:
        """The micrographs that have no descriptor as they are now, those that the version was trained on first."""
        version = self.model_version
        there = Descriptor.objects.filter(model_version=version, micrograph=OuterRef("pk")).up_to_date()
        trained_on = Exists(training_entries(version).filter(micrograph=OuterRef("pk")))
        scored = Exists(Score.objects.filter(model_version=version, micrograph=OuterRef("pk"), state=Job.State.DONE))
        of_dataset = Q(scored_only=False) if version.is_active else Q(trained_on=True)
        stored = Micrograph.objects.stored().filter(dataset=version.dataset_id, state=Micrograph.State.READY)
        wanted = stored.annotate(trained_on=trained_on).filter(of_dataset | scored, ~Exists(there))
        if not version.is_scale_free:
            wanted = wanted.filter(pixels_per_micrometre__isnull=False)
        return wanted.order_by("-trained_on", "pk")
