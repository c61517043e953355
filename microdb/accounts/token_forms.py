"""Forms of the page of API tokens."""

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from microdb.accounts.models import ApiToken, User
from microdb.accounts.services import USUAL_LIFETIME

EVERY_DATASET, CHOSEN_DATASETS = "all", "chosen"
REACHES = [(EVERY_DATASET, _("all that you see, also later ones")), (CHOSEN_DATASETS, _("only those chosen below"))]
NEVER, ON_A_DAY = "never", "day"
LIFETIMES = [
    *((str(days), ngettext_lazy("%d day", "%d days", days) % days) for days in (7, 30, 90, 365)),
    (ON_A_DAY, _("on the day below")),
    (NEVER, _("never")),
]
GRACES = [("0", _("stops at once")), ("3600", _("works for an hour")), ("86400", _("works for a day")),
          ("604800", _("works for a week"))]  # fmt: skip


class ApiTokenForm(forms.Form):
    """What can be changed later, too: name, scopes and datasets."""

    name = forms.CharField(max_length=100, required=False, help_text=_("What it is for, to recognise it later."))
    scopes = forms.MultipleChoiceField(choices=ApiToken.Scope.choices, widget=forms.CheckboxSelectMultiple)
    reach = forms.ChoiceField(label=_("Datasets"), choices=REACHES, initial=EVERY_DATASET)
    datasets: "forms.ModelMultipleChoiceField[Any]" = forms.ModelMultipleChoiceField(
        label=_("Only these"), queryset=None, required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, data: Any = None, *, user: User, token: ApiToken | None = None) -> None:
        initial: dict[str, Any] = {"scopes": ApiToken.USUAL_SCOPES}
        if token:
            reach = EVERY_DATASET if token.only_datasets is None else CHOSEN_DATASETS
            initial = {"name": token.name, "scopes": token.scopes, "reach": reach, "datasets": token.only_datasets}
        super().__init__(data, initial=initial)
        datasets: Any = self.fields["datasets"]
        datasets.queryset = user.datasets.filter(trashed_at=None)

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if given.get("reach") == CHOSEN_DATASETS and not given.get("datasets") and "datasets" not in self.errors:
            self.add_error("datasets", _("Choose at least one dataset, or let the token reach all of them."))
        return given

    @property
    def rights(self) -> dict[str, Any]:
        """What a service takes."""
        given = self.cleaned_data
        chosen = [dataset.pk for dataset in given["datasets"]] if given["reach"] == CHOSEN_DATASETS else None
        return {"name": given["name"], "scopes": given["scopes"], "only_datasets": chosen}


class NewApiTokenForm(ApiTokenForm):
    expires = forms.ChoiceField(label=_("Expires"), choices=LIFETIMES, initial=str(USUAL_LIFETIME.days))
    expires_on = forms.DateField(
        label=_("Day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("Its last day, UTC."),
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        if given.get("expires") == ON_A_DAY and not given.get("expires_on") and "expires_on" not in self.errors:
            self.add_error("expires_on", _("Choose the day on which it expires."))
        return given

    @property
    def expires_at(self) -> datetime | None:
        chosen = self.cleaned_data["expires"]
        if chosen == ON_A_DAY:
            return timezone.make_aware(datetime.combine(self.cleaned_data["expires_on"], time.max))
        return None if chosen == NEVER else timezone.now() + timedelta(days=int(chosen))


class RotationForm(forms.Form):
    grace = forms.TypedChoiceField(
        label=_("The old secret"), choices=GRACES, coerce=lambda seconds: timedelta(seconds=int(seconds))
    )
