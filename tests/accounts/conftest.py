"""What the tests of accounts share."""

import re
from collections.abc import Callable

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

PASSWORD = "correct horse"


@pytest.fixture(autouse=True)
def nothing_counted_yet() -> None:
    """No test has attempts of another one counted against it."""
    counters = cache._cache.get_client()  # type: ignore[attr-defined] # Django's cache has no deletion by pattern
    for key in counters.keys("*allauth:rl:*"):
        counters.delete(key)


@pytest.fixture
def sends_email(settings) -> None:
    """A site that has a mail server, which is the list ``mail.outbox`` here."""
    settings.SENDS_EMAIL = True


@pytest.fixture
def sign_in() -> Callable[..., Client]:
    """``sign_in(name, password=...)``: a browser in which somebody tried to sign in; ``.answer`` is the response."""

    def browser(name: str, password: str = PASSWORD, *, client: Client | None = None, address: str = "") -> Client:
        client = client or Client()
        given = {"REMOTE_ADDR": address} if address else {}
        client.answer = client.post(reverse("accounts:login"), {"login": name, "password": password}, **given)  # type: ignore[attr-defined]
        return client

    return browser


def signed_in_as(client: Client) -> str:
    """The user name in the profile's page, empty for somebody who is signed out."""
    response = client.get(reverse("accounts:profile"))
    return response.context["user"].username if response.status_code == 200 else ""


def link_in_last_email() -> str:
    """The path of the only link in the newest e-mail."""
    (link,) = re.findall(r"https?://[^/\s]+(/\S+)", mail.outbox[-1].body)
    return link
