"""A trained model of a dataset, from the request to its artifact."""

import math
import uuid
from collections.abc import Mapping
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from microdb.jobs import Job, JobQuerySet
from microdb.micrographs.models import Dataset, DatasetVersion, Micrograph, Role
from microdb.webhooks.models import EventKind
from microdb.webhooks.services import record_event

MEASURABLE = 0.02
"""The progress from which on the rate is known well enough to tell the time left."""


def package_path(job: "ModelImport", filename: str) -> str:
    return f"imports/{uuid.uuid4().hex}.zip"


def artifact_path(version: "ModelVersion", filename: str) -> str:
    return f"models/{version.pk}/{uuid.uuid4().hex}.zip"


class ModelVersionQuerySet(JobQuerySet["ModelVersion"]):
    def visible_to(self, user: object, role: str = Role.VIEWER) -> Self:
        return self.filter(dataset__in=Dataset.objects.visible_to(user, role))

    def ahead_of(self, version: "ModelVersion") -> Self:
        """The versions that are trained before a queued one: the running ones and the queued ones that came earlier."""
        earlier = Q(state=Job.State.QUEUED, created_at__lt=version.created_at)
        return self.filter(Q(state=Job.State.RUNNING) | earlier).exclude(pk=version.pk)


class ModelVersion(Job):
    """One training of a dataset's model; at most one version of a dataset is active and scores by default."""

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="model_versions")
    dataset_version = models.ForeignKey(DatasetVersion, on_delete=models.PROTECT, related_name="model_versions")
    number = models.PositiveIntegerField(editable=False)
    seed = models.PositiveIntegerField(default=0)
    config = models.JSONField(default=dict, blank=True, help_text=_("As asked for; once trained, all of it."))
    classes = models.JSONField(default=list, editable=False, help_text=_("Class names in the dataset's order."))
    artifact = models.FileField(upload_to=artifact_path, blank=True, editable=False)
    artifact_sha256 = models.CharField(max_length=64, blank=True, editable=False)
    metrics = models.JSONField(default=dict, editable=False)
    descriptor_map = models.JSONField(default=dict, editable=False, help_text=_("Fig. 2 of the paper, as data."))
    live = models.JSONField(
        default=dict, editable=False, help_text=_("What is known while it trains: losses, accuracy, a map.")
    )
    is_active = models.BooleanField(default=False, editable=False)
    asked = models.JSONField(
        null=True, editable=False, help_text=_("The settings that were asked for; null where that was not kept.")
    )
    imported = models.JSONField(
        default=dict, editable=False, help_text=_("Of a version that was trained elsewhere: where it comes from.")
    )
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    objects = ModelVersionQuerySet.as_manager()

    class Meta:
        ordering = ["dataset", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["dataset", "number"], name="model_version_once"),
            models.UniqueConstraint(fields=["dataset"], condition=Q(is_active=True), name="model_version_one_active"),
            models.CheckConstraint(
                condition=Q(is_active=False) | Q(state=Job.State.DONE), name="model_version_active_is_done"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dataset}, model version {self.number}"

    @property
    def is_scale_free(self) -> bool:
        """Whether it was trained without scale; the dataset may have been declared otherwise since."""
        return bool(self.config.get("scale_free", self.dataset.scale_free))

    @property
    def has_ended(self) -> bool:
        """Neither queued nor running; ``is_active`` here means that the version scores."""
        return self.state not in (Job.State.QUEUED, Job.State.RUNNING)

    @property
    def seconds_left(self) -> int | None:
        """At the rate since its start; None before that can be told."""
        if self.state != Job.State.RUNNING or self.started_at is None or self.progress < MEASURABLE:
            return None
        elapsed = (timezone.now() - self.started_at).total_seconds()
        return math.ceil(elapsed * (1 - self.progress) / self.progress)

    def show(self, known: dict[str, Any]) -> None:
        """Store what is known so far, if the training is still this worker's."""
        self._mine().update(live=known)

    def note_end(self, state: str) -> None:
        """Tell those who want to hear that the training has finished or failed."""
        record_event(
            kind=EventKind.TRAINING_FINISHED,
            dataset=self.dataset,
            subject=f"model version {self.pk}",
            data={
                "model_version": self.number,
                "state": state,
                "api": f"/api/v1/datasets/{self.dataset.slug}/model-versions/{self.number}/",
                "page": reverse("training:model_version", args=[self.dataset.slug, self.number]),
            },
        )


