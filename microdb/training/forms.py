"""The forms that start a training and choose two versions to compare."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from microdb.jobs import Job
from microdb.micrographs.models import Dataset
from microdb.training.models import ModelVersion
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
        label=_("Known micrographs that may be called None of these, in percent"),
        help_text=_(
            "A higher share finds more unknown materials and rejects more known micrographs. Leave it empty for the "
            "default. The report of a version shows what other shares would do."
        ),
    )
    other_seed = forms.IntegerField(required=False, min_value=0, max_value=LARGEST_SEED, widget=forms.HiddenInput)
    hold_out = forms.BooleanField(
        required=False, label=_("If nothing is split yet, set a quarter of each class aside for the quiz first")
    )
    with_unsplit = forms.BooleanField(
        required=False, initial=True, label=_("Put labelled micrographs without a split into split “train” first")
    )

    def clean(self) -> dict[str, Any]:
        """The button that trains anyway brings its own seed."""
        if (other := self.cleaned_data.get("other_seed")) is not None:
            self.cleaned_data["seed"] = other
        return self.cleaned_data

    def config(self) -> dict[str, Any]:
        """The classifier settings that differ from the defaults."""
        share = self.cleaned_data.get("false_rejection")
        return {} if share is None else {"mixture": {"false_rejection": share / 100}}


class VersionField(forms.ModelChoiceField):  # type: ignore[type-arg] # generic for mypy only
    """One of a dataset's versions, by its number."""

    def label_from_instance(self, obj: ModelVersion) -> str:
        return _("Version %d") % obj.number


class ComparisonForm(forms.Form):
    """Two trained versions of one dataset."""

    before = VersionField(ModelVersion.objects.none(), to_field_name="number", label=_("Compare"), empty_label=None)
    after = VersionField(ModelVersion.objects.none(), to_field_name="number", label=_("with"), empty_label=None)

    def __init__(self, *args: Any, dataset: Dataset, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        trained = dataset.model_versions.filter(state=Job.State.DONE).defer("descriptor_map").order_by("-number")
        for name in ("before", "after"):
            self.fields[name].queryset = trained  # type: ignore[attr-defined] # model choice fields
        latest = list(trained.values_list("number", flat=True)[:2])
        if len(latest) == 2:
            self.initial = {"after": latest[0], "before": latest[1]}

    @property
    def is_useful(self) -> bool:
        """Whether there are two versions."""
        return bool(self.initial)
