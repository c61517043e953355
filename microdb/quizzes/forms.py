"""Forms of the composer, of invitations, of a reader's first page, of an answer, and of the choice of readers."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from microdb.accounts.models import Panel, User
from microdb.jobs import Job
from microdb.micrographs.models import Dataset, Micrograph
from microdb.quizzes.composition.candidates import candidate_questions, train_micrographs
from microdb.quizzes.composition.planning import EXPECTED_READERS
from microdb.quizzes.composition.rules import QUESTIONS_AT_MOST, TIME_LIMIT_AT_MOST
from microdb.quizzes.models import Invitation, Quiz, TruthsShown
from microdb.quizzes.services.declaring import MARGIN_AT_MOST
from microdb.quizzes.services.inviting import INVITATIONS_AT_ONCE
from microdb.quizzes.sitting.rules import NICKNAME_LENGTH, YEARS_AT_MOST
from microdb.training.models import ModelVersion

BOTH_PANELS = [("", _("experts and non-experts"))]


class Moment(forms.DateTimeInput):
    """The browser's own field for a day and a time, in the site's time zone (UTC)."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M")


class QuizForm(forms.Form):
    """What a curator decides about a quiz. The page draws ``micrographs`` and ``exemplars`` itself, with thumbnails."""

    title = forms.CharField(max_length=100)
    instructions = forms.CharField(
        required=False, widget=forms.Textarea(attrs={"rows": 3}), help_text=_("Shown to readers before they begin.")
    )
    competitors = forms.ModelMultipleChoiceField(
        ModelVersion.objects.none(), widget=forms.CheckboxSelectMultiple, label=_("Competing model versions")
    )
    offers_none_of_these = forms.BooleanField(required=False, initial=True, label=_("Offer “None of these”"))
    shuffled = forms.BooleanField(required=False, initial=True, label=_("Shuffle the questions for each reader"))
    asks_confidence = forms.BooleanField(required=False, label=_("Ask readers how sure they are (optional for them)"))
    teaching = forms.BooleanField(
        required=False,
        label=_("Teaching: show truth and machine after each answer"),
        help_text=_("Readers can't change an answer then. They learn as they go, so the quiz is not a measurement."),
    )
    by_invitation = forms.BooleanField(required=False, label=_("Let in only readers with an invitation link"))
    needs_sign_off = forms.BooleanField(required=False, label=_("Open only after two curators have signed the truth"))
    time_limit_minutes = forms.IntegerField(
        required=False, min_value=1, max_value=TIME_LIMIT_AT_MOST, label=_("Time limit in minutes (empty: none)")
    )
    opens_at = forms.DateTimeField(required=False, widget=Moment(), label=_("Takes answers from (UTC; empty: at once)"))
    closes_at = forms.DateTimeField(required=False, widget=Moment(), label=_("until (UTC; empty: until you close it)"))
    truths_shown = forms.ChoiceField(
        required=False,
        choices=TruthsShown,
        initial=TruthsShown.AFTER_SITTING,
        label=_("Readers see truth and machine"),
        help_text=_("Only of the questions that they answered."),
    )
    completeness_percent = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=100,
        initial=100,
        label=_("A sitting counts from this percentage of answered questions"),
        help_text=_("Other sittings are reported beside the results and never mixed in."),
    )
    analysis_plan = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        label=_("Analysis plan"),
        help_text=_("What you will compare, written before any answer. The record of the opening contains it."),
    )
    consent_text = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        label=_("Consent text"),
        help_text=_("What readers agree to before they begin. Empty: MicroDB's own text."),
    )
    micrographs = forms.ModelMultipleChoiceField(
        Micrograph.objects.none(),
        error_messages={"required": _("Choose at least one micrograph to ask about.")},
    )
    exemplars = forms.ModelMultipleChoiceField(Micrograph.objects.none(), required=False)
    per_class = forms.IntegerField(required=False, min_value=1, max_value=QUESTIONS_AT_MOST)
    readers = forms.IntegerField(required=False, min_value=1, max_value=10_000, initial=EXPECTED_READERS)

    def __init__(self, *args: Any, dataset: Dataset, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        versions = dataset.model_versions.filter(state=Job.State.DONE).select_related("dataset")
        querysets = {
            "competitors": versions,
            "micrographs": candidate_questions(dataset),
            "exemplars": train_micrographs(dataset),
        }
        for name, queryset in querysets.items():
            self.fields[name].queryset = queryset  # type: ignore[attr-defined] # model choice fields
        self.fields["competitors"].initial = versions.filter(is_active=True)

    def clean_truths_shown(self) -> str:
        return self.cleaned_data["truths_shown"] or TruthsShown.AFTER_SITTING.value

    def clean_completeness_percent(self) -> int:
        return self.cleaned_data["completeness_percent"] or 100

    def as_typed(self) -> dict[str, Any]:
        """The values of the fields, to show them again after a draw."""
        return {
            name: field.widget.value_from_datadict(self.data, self.files, name) for name, field in self.fields.items()
        }


def draft_values(quiz: Quiz) -> dict[str, Any]:
    """The fields of a draft, to edit them."""
    values = {name: getattr(quiz, name) for name in QuizForm.base_fields if hasattr(Quiz, name)}
    return values | {
        "competitors": list(quiz.competitors.values_list("pk", flat=True)),
        "exemplars": list(quiz.exemplars.values_list("micrograph", flat=True)),
    }


class EndpointForm(forms.Form):
    """The comparison that the quiz is for. Without a version, nothing is declared."""

    model_version = forms.ModelChoiceField(
        ModelVersion.objects.none(), required=False, empty_label=_("none declared"), label=_("Model version")
    )
    panel = forms.ChoiceField(choices=Panel, initial=Panel.EXPERT, label=_("against"))
    margin_points = forms.FloatField(
        required=False,
        min_value=0,
        max_value=MARGIN_AT_MOST,
        label=_("Margin of non-inferiority in points (empty: none)"),
        widget=forms.NumberInput(attrs={"step": "any"}),
    )

    def __init__(self, *args: Any, quiz: Quiz, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        competitors = ModelVersion.objects.filter(quizzes=quiz).select_related("dataset")
        self.fields["model_version"].queryset = competitors  # type: ignore[attr-defined] # a model choice field


class InvitationForm(forms.Form):
    """New links to a quiz."""

    count = forms.IntegerField(min_value=1, max_value=INVITATIONS_AT_ONCE, initial=1, label=_("How many links"))
    panel = forms.ChoiceField(required=False, choices=[*BOTH_PANELS, *Panel.choices], label=_("For"))
    note = forms.CharField(
        required=False, max_length=Invitation._meta.get_field("note").max_length, label=_("Note to yourself")
    )
    single_use = forms.BooleanField(required=False, initial=True, label=_("Each link lets in one reader only"))


class ReaderForm(forms.Form):
    """The reader of a quiz, without an account. An invitation can fix the panel."""

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
        required=False, min_value=0, max_value=YEARS_AT_MOST, label=_("Years with micrographs (optional)")
    )
    consents = forms.BooleanField(
        label=_("I agree"), error_messages={"required": _("You must agree to this to take part.")}
    )

    def __init__(self, *args: Any, fixed_panel: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if fixed_panel:
            del self.fields["panel"]


def known_reader(user: User | None) -> dict[str, Any]:
    """What an account tells of a reader, for their ``ReaderForm``."""
    if user is None:
        return {"panel": Panel.NON_EXPERT}
    years = user.years_of_experience
    return {"nickname": user.get_short_name() or user.username, "panel": user.expertise, "years_of_experience": years}


class AnswerForm(forms.Form):
    """One answer, as the buttons and the script send it. A clock that jumped must not cost an answer."""

    question = forms.UUIDField()
    choice = forms.CharField(max_length=40)
    confidence = forms.IntegerField(required=False)
    active_ms = forms.CharField(required=False, max_length=40)
    stamp = forms.CharField(required=False, strip=False)
    over = forms.CharField(required=False, strip=False)

    def clean_active_ms(self) -> int:
        given = self.cleaned_data["active_ms"]
        return int(given) if given.isascii() and given.isdigit() else 0


class ReadersForm(forms.Form):
    """Which readers the results count."""

    panel = forms.ChoiceField(required=False, choices=[*BOTH_PANELS, *Panel.choices], label=_("Panel"))
    least_years = forms.IntegerField(
        required=False, min_value=0, max_value=YEARS_AT_MOST, label=_("Years of experience, at least")
    )
    complete = forms.BooleanField(required=False, label=_("Answered every question"))
    simulated = forms.ChoiceField(
        required=False,
        choices=[("", _("if there are no people")), ("1", _("yes")), ("0", _("no"))],
        label=_("Simulated readers"),
    )
