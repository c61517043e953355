"""Datasets, their members and their material classes."""

from functools import cached_property
from typing import TYPE_CHECKING, Self
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from microdb.accounts.models import User
from microdb.labels import NONE_OF_THESE, UNSURE
from microdb.micrographs.models.licences import Licence

if TYPE_CHECKING:
    from microdb.micrographs.models.micrographs import MicrographQuerySet


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
        """Datasets outside the trash in which ``user`` has at least ``role``; superusers have every role.

        A token that is restricted to datasets reaches no others.
        """
        kept = self.filter(trashed_at=None)
        if not isinstance(user, User):
            return kept.none()
        if user.only_datasets is not None:
            kept = kept.filter(pk__in=user.only_datasets)
        if user.is_superuser:
            return kept
        mine = Membership.objects.filter(user=user, role__in=Role.at_least(role))
        return kept.filter(pk__in=mine.values("dataset"))

    def public(self) -> Self:
        """Datasets outside the trash that everybody may read, without an account, too."""
        return self.filter(trashed_at=None, public=True)

    def readable_by(self, user: object) -> Self:
        """Those that ``user`` sees as a member, and the public ones: for the few pages that visitors may read."""
        return self.visible_to(user) | self.public()


class Dataset(models.Model):
    """Micrographs of a few material classes, collected to train one model."""

    name = models.CharField(max_length=100)
    slug = models.SlugField(max_length=100, unique=True)
    description = models.TextField(blank=True)
    source = models.TextField(blank=True, help_text=_("Where the micrographs come from."))
    licence = models.CharField(max_length=200, blank=True, help_text=_("For example CC BY 4.0, or: internal use only."))
    citation = models.TextField(blank=True, help_text=_("How to cite the dataset."))
    doi = models.CharField(
        "DOI", max_length=200, blank=True, help_text=_("Of the dataset or its paper, for example 10.5281/zenodo.1234.")
    )
    public = models.BooleanField(default=False, help_text=_("Everybody may read it, without an account, too."))
    scale_free = models.BooleanField(
        default=False, help_text=_("Train and score without scale, where no micrograph has a meaningful one.")
    )
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    trashed_at = models.DateTimeField(null=True, editable=False)
    members = models.ManyToManyField(settings.AUTH_USER_MODEL, through="Membership", related_name="datasets")

    objects = DatasetQuerySet.as_manager()

    viewer: object = None
    """For whom it was looked up (``access.dataset_or_404``); None where the site itself reads it."""

    visited: bool = False
    """Whether it is read by somebody who is no member, because it is public: then it names nobody."""

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(public=False) | Q(licence__in=Licence.values),
                name="dataset_public_under_a_licence",
                violation_error_message=_("A public dataset needs one of the listed licences, such as CC-BY-4.0."),
            )
        ]

    def __str__(self) -> str:
        return self.name

    @cached_property
    def withheld(self) -> frozenset[UUID]:
        """The keys of its micrographs that are withheld from its viewer; there are few, if any."""
        return frozenset(self.micrographs.withheld_from(self.viewer).order_by().values_list("pk", flat=True))

    def shown(self) -> "MicrographQuerySet":
        """Its micrographs, without those that are withheld from its viewer."""
        return self.micrographs.exclude(pk__in=self.withheld) if self.withheld else self.micrographs.all()


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
    """One of the microstructures that a dataset's model distinguishes."""

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
