"""Reading a micrograph's master, as a job."""

from typing import Self

from django.db import models, transaction
from django.db.models import Q
from django.db.models.functions import Coalesce, Mod
from django.dispatch import Signal
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from microdb.celery import LANES
from microdb.errors import MicroDBError, PassingError
from microdb.jobs import MAX_DELIVERIES, Job, JobQuerySet, ended_indexes
from microdb.micrographs.models import admin_indexes
from microdb.micrographs.models.micrographs import Micrograph

reading_ended = Signal()
"""Sent by the worker with the ``micrograph_id`` of a reading that has ended, so that rooms above go on with it."""


class ReadingQuerySet(JobQuerySet["Reading"]):
    """Readings; a message names one by its micrograph's key."""

    def in_lane(self, number: int) -> Self:
        """The readings of the people whose messages go through this lane."""
        person = Coalesce("micrograph__uploaded_by_id", 0)
        return self.annotate(lane=Mod(person, LANES)).filter(lane=number)


class Reading(Job):
    """The reading of one micrograph's master: decoding, measuring and rendering it.

    Each micrograph has one row, made with it, so that all attempts are counted together. A reading that ends makes its
    micrograph ready or refused in the same transaction.
    """

    micrograph = models.OneToOneField(Micrograph, on_delete=models.CASCADE, primary_key=True, related_name="reading")
    sidecar_name = models.CharField(max_length=255, blank=True, default="", editable=False)
    sidecar = models.BinaryField(default=b"", editable=False, help_text=_("The microscope's text file beside it."))

    readers = models.PositiveSmallIntegerField(
        default=0, editable=False, help_text=_("The release of the metadata readers that read the file last.")
    )
    measures = models.PositiveSmallIntegerField(
        default=0, editable=False, help_text=_("The release of the measurements that the pixels went through last.")
    )

    objects = ReadingQuerySet.as_manager()

    QUARANTINED = _("Reading this file stopped its worker %d times. Try again, or save it in another way.")
    TOOK_TOO_LONG = _("Reading this file took too long. Try again, or crop or shrink it.")

    class Meta:
        indexes = [
            models.Index(
                fields=["state", "enqueued_at"],
                condition=Q(state__in=[Job.State.QUEUED, Job.State.RUNNING]),
                name="reading_active",
            ),
            models.Index(fields=["enqueued_at"], name="reading_by_message"),
            *ended_indexes("reading"),
            *admin_indexes.READING,
        ]

    def __str__(self) -> str:
        return f"{self.micrograph}: {self.state}"

    def fail(self, error: object, *, error_id: str = "") -> bool:
        """Refuse the micrograph; its row stays and shows why. Its file goes only if the file is at fault."""
        micrograph = self.micrograph
        at_fault = isinstance(error, MicroDBError) and not isinstance(error, PassingError)
        drop = str(micrograph.master.name or "") if at_fault else ""
        changes = {"state": Micrograph.State.REFUSED, "refusal": str(error)} | ({"master": ""} if drop else {})
        with transaction.atomic():
            if not super().fail(error, error_id=error_id):
                return False
            Micrograph.objects.filter(pk=micrograph.pk).update(**changes)
        if drop:
            micrograph.master.storage.delete(drop)
        return True

    def break_off(self, error_id: str) -> bool:
        """Read again later, since an outage of the storage ends; the delivery counts, so the attempts do too."""
        if self.deliveries >= MAX_DELIVERIES:
            return super().break_off(error_id)
        return bool(self._mine().update(state=self.State.QUEUED, error_id=error_id, enqueued_at=timezone.now()))
