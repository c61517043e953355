"""Forms of a dataset's notifications."""

from django import forms
from django.utils.translation import gettext_lazy as _

from microdb.webhooks.models import EventKind


class KindsForm(forms.Form):
    """Which events."""

    kinds = forms.MultipleChoiceField(
        label=_("When"), choices=EventKind.offered, required=False, widget=forms.CheckboxSelectMultiple
    )


class WebhookForm(forms.Form):
    url = forms.URLField(
        label=_("Address"),
        max_length=500,
        assume_scheme="https",
        help_text=_("Of your program; it gets a POST request with JSON."),
    )
    kinds = forms.MultipleChoiceField(label=_("When"), choices=EventKind.offered, widget=forms.CheckboxSelectMultiple)
    description = forms.CharField(max_length=200, required=False)
