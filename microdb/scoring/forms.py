"""Forms of the scores page."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from microdb.jobs import Job
from microdb.micrographs.models import NONE_OF_THESE, Dataset, ScaleSource
from microdb.scoring.models import ScoreQuerySet


class ScaleForm(forms.Form):
    """The scale of a file to score; without one, the file's own metadata give it."""

    pixels_per_micrometre = forms.FloatField(
        required=False,
        label=_("Pixels per micrometre"),
        widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"}),
    )


class ScoreUploadForm(ScaleForm):
    """Files to score; ``path`` is a single file's name with its folders, ``scale_source`` where its scale is from."""

    path = forms.CharField(required=False)
    scale_source = forms.ChoiceField(choices=[("", ""), *ScaleSource.choices], required=False)
    add_to_dataset = forms.BooleanField(required=False, label=_("Also add the files to the dataset"))


class ScoreFilterForm(forms.Form):
    """Declared filters of the list of scores, kept in the address."""

    predicted = forms.ChoiceField(required=False, label=_("Predicted"))
    state = forms.ChoiceField(required=False, label=_("State"))
    version = forms.ChoiceField(required=False, label=_("Model version"))
    micrograph = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, dataset: Dataset, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = [*dataset.material_classes.values_list("name", flat=True), NONE_OF_THESE]
        done = dataset.model_versions.filter(state=Job.State.DONE).order_by("-number")
        self.versions = {str(number): pk for number, pk in done.values_list("number", "pk")}
        self._choose("predicted", [(name, name) for name in names])
        self._choose("state", Job.State.choices)
        self._choose("version", [(number, number) for number in self.versions])

    def _choose(self, name: str, choices: list[tuple[Any, Any]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("any")), *choices]

    def apply(self, scores: ScoreQuerySet) -> ScoreQuerySet:
        """The scores that match; invalid values are ignored."""
        self.is_valid()
        columns = {"predicted": "predicted", "state": "state", "micrograph": "micrograph"}
        chosen = {column: self.cleaned_data.get(name) for name, column in columns.items()}
        if number := self.cleaned_data.get("version"):
            chosen["model_version"] = self.versions[number]
        return scores.filter(**{column: value for column, value in chosen.items() if value})
