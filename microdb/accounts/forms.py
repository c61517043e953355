"""Forms of the profile page."""

from django import forms
from django.utils.translation import gettext_lazy as _

from microdb.accounts.models import ApiToken, User


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg] # generic in the stubs alone
    class Meta:
        model = User
        fields = ["first_name", "last_name", "expertise", "years_of_experience"]


class ApiTokenForm(forms.Form):
    name = forms.CharField(max_length=100, required=False, help_text=_("What it is for, to recognise it later."))
    scopes = forms.MultipleChoiceField(choices=ApiToken.Scope.choices, widget=forms.CheckboxSelectMultiple)