class OutOfFold(models.Model):
    """The out-of-fold prediction of a micrograph: by the part of the version that was not trained on its specimen."""

    model_version = models.ForeignKey(ModelVersion, on_delete=models.CASCADE, related_name="out_of_fold")
    micrograph = models.ForeignKey(Micrograph, on_delete=models.CASCADE, related_name="out_of_fold")
    probabilities = models.JSONField(help_text=_("Of each class and none-of-these; they add up to 1."))
    label = models.CharField(max_length=60, help_text=_("That the version was trained with."))
    predicted = models.CharField(max_length=60, help_text=_("The most probable outcome."))
    probability = models.FloatField(help_text=_("Of the prediction."))

    class Meta:
        verbose_name_plural = "out-of-fold answers"
        constraints = [models.UniqueConstraint(fields=["model_version", "micrograph"], name="out_of_fold_once")]
        indexes = [
            models.Index(fields=["model_version", "-probability", "id"], name="out_of_fold_certain"),
            models.Index(fields=["model_version", "label", "predicted"], name="out_of_fold_cell"),
        ]

    def __str__(self) -> str:
        return f"{self.micrograph_id}: {self.predicted}"

    @property
    def is_right(self) -> bool:
        return self.predicted == self.label

    @classmethod
    def answered(
        cls, version: ModelVersion, micrograph_id: uuid.UUID, label: str, probabilities: Mapping[str, float]
    ) -> Self:
        """The row, not saved, of a micrograph that the version was trained on with this label."""
        predicted = max(probabilities, key=probabilities.__getitem__)
        return cls(
            model_version=version,
            micrograph_id=micrograph_id,
            probabilities=dict(probabilities),
            label=label,
            predicted=predicted,
            probability=probabilities[predicted],
        )


class NoneOfTheseTest(models.Model):
    """A micrograph that "none of these" was measured on, beside the out-of-fold predictions."""

    class Kind(models.TextChoices):
        """``LEFT_OUT`` and ``LABELLED`` should be called none of these, ``DEGRADED`` should not."""

        LEFT_OUT = "left_out", _("its class was left out of the training")
        LABELLED = "labelled", _("labelled None of these")
        DEGRADED = "degraded", _("a degraded copy of a held-out micrograph")

    model_version = models.ForeignKey(ModelVersion, on_delete=models.CASCADE, related_name="none_of_these_tests")
    micrograph = models.ForeignKey(Micrograph, on_delete=models.CASCADE, related_name="none_of_these_tests")
    kind = models.CharField(max_length=10, choices=Kind)
    label = models.CharField(max_length=60, help_text=_("In the training."))
    margin = models.FloatField(help_text=_("The evidence above its limit; above 0 it is called None of these."))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["model_version", "kind", "micrograph"], name="none_of_these_test_once")
        ]
        indexes = [models.Index(fields=["model_version", "kind", "label", "margin"], name="none_of_these_test_rate")]

    def __str__(self) -> str:
        return f"{self.micrograph_id}: {self.kind}"

    @property
    def rejected(self) -> bool:
        return self.margin > 0

    @property
    def verdict(self) -> str:
        """In words."""
        return gettext("called None of these") if self.rejected else gettext("not called None of these")

    @property
    def is_right(self) -> bool:
        return self.rejected != (self.kind == self.Kind.DEGRADED)


class LearningCurve(Job):
    """What fewer micrographs would have cost a version, measured on request."""

    model_version = models.OneToOneField(ModelVersion, on_delete=models.CASCADE, related_name="learning_curve")
    result = models.JSONField(default=dict, editable=False)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    objects = JobQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.model_version}, learning curve"


class ModelImport(Job):
    """The zip of a version that was trained elsewhere; a worker checks it and makes ``model_version`` of it.

    The file is deleted when the import has ended.
    """

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="model_imports")
    filename = models.CharField(max_length=200)
    package = models.FileField(upload_to=package_path, blank=True, editable=False)
    sha256 = models.CharField(max_length=64, help_text=_("Of the file."))
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    trained_on = models.JSONField(
        default=list,
        editable=False,
        help_text=_("SHA-256 of its training micrographs, as its file says."),
    )
    model_version = models.OneToOneField(
        ModelVersion, null=True, on_delete=models.SET_NULL, related_name="model_import", editable=False
    )

    objects = JobQuerySet.as_manager()

    def __str__(self) -> str:
        return self.filename
