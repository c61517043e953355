"""Micrographs: the stored file, what was measured of its pixels, and what people entered."""

import uuid
from typing import Any, Self

from django.conf import settings
from django.core.files import File
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from microdb.labels import NONE_OF_THESE, UNSURE
from microdb.micrographs.models.admin_indexes import MICROGRAPH as ADMIN_INDEXES
from microdb.micrographs.models.datasets import Dataset, MaterialClass, Role
from microdb.micrographs.models.masked import CONSTRAINTS as MASKED_CONSTRAINTS
from microdb.micrographs.models.withheld import withheld_from
from microdb.scale_bounds import HIGHEST_SCALE, LOWEST_SCALE
from microdb.stored_files import open_verified

NO_SCALE = -1.0
"""Stands for a missing scale where scales are ordered: they come first."""


class ScaleSource(models.TextChoices):
    METADATA = "metadata", _("the file's metadata")
    MICRON_BAR = "micron_bar", _("its micron bar")
    SIDECAR = "sidecar", _("a manifest or sidecar file")
    BY_HAND = "by_hand", _("typed by hand")


class Flaw(models.TextChoices):
    """What makes a picture useless, by its pixels."""

    NONE = "", _("none")
    BLANK = "blank", _("blank: hardly any contrast")
    SATURATED = "saturated", _("saturated: a quarter is pure black or white")


class Split(models.TextChoices):
    NEITHER = "", _("neither")
    TRAIN = "train", _("train")
    QUIZ = "quiz", _("quiz")


def master_path(micrograph: "Micrograph", filename: str) -> str:
    return f"masters/{micrograph.pk}"


def display_path(micrograph: "Micrograph", filename: str) -> str:
    return f"displays/{micrograph.pk}.png"


def thumbnail_path(micrograph: "Micrograph", filename: str) -> str:
    return f"thumbnails/{micrograph.pk}.webp"


KEPT = Q(trashed_at=None, scored_only=False)
"""Micrographs that belong to the dataset."""
FILTERED = (
    *("material_class", "none_of_these", "unsure", "split", "modality", "state", "pixels_per_micrometre"),
    *("scale_source", "specimen", "uploaded_by"),
)
"""Columns that the index of the gallery's order carries, so that it alone finds a late page under filters."""


class MicrographQuerySet(models.QuerySet["Micrograph"]):
    def visible_to(self, user: object, role: str = Role.VIEWER) -> Self:
        return self.shown_to(user).filter(trashed_at=None, dataset__in=Dataset.objects.visible_to(user, role))

    def shown_to(self, user: object) -> Self:
        """Without those that are withheld from ``user``; all for None, which stands for the site itself."""
        return self.filter(~withheld_from(user))

    def withheld_from(self, user: object) -> Self:
        return self.filter(withheld_from(user))

    def stored(self) -> Self:
        """Those not in the trash, also files that were sent only to be scored."""
        return self.filter(trashed_at=None)

    def kept(self) -> Self:
        """Those that belong to the dataset."""
        return self.stored().filter(scored_only=False)

    def ready(self) -> Self:
        return self.kept().filter(state=Micrograph.State.READY)

    def readable_again(self) -> Self:
        """Those whose reading failed through no fault of their file."""
        return self.stored().filter(state=Micrograph.State.REFUSED).exclude(master="")

    def labelled(self) -> Self:
        return self.filter(Q(material_class__isnull=False) | Q(none_of_these=True))

    def unlabelled(self) -> Self:
        return self.filter(material_class=None, none_of_these=False)

    def with_scale(self) -> Self:
        """Those whose scale is settled: known, or declared meaningless for the whole dataset."""
        return self.filter(Q(pixels_per_micrometre__isnull=False) | Q(dataset__scale_free=True))


