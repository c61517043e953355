"""Files that arrive in several requests, until they are whole and stored."""

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from microdb.accounts.models import User
from microdb.micrographs.models.datasets import Dataset
from microdb.micrographs.models.micrographs import Micrograph


class UploadQuerySet(models.QuerySet["Upload"]):
    def of_person(self, user: User, dataset: Dataset, batch: uuid.UUID | None = None) -> Self:
        """Those that somebody is sending to the dataset, or to a batch of it."""
        return self.filter(by=user, dataset=dataset, batch=batch)

    def unfinished(self) -> Self:
        """Those whose file is not stored yet, and that have not expired."""
        return self.filter(finished_at=None, expires_at__gt=timezone.now())

    def whole(self) -> Self:
        """Those of which every byte has arrived, but that are not stored yet."""
        return self.unfinished().filter(received=F("length"))


class Upload(models.Model):
    """A file on its way. Its first ``received`` bytes are safe on the disk, under its id; later ones don't count.

    When it is stored, or refused, it is finished and its bytes are gone from the folder of uploads.
    """

    class State(models.TextChoices):
        RECEIVING = "receiving", _("receiving")
        STORING = "storing", _("storing")
        DONE = "done", _("done")
        REFUSED = "refused", _("refused")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="uploads")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    batch = models.UUIDField(null=True, help_text=_("The open batch that gets the file; null for the dataset."))
    filename = models.CharField(max_length=1000, help_text=_("As given by whoever sends it."))
    about = models.JSONField(default=dict, help_text=_("What is known of the micrograph: label, scale and so on."))
    sidecar_name = models.CharField(max_length=255, blank=True)
    sidecar = models.BinaryField(default=bytes, blank=True)
    fingerprint = models.CharField(max_length=100, blank=True, help_text=_("By which its sender finds it again."))
    sha256 = models.CharField(max_length=64, blank=True, help_text=_("Of the whole file; at first as its sender says."))
    length = models.PositiveBigIntegerField(help_text=_("bytes"))
    received = models.PositiveBigIntegerField(default=0, help_text=_("bytes"))
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    micrograph = models.ForeignKey(Micrograph, null=True, on_delete=models.SET_NULL, related_name="+")
    code = models.CharField(max_length=40, blank=True, help_text=_("Why it was refused, for programs."))
    message = models.TextField(blank=True, help_text=_("Why it was refused."))

    objects = UploadQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "id"]
        indexes = [
            models.Index(fields=["dataset", "by", "created_at"], name="upload_of_person"),
            models.Index(fields=["expires_at"], name="upload_by_expiry"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(length__gte=1, received__lte=F("length")),
                name="upload_within_length",
                violation_error_message=_("An upload has at least one byte, and receives no more than its length."),
            )
        ]

    def __str__(self) -> str:
        return self.filename

    @property
    def state(self) -> str:
        if self.finished_at:
            return str(self.State.REFUSED if self.code else self.State.DONE)
        return str(self.State.STORING if self.is_whole else self.State.RECEIVING)

    @property
    def is_whole(self) -> bool:
        return self.received == self.length

    @property
    def is_expired(self) -> bool:
        return self.expires_at <= timezone.now()
