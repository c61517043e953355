"""allauth's forms in the words of the site; ``microdb.accounts.settings`` names them."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from allauth.account import forms as account
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from allauth.socialaccount.forms import SignupForm as SocialSignupForm
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class InOurWords:
    """Before one of allauth's forms in the order of the bases: gives its fields other labels and help."""

    labels: ClassVar[Mapping[str, "StrOrPromise"]] = {}
    help_texts: ClassVar[Mapping[str, "StrOrPromise"]] = {}
    fields: dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label in self.labels.items():
            self.fields[name].label = label
        for name, text in self.help_texts.items():
            self.fields[name].help_text = text


PASSWORD_TWICE = {"password1": _("New password"), "password2": _("New password, again")}


class SignInForm(InOurWords, account.LoginForm):  # type: ignore[misc] # allauth has no types
    labels = {"login": _("User name or e-mail address")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].widget.attrs["autocomplete"] = "username webauthn"


class SignUpForm(InOurWords, account.SignupForm):  # type: ignore[misc] # allauth has no types
    labels = {
        "username": _("User name"),
        "email": _("E-mail address"),
        "password1": _("Password"),
        "password2": _("Password, again"),
    }
    help_texts = {"username": _("Other members see it. Letters, digits and . + - _ without spaces.")}


class SignUpByProviderForm(InOurWords, SocialSignupForm):  # type: ignore[misc] # allauth has no types
    labels = {"username": _("User name"), "email": _("E-mail address")}
    help_texts = SignUpForm.help_texts


class EmailAddressForm(InOurWords, account.AddEmailForm):  # type: ignore[misc] # allauth has no types
    labels = {"email": _("New e-mail address")}


class ForgottenPasswordForm(InOurWords, account.ResetPasswordForm):  # type: ignore[misc] # allauth has no types
    labels = {"email": _("E-mail address")}


class ResetPasswordForm(InOurWords, account.ResetPasswordKeyForm):  # type: ignore[misc] # allauth has no types
    labels = PASSWORD_TWICE


class ChangePasswordForm(InOurWords, account.ChangePasswordForm):  # type: ignore[misc] # allauth has no types
    labels = {"oldpassword": _("Present password"), **PASSWORD_TWICE}


class SetPasswordForm(InOurWords, account.SetPasswordForm):  # type: ignore[misc] # allauth has no types
    labels = PASSWORD_TWICE


class TurnOnAppForm(InOurWords, ActivateTOTPForm):  # type: ignore[misc] # allauth has no types
    labels = {"code": _("Code from the app")}


class AddKeyForm(InOurWords, AddWebAuthnForm):  # type: ignore[misc] # allauth has no types
    labels = {"name": _("Name"), "passwordless": _("Use it as a passkey, without a password")}
    help_texts = {
        "name": _("To tell your keys apart."),
        "passwordless": _("The key then asks for your fingerprint, face or PIN whenever you sign in."),
    }