class Micrograph(models.Model):
    """A stored image of a microstructure. Its master file is kept untouched; what is shown is re-encoded."""

    class State(models.TextChoices):
        READING = "reading", _("reading")
        READY = "ready", _("ready")
        REFUSED = "refused", _("refused")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="micrographs")
    filename = models.CharField(max_length=255, help_text=_("As given by whoever sent it."))
    master = models.FileField(upload_to=master_path, editable=False)
    display = models.FileField(upload_to=display_path, editable=False, blank=True)
    thumbnail = models.FileField(upload_to=thumbnail_path, editable=False, blank=True)
    sha256 = models.CharField(max_length=64, editable=False)
    file_format = models.CharField(max_length=10, editable=False)
    width = models.PositiveIntegerField(editable=False, help_text=_("pixels"))
    height = models.PositiveIntegerField(editable=False, help_text=_("pixels"))
    bit_depth = models.PositiveSmallIntegerField(editable=False)
    state = models.CharField(max_length=10, choices=State, default=State.READING, editable=False)
    refusal = models.TextField(blank=True, editable=False, help_text=_("Why the file could not be read."))
    pixel_sha256 = models.CharField(max_length=64, blank=True, editable=False, help_text=_("Of the decoded pixels."))
    perceptual_hash = models.BigIntegerField(null=True, editable=False, help_text=_("64 bits; near ones look alike."))
    flaw = models.CharField(max_length=10, choices=Flaw, default=Flaw.NONE, blank=True, editable=False)
    data_bar_top = models.PositiveIntegerField(
        null=True, blank=True, help_text=_("First row of the burnt-in data bar; from there on nothing is looked at.")
    )
    masked = models.JSONField(
        default=list, blank=True, help_text=_("Rectangles that show no material, such as annotation boxes.")
    )
    bar_pixels = models.FloatField(
        null=True, editable=False, help_text=_("Length of the micron bar found in the data bar, in pixels.")
    )

    material_class = models.ForeignKey(
        MaterialClass, null=True, blank=True, on_delete=models.PROTECT, related_name="micrographs"
    )
    none_of_these = models.BooleanField(default=False)
    unsure = models.BooleanField(default=False, help_text=_("Somebody looked and can't tell; not a label."))
    pixels_per_micrometre = models.FloatField(null=True, blank=True)
    scale_source = models.CharField(max_length=10, choices=ScaleSource, blank=True)
    scale_note = models.CharField(
        max_length=500, blank=True, help_text=_("The source's own words and value, or why its scale was not taken.")
    )
    specimen = models.CharField(max_length=100, blank=True, help_text=_("The sample that was photographed."))
    modality = models.CharField(max_length=30, blank=True, help_text=_("For example SEM or optical."))
    split = models.CharField(max_length=5, choices=Split, default=Split.NEITHER, blank=True)

    scored_only = models.BooleanField(
        default=False, editable=False, help_text=_("Sent to be scored; it does not belong to the dataset.")
    )
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    trashed_at = models.DateTimeField(null=True, editable=False)

    objects = MicrographQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "id"]
        indexes = [
            models.Index(
                fields=["dataset", "created_at", "id"], include=FILTERED, condition=KEPT, name="micrograph_kept"
            ),
            models.Index(
                fields=["dataset", "material_class", "created_at", "id"], condition=KEPT, name="micrograph_of_class"
            ),
            models.Index(fields=["dataset", "filename", "id"], condition=KEPT, name="micrograph_in_name_order"),
            models.Index(
                fields=["dataset", "specimen", "filename", "id"],
                include=["split"],
                condition=KEPT,
                name="micrograph_of_specimen",
            ),
            # The scale stands at the end, so that the index alone serves the order.
            models.Index(
                F("dataset"),
                Coalesce("pixels_per_micrometre", NO_SCALE),
                F("created_at"),
                F("id"),
                F("pixels_per_micrometre"),
                condition=KEPT,
                name="micrograph_in_order_of_scale",
            ),
            models.Index(
                fields=["dataset", "pixels_per_micrometre"],
                condition=KEPT & Q(pixels_per_micrometre__isnull=False),
                name="micrograph_of_scale",
            ),
            models.Index(fields=["dataset", "perceptual_hash"], name="micrograph_by_perceptual_hash"),
            # In all datasets: an open quiz withholds copies of its questions.
            models.Index(fields=["pixel_sha256", "dataset"], name="micrograph_same_pixels"),
            models.Index(
                fields=["dataset", "split", "material_class", "none_of_these", "id"],
                condition=Q(trashed_at=None, scored_only=False, state="ready"),
                name="micrograph_by_label",
            ),
            *ADMIN_INDEXES,
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["dataset", "sha256"],
                condition=Q(trashed_at=None),
                name="micrograph_bytes_once",
                violation_error_message=_("The dataset has a micrograph with exactly these bytes."),
            ),
            models.CheckConstraint(
                condition=Q(material_class=None) | Q(none_of_these=False),
                name="micrograph_one_label",
                violation_error_message=_("A micrograph has a material class or is none of these, not both."),
            ),
            models.CheckConstraint(
                condition=Q(unsure=False) | Q(material_class=None, none_of_these=False),
                name="micrograph_unsure_has_no_label",
                violation_error_message=_("A micrograph that somebody is unsure of has no label."),
            ),
            models.CheckConstraint(
                condition=Q(data_bar_top=None) | Q(data_bar_top__gte=1, data_bar_top__lt=F("height")),
                name="micrograph_data_bar_inside",
                violation_error_message=_("The data bar begins below the first row and above the last."),
            ),
            *MASKED_CONSTRAINTS,
            models.CheckConstraint(
                condition=Q(pixels_per_micrometre=None)
                | Q(pixels_per_micrometre__gte=LOWEST_SCALE, pixels_per_micrometre__lte=HIGHEST_SCALE),
                name="micrograph_scale_possible",
                violation_error_message=_("pixels_per_micrometre must be from 0.000001 to 1,000,000."),
            ),
            models.CheckConstraint(
                condition=Q(pixels_per_micrometre=None, scale_source="")
                | (Q(pixels_per_micrometre__isnull=False) & ~Q(scale_source="")),
                name="micrograph_scale_has_source",
                violation_error_message=_("A scale needs its source, and no scale has none."),
            ),
        ]

    def __str__(self) -> str:
        return self.filename

    @property
    def can_be_read_again(self) -> bool:
        """Whether its reading failed and its file is not at fault, since then it was kept."""
        return self.state == self.State.REFUSED and bool(self.master)

    @property
    def label(self) -> str:
        """The class name, ``none-of-these``, or empty for unlabelled, also where somebody is unsure."""
        if self.none_of_these:
            return NONE_OF_THESE
        return self.material_class.name if self.material_class else ""

    @property
    def answer(self) -> str:
        """The label, or ``unsure``."""
        return UNSURE if self.unsure else self.label

    def open_master(self) -> "File[Any]":
        """The master, compared with its SHA-256. Raises MicroDBError where it is missing or was altered."""
        return open_verified(self.master, self.sha256, name=self.filename)

    @property
    def needs_scale(self) -> bool:
        return self.pixels_per_micrometre is None and not self.dataset.scale_free
