"""Specimens: what is known of the samples that micrographs name."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from microdb.metallurgy import Composition, Step, composition_text, treatment_text
from microdb.micrographs.models.datasets import Dataset


class Specimen(models.Model):
    """The record of one specimen of a dataset.

    Micrographs name their specimen by its key, ``Micrograph.specimen``; the record with that name is made when somebody
    first enters something, so a specimen without one is as good as any.
    """

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="specimens")
    name = models.CharField(max_length=100)
    material = models.CharField(_("material or grade"), max_length=100, blank=True)
    composition: "models.JSONField[Composition, Composition]" = models.JSONField(
        _("composition"), default=dict, blank=True, help_text=_("Mass percent by element.")
    )
    heat_treatment = models.CharField(_("heat treatment"), max_length=1000, blank=True, help_text=_("As written."))
    steps: "models.JSONField[list[dict[str, Any]], list[dict[str, Any]]]" = models.JSONField(
        default=list, editable=False, help_text=_("What was understood of the heat treatment.")
    )
    heat_number = models.CharField(_("heat number"), max_length=100, blank=True)
    other_fields: "models.JSONField[dict[str, str], dict[str, str]]" = models.JSONField(
        _("other fields"), default=dict, blank=True
    )
    notes = models.TextField(_("notes"), blank=True)

    ENTERED: ClassVar = ("material", "composition", "heat_treatment", "heat_number", "other_fields", "notes")
    """What people enter, in the order of pages and tables."""

    class Meta:
        ordering = ["dataset", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["dataset", "name"],
                name="specimen_once",
                violation_error_message=_("The dataset has a record of this specimen; change that one."),
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_blank(self) -> bool:
        """Whether nothing has been entered."""
        return not any(getattr(self, name) for name in self.ENTERED)

    @property
    def treatment(self) -> list[Step]:
        return [Step.from_json(step) for step in self.steps]

    @property
    def composition_text(self) -> str:
        return composition_text(self.composition)

    @property
    def treatment_text(self) -> str:
        """The steps that were understood of the heat treatment."""
        return treatment_text(self.treatment)


class SpecimenChange(models.Model):
    """Who changed what of a specimen's record, and when: the values of the changed fields before and after."""

    specimen = models.ForeignKey(Specimen, on_delete=models.CASCADE, related_name="changes")
    before: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField()
    after: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.specimen_id}: {', '.join(self.after)}"
