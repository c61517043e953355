"""How a micrograph was taken, as its microscope recorded it."""

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

    FIELDS = ("kilovolts", "working_distance", "magnification", "detector", "instrument", "date", "operator")

    def __str__(self) -> str:
        return f"{self.micrograph_id}: {self.instrument}"
