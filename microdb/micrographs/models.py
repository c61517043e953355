"""Datasets, their members and classes; micrographs with label and scale; history; frozen versions."""

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from microdb.accounts.models import User

NONE_OF_THESE = "none-of-these"
"""The reserved label of a micrograph that belongs to no material class of its dataset."""

UNSURE = "unsure"
"""The reserved answer of somebody who looked and can't tell; such a micrograph has no label."""


class Role(models.TextChoices):
    """What a member may do, each including what stands before it."""

    VIEWER = "viewer", _("viewer: look and export")
    LABELLER = "labeller", _("labeller: also label and set scale")
    CURATOR = "curator", _("curator: also upload, curate, train, score and make quizzes")
    OWNER = "owner", _("owner: also change members and trash the dataset")

    @classmethod
    def at_least(cls, role: str) -> list[str]:
        return cls.values[cls.values.index(role) :]


class DatasetQuerySet(models.QuerySet["Dataset"]):
    def visible_to(self, user: object, role: str = Role.VIEWER) -> Self:
        """Datasets outside the trash in which ``user`` has at least ``role``; superusers have every role."""
        kept = self.filter(trashed_at=None)
        if not isinstance(user, User):
            return kept.none()
        if user.is_superuser:
            return kept
        mine = Membership.objects.filter(user=user, role__in=Role.at_least(role))
        return kept.filter(pk__in=mine.values("dataset"))


class Dataset(models.Model):
    """Micrographs of a few material classes, collected to train one model."""

    name = models.CharField(max_length=100)
    slug = models.SlugField(max_length=100, unique=True)
    description = models.TextField(blank=True)
    source = models.TextField(blank=True, help_text=_("Where the micrographs come from."))
    licence = models.CharField(max_length=200, blank=True, help_text=_("For example CC BY 4.0, or: internal use only."))
    citation = models.TextField(blank=True, help_text=_("How to cite the dataset."))
    scale_free = models.BooleanField(
        default=False, help_text=_("Train and score without scale, where no micrograph has a meaningful one.")
    )
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    trashed_at = models.DateTimeField(null=True, editable=False)
    members = models.ManyToManyField(settings.AUTH_USER_MODEL, through="Membership", related_name="datasets")

    objects = DatasetQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A person's role in a dataset."""

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role, default=Role.VIEWER)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["dataset", "user"],
                name="membership_once",
                violation_error_message=_("This person is a member already; change the role instead."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.role}"


