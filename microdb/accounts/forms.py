"""Forms of the profile page, and allauth's forms in the words of the site."""

from typing import Any

from allauth.account.forms import LoginForm, SignupForm
from django import forms
from django.utils.translation import gettext_lazy as _

from microdb.accounts.models import User


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg] # generic in the stubs alone
    class Meta:
        model = User
        fields = ["first_name", "last_name", "expertise", "years_of_experience", "mails_about_tokens"]


class SignInForm(LoginForm):  # type: ignore[misc] # allauth has no types
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("User name or e-mail address")
        self.fields["login"].widget.attrs["autocomplete"] = "username webauthn"


class SignUpForm(SignupForm):  # type: ignore[misc] # allauth has no types
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = _("User name")
        self.fields["username"].help_text = _("Other members see it. Letters, digits and . + - _ without spaces.")
        self.fields["email"].label = _("E-mail address")
