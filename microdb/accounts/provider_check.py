"""Confirming that it is you by signing in at the identity provider once more, for people who have no password here."""

import time
from typing import Any

from allauth.account import app_settings
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialAccount, SocialLogin
from allauth.socialaccount.providers.base import AuthProcess
from django.contrib import messages
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

PROCESS = AuthProcess.REDIRECT
"""The process of allauth that only asks the provider who somebody is, and signs nobody in."""
ASK_AGAIN = {"prompt": "login", "max_age": "0"}
"""OpenID Connect Core, 3.1.2.1: the provider asks for the password, although its own session goes on."""
_SESSION_KEY = "confirmed_by_provider"


def provider_of(user: AbstractBaseUser) -> Any:
    """The provider at which ``user`` can confirm who they are; None without one."""
    apps = get_adapter().list_apps(None)
    connected = SocialAccount.objects.filter(user_id=user.pk, provider__in=[app.provider_id for app in apps]).first()
    return connected and connected.get_provider()


def ask_provider(request: HttpRequest, provider: Any, come_back: str) -> HttpResponse:
    """Send the browser to the provider, and from there to ``come_back``, a path of this site."""
    asked: HttpResponse = provider.redirect(
        request, process=PROCESS, next_url=come_back, auth_params={**provider.get_auth_params(), **ASK_AGAIN}
    )
    return asked


def note_answer(request: HttpRequest, login: SocialLogin) -> None:
    """The provider has answered: remember it in the session, if it has just asked the person who is signed in here.

    ``auth_time`` is when it did. A provider that does not send it decides alone whether to ask.
    """
    name = login.provider.name
    asked_at = (login.account.extra_data.get("id_token") or {}).get("auth_time")
    if not login.is_existing or login.user != request.user:
        wrong = _("At %(name)s you are somebody else. Sign in there with the account that is connected with this one.")
    elif asked_at is not None and not _is_recent(float(asked_at)):
        wrong = _("%(name)s did not ask you to sign in again. Sign out there, then try again here.")
    else:
        request.session[_SESSION_KEY] = {"user": login.user.pk, "at": time.time()}
        return
    messages.error(request, wrong % {"name": name})


def has_confirmed(request: HttpRequest) -> bool:
    """Whether the provider confirmed a short time ago who this is."""
    noted = request.session.get(_SESSION_KEY) or {"user": None, "at": 0.0}
    return noted["user"] == request.user.pk and _is_recent(noted["at"])


def _is_recent(moment: float) -> bool:
    return time.time() - moment < float(app_settings.REAUTHENTICATION_TIMEOUT)
