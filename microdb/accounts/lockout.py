"""The lock-out after wrong passwords, which locks guessers out and not the people around them.

A browser in which somebody signed in before is known by a signed cookie, and only its own attempts count against it.
Attempts of other browsers count against the name from one address, against the name from anywhere, and against the
address for any name. So nobody can lock a person out of their own browser, or a laboratory behind one address out of
the site.
"""

import hashlib
import math
import secrets
import time
from dataclasses import dataclass
from typing import Any

from allauth.core.internal import ratelimit
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.utils.translation import ngettext

COOKIE = "known_browser"
COOKIE_AGE = 365 * 24 * 3600
APP = "allauth.account"


@dataclass
class Attempt:
    """One attempt to sign in as ``login``, a user name or an e-mail address."""

    request: HttpRequest
    login: str
    begins_lockout: bool = False
    """Whether it was refused, and none before it for as long as it has to wait."""

    def register(self) -> int:
        """Count the attempt, before the password is looked at. The seconds to wait if there were too many, else 0."""
        self._used = []
        for action, key in self._counters():
            usage = ratelimit.consume(self.request, app=APP, action=action, key=key)
            if usage is None:
                self.forget()
                return self._wait(action, key)
            self._used.append(usage)
        return 0

    def forget(self) -> None:
        """The password was right, so the attempt does not count."""
        for usage in self._used:
            usage.rollback()

    def clear(self) -> None:
        """Forget all attempts for this name from this browser and address."""
        for action, key in self._counters():
            ratelimit.clear(self.request, app=APP, action=action, key=key)

    def _counters(self) -> list[tuple[str, str]]:
        name = self.login.lower()
        if browser := _known_browser(self.request, name):
            return [("login_failed", f"{name} {browser}")]
        address = ratelimit.get_ip(self.request)
        return [
            ("login_failed", f"{name} {address}"),
            ("login_failed_anywhere", name),
            ("login_failed_address", address),
        ]

    def _wait(self, action: str, key: str) -> int:
        (rate,) = ratelimit.get_rates(app=APP, action=action)
        counter = ratelimit.get_cache_key(self.request, app=APP, action=action, rate=rate, key=key)
        attempts = cache.get(counter) or [time.time()]
        seconds = int(max(1, math.ceil(attempts[-1] + rate.duration - time.time())))
        self.begins_lockout = cache.add(f"{counter}:locked", 1, timeout=seconds)
        return seconds


def sentence(seconds: int) -> str:
    """What a person reads who has to wait."""
    minutes = math.ceil(seconds / 60)
    return ngettext(
        "Too many wrong attempts to sign in. Try again in %(minutes)d minute, or reset your password.",
        "Too many wrong attempts to sign in. Try again in %(minutes)d minutes, or reset your password.",
        minutes,
    ) % {"minutes": minutes}


def remember_browser(
    sender: object, request: HttpRequest, response: HttpResponse, user: AbstractBaseUser, **_: Any
) -> None:
    """After a sign-in: this browser is known for the names of this person. Receives allauth's ``user_logged_in``."""
    names = [name.lower() for name in (user.get_username(), getattr(user, "email", "")) if name]
    browser = secrets.token_urlsafe(12)
    value = ":".join([browser, *(_digest(name) for name in names)])
    response.set_signed_cookie(
        COOKIE, value, salt=COOKIE, max_age=COOKIE_AGE, httponly=True, samesite="Lax", secure=request.is_secure()
    )


def _known_browser(request: HttpRequest, name: str) -> str:
    """The name of the browser if somebody signed in as ``name`` in it, else nothing."""
    value = request.get_signed_cookie(COOKIE, default="", salt=COOKIE, max_age=COOKIE_AGE) or ""
    browser, *known = value.split(":")
    return browser if _digest(name) in known else ""


def _digest(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:16]
