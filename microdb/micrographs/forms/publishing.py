"""The form that makes a dataset public."""

from django import forms
from django.utils.translation import gettext_lazy as _

from microdb.micrographs.models import Dataset, Licence


class PublishingForm(forms.Form):
    """Under which licence everybody may read a dataset, and how they cite it."""

    licence = forms.ChoiceField(label=_("Licence"), choices=Licence.choices)
    doi = forms.CharField(
        label="DOI", required=False, max_length=200, help_text=_("For example 10.5281/zenodo.1234, or a link to it.")
    )
    citation = forms.CharField(label=_("How to cite it"), required=False, widget=forms.Textarea({"rows": 2}))


def publishing_initial(dataset: Dataset) -> dict[str, str]:
    """Of a stored dataset; “CC BY 4.0” in its description means CC-BY-4.0."""
    licence = dataset.licence.strip().replace(" ", "-")
    return {
        "licence": licence if licence in Licence.values else Licence.CC_BY,
        "doi": dataset.doi,
        "citation": dataset.citation,
    }
