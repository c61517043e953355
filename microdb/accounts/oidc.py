"""Signing in through the identity provider of an organisation (OpenID Connect)."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.http import HttpRequest


class OidcAdapter(DefaultSocialAccountAdapter):
    """Used by allauth for each request."""

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
