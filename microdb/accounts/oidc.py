"""Signing in through the identity provider of an organisation (OpenID Connect)."""

import logging
from collections.abc import Callable
from functools import partial
from typing import Any

from allauth.account.models import EmailAddress
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from microdb.accounts import provider_check
from microdb.errors import MicroDBError

logger = logging.getLogger(__name__)


class OidcAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc] # allauth has no types
    """Used by allauth for each request."""

    error_messages = {
        **DefaultSocialAccountAdapter.error_messages,
        "email_taken": gettext_lazy(
            "An account here has this e-mail address. Sign in to it, then connect it with %s under Connected accounts."
        ),
        "no_password": gettext_lazy("Set a password first: without one, you could no longer sign in."),
        "no_verified_email": gettext_lazy("Verify an e-mail address first, by which you can reset your password."),
        "connected_other": gettext_lazy("This account is connected with somebody else’s account here."),
    }

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return bool(settings.OIDC_SIGN_UP) or bool(super().is_open_for_signup(request, sociallogin))

    def list_apps(self, request: HttpRequest, provider: str | None = None, client_id: str | None = None) -> list[Any]:
        """None without a lookup where the settings name no provider."""
        if not settings.SOCIALACCOUNT_PROVIDERS:
            return []
        return list(super().list_apps(request, provider=provider, client_id=client_id))

    def can_authenticate_by_email(self, login: Any, email: str) -> bool:
        """Only to an account that has verified the address: anybody could have typed another one."""
        verified = EmailAddress.objects.filter(email=email.lower(), verified=True).exists()
        return verified and bool(super().can_authenticate_by_email(login, email))

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """The provider has said who it is, and nothing has been done about it yet."""
        if sociallogin.state.get("process") == provider_check.PROCESS:
            provider_check.note_answer(request, sociallogin)

    def get_requests_session(self) -> Any:
        """The session for requests to the provider, which may not answer."""
        session = super().get_requests_session()
        session.request = partial(_ask, session.request)
        return session


def _ask(request: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    try:
        return request(*args, **kwargs)
    except OSError as error:  # no connection, no answer in time
        logger.error("The identity provider does not answer: %s", error)
        raise MicroDBError(
            _("%s does not answer. Try again in a minute, or sign in with a password.") % _name(),
            code="provider_away",
        ) from error


def _name() -> str:
    (app,) = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"]
    return str(app["name"])
