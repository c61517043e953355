"""The form of the profile page."""

from django import forms

from microdb.accounts.models import User


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg] # generic in the stubs alone
    class Meta:
        model = User
        fields = ["first_name", "last_name", "expertise", "years_of_experience", "mails_about_tokens"]
