"""How allauth's sign-in and sign-up differ here: who may sign up, who must verify an address, and the lock-out."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.app_settings import EmailVerificationMethod
from allauth.account.stages import EmailVerificationStage
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from microdb.accounts import lockout
from microdb.accounts.models import User


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc] # allauth has no types
    """Used by allauth for each request."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": _("The user name or the password is not right. Check the Caps Lock key."),
        "email_password_mismatch": _("The e-mail address or the password is not right."),
        "too_many_login_attempts": _("Too many wrong attempts. Try again in five minutes."),
        "rate_limited": _("Too many requests in a short time. Try again in a minute."),
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
            raise ValidationError(lockout.sentence(seconds), code="too_many_login_attempts")
        self._attempt = attempt

    def authenticate(self, request: HttpRequest, **credentials: Any) -> AbstractBaseUser | None:
        user: AbstractBaseUser | None = super().authenticate(request, **credentials)
        if user:
            self._attempt.forget()
        return user

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
