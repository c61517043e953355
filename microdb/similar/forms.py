"""What a search is limited to, and a file to search by."""

from django import forms
from django.utils.translation import gettext_lazy as _

from microdb.scoring.forms import ScaleForm
from microdb.similar.search import Options

SHOWN = 24
"""Similar micrographs on a page."""


class OptionsForm(forms.Form):
    """Kept in the address; without a value the narrower choice holds."""

    specimens = forms.ChoiceField(
        required=False,
        label=_("Specimens"),
        choices=[("other", _("other specimens only")), ("any", _("also its own"))],
    )
    scale = forms.ChoiceField(
        required=False,
        label=_("Scale"),
        choices=[("near", _("up to a factor of 2")), ("any", _("any"))],
    )

    def options(self) -> Options:
        """Invalid values are ignored."""
        self.is_valid()
        return Options(
            other_specimens=self.cleaned_data.get("specimens") != "any",
            near_scale=self.cleaned_data.get("scale") != "any",
            most=SHOWN,
        )


class SearchForm(ScaleForm):
    """A file; the micrographs that look like it are searched for."""

    file = forms.FileField(label=_("Micrograph"))
    field_order = ["file", "pixels_per_micrometre"]
