"""The history of micrographs: changes, near-duplicates, and frozen versions of their dataset."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from microdb.micrographs.models import admin_indexes
from microdb.micrographs.models.datasets import Dataset
from microdb.micrographs.models.micrographs import Micrograph, ScaleSource, Split


class NearDuplicate(models.Model):
    """Two micrographs of one dataset with the same pixels or nearly the same picture, unless dismissed."""

    class Kind(models.TextChoices):
        PIXELS = "pixels", _("the same pixels in another file")
        NEAR = "near", _("nearly the same picture")

    first = models.ForeignKey(Micrograph, on_delete=models.CASCADE, related_name="near_duplicates_after")
    second = models.ForeignKey(Micrograph, on_delete=models.CASCADE, related_name="near_duplicates_before")
    kind = models.CharField(max_length=6, choices=Kind)
    differing_bits = models.PositiveSmallIntegerField(help_text=_("Of the 64 of the perceptual hash."))
    dismissed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    dismissed_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["kind", "differing_bits", "pk"]
        indexes = list(admin_indexes.NEAR_DUPLICATE)
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="near_duplicate_once"),
            models.CheckConstraint(condition=~Q(first=F("second")), name="near_duplicate_of_another"),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} = {self.second_id}"


class Change(models.Model):
    """Who changed what of a micrograph, and when; the history of its label, scale and curation."""

    class Field(models.TextChoices):
        LABEL = "label", _("label")
        SCALE = "pixels_per_micrometre", _("pixels per micrometre")
        SPECIMEN = "specimen", _("specimen")
        MODALITY = "modality", _("modality")
        SPLIT = "split", _("split")
        DATA_BAR = "data_bar_top", _("data bar")
        MASKED = "masked", _("masked rectangles")
        TRASH = "trashed", _("trashed")

    micrograph = models.ForeignKey(Micrograph, on_delete=models.CASCADE, related_name="changes")
    field = models.CharField(max_length=25, choices=Field)
    old = models.CharField(max_length=255, blank=True)
    new = models.CharField(max_length=255, blank=True)
    scale_source = models.CharField(max_length=10, choices=ScaleSource, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["micrograph", "-at"], name="change_of_micrograph"), *admin_indexes.CHANGE]

    def __str__(self) -> str:
        return f"{self.field}: {self.old or '—'} → {self.new or '—'}"


class DatasetVersion(models.Model):
    """A dataset as it was at one moment: which micrographs with which label and scale, fixed by hash."""

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64, help_text=_("Of the entries, in order."))
    size = models.PositiveIntegerField(default=0, editable=False, help_text=_("Micrographs in it."))
    note = models.CharField(max_length=200, blank=True, help_text=_("What it is for."))
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["dataset", "-number"]
        constraints = [models.UniqueConstraint(fields=["dataset", "number"], name="dataset_version_once")]

    def __str__(self) -> str:
        return f"{self.dataset} v{self.number}"


class DatasetVersionEntry(models.Model):
    """One micrograph as a dataset version saw it; the label is text, so that it outlives its class."""

    version = models.ForeignKey(DatasetVersion, on_delete=models.CASCADE, related_name="entries")
    micrograph = models.ForeignKey(Micrograph, on_delete=models.PROTECT, related_name="version_entries")
    label = models.CharField(max_length=60, blank=True)
    pixels_per_micrometre = models.FloatField(null=True)
    specimen = models.CharField(max_length=100, blank=True)
    split = models.CharField(max_length=5, choices=Split, blank=True)
    data_bar_top = models.PositiveIntegerField(null=True)
    masked = models.JSONField(default=list, help_text=_("Masked rectangles, without their sources."))

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "micrograph"], name="version_entry_once")]
        indexes = [models.Index(fields=["version", "specimen", "split", "label"], name="version_entry_of_specimen")]
        ordering = ["version", "micrograph"]
        verbose_name_plural = "entries of frozen versions"

    def __str__(self) -> str:
        return f"{self.micrograph_id}: {self.label}"
