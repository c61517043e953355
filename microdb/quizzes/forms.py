"""Forms of the composer, of a reader's first page, and of an answer."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from microdb.accounts.models import Panel
from microdb.jobs import Job
from microdb.micrographs.models import Dataset, Micrograph
from microdb.quizzes.composition import candidate_questions
from microdb.quizzes.rules import NICKNAME_LENGTH, QUESTIONS_AT_MOST, YEARS_AT_MOST
from microdb.training.models import ModelVersion


class QuizForm(forms.Form):
    """What a curator decides about a quiz. The page draws ``micrographs`` itself, with thumbnails."""

    title = forms.CharField(max_length=100)
    instructions = forms.CharField(
        required=False, widget=forms.Textarea(attrs={"rows": 3}), help_text=_("Shown to readers before they begin.")
    )
    competitors = forms.ModelMultipleChoiceField(
        ModelVersion.objects.none(), widget=forms.CheckboxSelectMultiple, label=_("Competing model versions")
    )
    offers_none_of_these = forms.BooleanField(required=False, initial=True, label=_("Offer “None of these”"))
    shuffled = forms.BooleanField(required=False, initial=True, label=_("Give each reader an order of their own"))
    micrographs = forms.ModelMultipleChoiceField(
        Micrograph.objects.none(),
        error_messages={"required": _("Choose at least one micrograph to ask about.")},
    )
    per_class = forms.IntegerField(required=False, min_value=1, max_value=QUESTIONS_AT_MOST)

    def __init__(self, *args: Any, dataset: Dataset, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        versions = dataset.model_versions.filter(state=Job.State.DONE).select_related("dataset")
        self.fields["competitors"].queryset = versions  # type: ignore[attr-defined] # a model choice field
        self.fields["micrographs"].queryset = candidate_questions(dataset)  # type: ignore[attr-defined] # the same
        self.fields["competitors"].initial = versions.filter(is_active=True)


class ReaderForm(forms.Form):
    """Who sits the quiz; no account is needed."""

    nickname = forms.CharField(
        max_length=NICKNAME_LENGTH, help_text=_("Any name you will recognise. Shown to the organisers.")
    )
    panel = forms.ChoiceField(
        choices=[
            (Panel.EXPERT, _("Expert: I look at micrographs in my work")),
            (Panel.NON_EXPERT, _("Non-expert")),
        ],
        widget=forms.RadioSelect,
        label=_("You are"),
    )
    years_of_experience = forms.IntegerField(
        required=False, min_value=0, max_value=YEARS_AT_MOST, label=_("Years with micrographs (if you like)")
    )


class AnswerForm(forms.Form):
    """One answer, as the buttons and the script send it. A clock that jumped must not cost an answer."""

    question = forms.UUIDField()
    choice = forms.CharField(max_length=40)
    active_ms = forms.CharField(required=False, max_length=40)

    def clean_active_ms(self) -> int:
        given = self.cleaned_data["active_ms"]
        return int(given) if given.isascii() and given.isdigit() else 0
