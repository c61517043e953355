"""How allauth's sign-in and sign-up differ here.

Who may sign up, who must verify an address, the lock-out, and how people confirm who they are.
"""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.app_settings import EmailVerificationMethod
from allauth.account.stages import EmailVerificationStage
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from microdb.accounts import lockout, provider_check
from microdb.accounts.models import User
from microdb.audit_log.sign_ins import record_attempt
from microdb.audit_log.verbs import Verb

OTHER_WAYS = {
    "reauthenticate_by_code": _("Send me a code by e-mail"),
    "mfa_reauthenticate": _("Use the authenticator app or a recovery code"),
    "mfa_reauthenticate:webauthn": _("Use a passkey or security key"),
}
"""What people read on the buttons for other ways to confirm who they are."""


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc] # allauth has no types
    """Used by allauth for each request."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": _("The user name or the password is not right. Check the Caps Lock key."),
        "email_password_mismatch": _("The e-mail address or the password is not right."),
        "too_many_login_attempts": _("Too many wrong attempts. Try again in five minutes."),
        "rate_limited": _("Too many requests in a short time. Try again in a minute."),
        "enter_current_password": _("This is not your present password."),
        "incorrect_password": _("The password is not right. Check the Caps Lock key."),
        "incorrect_code": _("The code is not right. Type the latest that we sent."),
        "email_taken": _("Another account has this e-mail address."),
        "duplicate_email": _("This is the e-mail address of your account already."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return bool(settings.SIGN_UP)

    def clean_username(self, username: str, shallow: bool = False) -> str:
        """Refuse names that could be taken for an e-mail address: members are added by either."""
        if "@" in username:
            raise ValidationError(_("A user name has no @. You can sign in with your e-mail address as well."))
        return str(super().clean_username(username, shallow=shallow))

    def get_login_stages(self) -> list[str]:
        """The usual ones, but with the verification below."""
        usual = f"{EmailVerificationStage.__module__}.{EmailVerificationStage.__name__}"
        own = f"{VerifyWhoSignedUp.__module__}.{VerifyWhoSignedUp.__name__}"
        return [own if stage == usual else stage for stage in super().get_login_stages()]

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Refuse to look at a password where too many wrong ones came before."""
        attempt = lockout.Attempt(request, _login(credentials))
        if seconds := attempt.register():
            if attempt.begins_lockout:
                record_attempt(Verb.SIGN_IN_LOCKED, _login(credentials))
            raise ValidationError(lockout.sentence(seconds), code="too_many_login_attempts")
        self._attempt = attempt

    def authenticate(self, request: HttpRequest, **credentials: Any) -> AbstractBaseUser | None:
        user: AbstractBaseUser | None = super().authenticate(request, **credentials)
        if user:
            self._attempt.forget()
        return user

    def get_reauthentication_methods(self, user: AbstractBaseUser) -> list[dict[str, Any]]:
        """allauth's, without codes by e-mail on a site that sends none; and the identity provider, which comes first
        for people without a password. Who has no method at all gets the same page, which then says what to do.
        """
        methods = super().get_reauthentication_methods(user)
        if not settings.SENDS_EMAIL:
            methods = [method for method in methods if method["id"] != "reauthenticate_by_code"]
        provider = provider_check.provider_of(user) if user.is_authenticated else None
        if provider or not methods:
            description = _("Use %(name)s") % {"name": provider.name} if provider else ""
            own = {"id": "provider", "description": description, "url": reverse("accounts:confirm_at_provider")}
            methods.insert(len(methods) if user.has_usable_password() else 0, own)
        return [method | {"description": OTHER_WAYS.get(method["id"], method["description"])} for method in methods]

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        required = super().is_reauthentication_required(app=app, **kwargs)
        return bool(required) and not provider_check.has_confirmed(self.request)

    def _delete_login_attempts_cached_email(self, request: HttpRequest, **credentials: Any) -> None:
        """Called by allauth after a password reset."""
        lockout.Attempt(request, _login(credentials)).clear()


class VerifyWhoSignedUp(EmailVerificationStage):  # type: ignore[misc] # allauth has no types
    """The step of a sign-in that sends people to verify their address: those who signed up without an invitation by
    e-mail. The accounts that administrators make need no address.
    """

    def handle(self) -> Any:
        user = self.login.user
        if isinstance(user, User) and not user.must_verify_email:
            self.login.email_verification = EmailVerificationMethod.NONE
        return super().handle()


def _login(credentials: dict[str, Any]) -> str:
    return str(credentials.get("username") or credentials.get("email") or "")
