"""The form that starts a training."""

from django import forms
from django.utils.translation import gettext_lazy as _

from microdb.training.services import LARGEST_SEED


class TrainingForm(forms.Form):
    seed = forms.IntegerField(
        min_value=0,
        max_value=LARGEST_SEED,
        initial=0,
        help_text=_("Same micrographs, settings and seed: same model. Another seed shows how much is luck."),
    )
    with_unsplit = forms.BooleanField(
        required=False, initial=True, label=_("Put labelled micrographs without a split into split “train” first")
    )
