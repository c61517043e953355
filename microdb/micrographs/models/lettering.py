"""The length that is written at a micron bar, and the job that reads it."""

from django.db import models
from django.db.models import Q
from django.dispatch import Signal
from django.utils.translation import gettext_lazy as _

from microdb.jobs import Job, JobQuerySet, ended_indexes
from microdb.micrographs.models.micrographs import Micrograph

lettering_found = Signal()
"""Sent with the ``micrograph_id`` of a micrograph whose lettering is to be read."""


class LetteringQuerySet(JobQuerySet["Lettering"]):
    """Letterings; a message names one by its micrograph's key."""


class Lettering(Job):
    """What is written at the micron bar of one micrograph, and the reading of it.

    ``pictures`` are small PNG images in base64, made when the micrograph was read; they go once they are read. Where no
    length was read with certainty, ``text`` is empty. A length that was read is a proposal: it never sets the scale.
    """

    micrograph = models.OneToOneField(Micrograph, on_delete=models.CASCADE, primary_key=True, related_name="lettering")
    pictures = models.JSONField(default=list, editable=False)
    text = models.CharField(max_length=50, blank=True, editable=False, help_text=_("As it was read."))
    amount = models.FloatField(null=True, editable=False)
    unit = models.CharField(max_length=2, blank=True, editable=False)
    confidence = models.FloatField(null=True, editable=False, help_text=_("Of the least certain character, 0 to 1."))
    pixels_per_micrometre = models.FloatField(null=True, editable=False, help_text=_("Of the bar and its length."))

    objects = LetteringQuerySet.as_manager()

    QUARANTINED = _("Reading the length at the micron bar stopped its worker %d times.")
    TOOK_TOO_LONG = _("Reading the length at the micron bar took too long.")

    class Meta:
        indexes = [
            models.Index(
                fields=["state", "enqueued_at"],
                condition=Q(state__in=[Job.State.QUEUED, Job.State.RUNNING]),
                name="lettering_active",
            ),
            models.Index(fields=["enqueued_at"], name="lettering_by_message"),
            *ended_indexes("lettering"),
        ]

    def __str__(self) -> str:
        return f"{self.micrograph}: {self.text or self.state}"