class MaterialClass(models.Model):
    """One of the microstructures that a dataset's model tells apart."""

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="material_classes")
    name = models.CharField(max_length=60)
    position = models.PositiveSmallIntegerField(help_text=_("Order, labelling key and colour."))
    description = models.TextField(blank=True)

    class Meta:
        ordering = ["dataset", "position"]
        verbose_name_plural = "material classes"
        constraints = [
            models.UniqueConstraint(
                fields=["dataset", "name"],
                name="material_class_once",
                violation_error_message=_("The dataset has a class of this name; choose another name."),
            ),
            models.UniqueConstraint(
                fields=["dataset", "position"],
                name="material_class_position_once",
                deferrable=models.Deferrable.DEFERRED,
            ),
            models.CheckConstraint(
                condition=~Q(name__iexact=NONE_OF_THESE) & ~Q(name__iexact=UNSURE),
                name="material_class_not_reserved",
                violation_error_message=_("“none-of-these” and “unsure” are reserved; choose another name."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ScaleSource(models.TextChoices):
    METADATA = "metadata", _("the file's metadata")
    MICRON_BAR = "micron_bar", _("its micron bar")
    SIDECAR = "sidecar", _("a manifest or sidecar file")
    BY_HAND = "by_hand", _("typed by hand")


class Flaw(models.TextChoices):
    """What makes a picture useless, as its pixels tell."""

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


class MicrographQuerySet(models.QuerySet["Micrograph"]):
    def visible_to(self, user: object, role: str = Role.VIEWER) -> Self:
        return self.filter(trashed_at=None, dataset__in=Dataset.objects.visible_to(user, role))

    def kept(self) -> Self:
        return self.filter(trashed_at=None)

    def ready(self) -> Self:
        return self.kept().filter(state=Micrograph.State.READY)

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
        max_length=250, blank=True, help_text=_("The source's own words and value, or why its scale was not taken.")
    )
    specimen = models.CharField(max_length=100, blank=True, help_text=_("The sample that was photographed."))
    modality = models.CharField(max_length=30, blank=True, help_text=_("For example SEM or optical."))
    split = models.CharField(max_length=5, choices=Split, default=Split.NEITHER, blank=True)

    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    trashed_at = models.DateTimeField(null=True, editable=False)

    objects = MicrographQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "id"]
        indexes = [
            models.Index(
                fields=["dataset", "created_at", "id"], condition=Q(trashed_at=None), name="micrograph_gallery"
            ),
            models.Index(
                fields=["dataset", "material_class", "created_at"],
                condition=Q(trashed_at=None),
                name="micrograph_by_class",
            ),
            models.Index(
                fields=["dataset", "specimen", "split"], condition=Q(trashed_at=None), name="micrograph_by_specimen"
            ),
            models.Index(
                fields=["dataset"],
                include=[
                    "material_class",
                    "none_of_these",
                    "unsure",
                    "split",
                    "modality",
                    "pixels_per_micrometre",
                    "state",
                    "uploaded_by",
                ],
                condition=Q(trashed_at=None),
                name="micrograph_facets",
            ),
            models.Index(fields=["dataset", "perceptual_hash"], name="micrograph_by_look"),
            models.Index(fields=["dataset", "pixel_sha256"], name="micrograph_by_pixels"),
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
            models.CheckConstraint(
                condition=Q(pixels_per_micrometre=None)
                | Q(pixels_per_micrometre__gt=0, pixels_per_micrometre__lt=float("1e6")),
                name="micrograph_scale_positive",
                violation_error_message=_("pixels_per_micrometre must be above 0 and below 1,000,000."),
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
    def label(self) -> str:
        """The class name, ``none-of-these``, or empty for unlabelled, also where somebody is unsure."""
        if self.none_of_these:
            return NONE_OF_THESE
        return self.material_class.name if self.material_class else ""

    @property
    def answer(self) -> str:
        """The label, or ``unsure``."""
        return UNSURE if self.unsure else self.label

    @property
    def needs_scale(self) -> bool:
        return self.pixels_per_micrometre is None and not self.dataset.scale_free


class Twin(models.Model):
    """Two micrographs of one dataset that show the same, or nearly; kept until somebody says that they differ."""

    class Kind(models.TextChoices):
        PIXELS = "pixels", _("the same pixels in another file")
        NEAR = "near", _("nearly the same picture")

    first = models.ForeignKey(Micrograph, on_delete=models.CASCADE, related_name="twins_after")
    second = models.ForeignKey(Micrograph, on_delete=models.CASCADE, related_name="twins_before")
    kind = models.CharField(max_length=6, choices=Kind)
    differing_bits = models.PositiveSmallIntegerField(help_text=_("Of the 64 of the perceptual hash."))
    dismissed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    dismissed_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["kind", "differing_bits", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="twin_once"),
            models.CheckConstraint(condition=~Q(first=F("second")), name="twin_of_another"),
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
        indexes = [models.Index(fields=["micrograph", "-at"], name="change_of_micrograph")]

    def __str__(self) -> str:
        return f"{self.field}: {self.old or '—'} → {self.new or '—'}"


class DatasetVersion(models.Model):
    """A dataset as it was at one moment: which micrographs with which label and scale, fixed by hash."""

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64, help_text=_("Of the entries, in order."))
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

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "micrograph"], name="version_entry_once")]
        ordering = ["version", "micrograph"]
        verbose_name_plural = "entries of frozen versions"

    def __str__(self) -> str:
        return f"{self.micrograph_id}: {self.label}"
