"""How a micrograph was taken, as its microscope recorded it."""

import json
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from microdb.micrographs.models.micrographs import Micrograph


class Acquisition(models.Model):
    """The microscope's record of one micrograph; the fields that vendors share are columns, so that lists filter."""

    micrograph = models.OneToOneField(
        Micrograph, on_delete=models.CASCADE, primary_key=True, related_name="acquisition"
    )
    kilovolts = models.FloatField(_("accelerating voltage"), null=True, help_text=_("kV"))
    working_distance = models.FloatField(_("working distance"), null=True, help_text=_("mm"))
    magnification = models.FloatField(_("magnification"), null=True, help_text=_("As the microscope states it."))
    detector = models.CharField(_("detector"), max_length=100, blank=True)
    instrument = models.CharField(_("instrument"), max_length=100, blank=True)
    date = models.CharField(
        _("date"), max_length=100, blank=True, help_text=_("YYYY-MM-DD, or as written where that is not certain.")
    )
    operator = models.CharField(_("operator"), max_length=100, blank=True)
    record = models.JSONField(default=dict, help_text=_("All that the microscope wrote, by vendor."))

    class Meta:
        indexes = [
            models.Index(fields=["instrument", "micrograph"], name="acquisition_by_instrument"),
            models.Index(fields=["date", "micrograph"], name="acquisition_by_date"),
        ]

    FIELDS: ClassVar = ("kilovolts", "working_distance", "magnification", "detector", "instrument", "date", "operator")

    UNITS: ClassVar = {"kilovolts": "kV", "working_distance": "mm"}

    def __str__(self) -> str:
        return f"{self.micrograph_id}: {self.instrument}"

    @property
    def facts(self) -> list[tuple[str, str, str]]:
        """Name, value and unit of the fields that were recorded."""
        values = [(name, getattr(self, name)) for name in self.FIELDS]
        return [
            (
                str(getattr(self._meta.get_field(name), "verbose_name", name)),
                f"{value:g}" if isinstance(value, float) else value,
                self.UNITS.get(name, ""),
            )
            for name, value in values
            if value not in (None, "")
        ]

    @property
    def record_text(self) -> str:
        return json.dumps(self.record, indent=1, ensure_ascii=False)
