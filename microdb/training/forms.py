"""The form that starts a training."""

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
    with_unsplit = forms.BooleanField(
        required=False, initial=True, label=_("Put labelled micrographs without a split into split “train” first")
    )
