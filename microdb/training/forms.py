"""The form that starts a training."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from microdb.training.services import LARGEST_SEED


class TrainingForm(forms.Form):
    seed = forms.IntegerField(
        min_value=0,
        max_value=LARGEST_SEED,
        initial=0,
        help_text=_(
            "The same micrographs, settings and seed give the same model. Train with another seed to see how much is "
            "chance."
        ),
    )
    false_rejection = forms.FloatField(
        required=False,
        min_value=0.5,
        max_value=30,
        label=_("Known micrographs that may be called none of these, in percent"),
        help_text=_(
            "A higher share finds more unknown materials and rejects more known micrographs. Leave it empty for the "
            "default. The report of a version shows what other shares would do."
        ),
    )
    with_unsplit = forms.BooleanField(
        required=False, initial=True, label=_("Put labelled micrographs without a split into split “train” first")
    )

    def config(self) -> dict[str, Any]:
        """The classifier settings that differ from the defaults."""
        share = self.cleaned_data.get("false_rejection")
        return {} if share is None else {"mixture": {"false_rejection": share / 100}}
