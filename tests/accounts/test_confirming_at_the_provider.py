"""People without a password confirm that it is them by signing in at the identity provider once more."""

import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.test import Client

from microdb.accounts.models import User
from tests.accounts.conftest import PASSWORD
from tests.accounts.identity_provider import IdentityProvider
from tests.accounts.test_oidc import come_through, provider
from tests.accounts.test_second_factors import code

__all__ = ["provider"]  # a fixture
TURN_ON = "/accounts/2fa/totp/activate/"
CONFIRM = "/accounts/reauthenticate/provider/"


@pytest.fixture
def eva(provider: IdentityProvider, settings) -> Client:
    """Signed in by the provider, where the account was made."""
    settings.OIDC_SIGN_UP = True
    client = Client()
    come_through(client)
    return client


def come_back(client: Client, path: str = TURN_ON) -> Any:
    """What the browser shows that was sent to the provider and back."""
    away = client.post(CONFIRM, {"next": path})
    back = httpx.get(away.url).headers["Location"]
    return client.get(back.removeprefix("http://testserver"), follow=True)


def confirm(client: Client, path: str = TURN_ON) -> str:
    return str(come_back(client, path).request["PATH_INFO"])


def test_the_provider_is_asked_to_ask_again_and_the_page_that_was_wanted_follows(eva: Client):
    answer = eva.get(TURN_ON)
    assert answer.url == f"{CONFIRM}?next={TURN_ON.replace('/', '%2F')}"
    page = eva.get(answer.url)
    assert "You sign in by Steel Research." in page.text
    asked = parse_qs(urlsplit(eva.post(CONFIRM, {"next": TURN_ON}).url).query)
    assert (asked["prompt"], asked["max_age"]) == (["login"], ["0"])
    assert confirm(eva) == TURN_ON
    secret = eva.get(TURN_ON).context["form"].secret
    eva.post(TURN_ON, {"code": code(secret)})
    assert Authenticator.objects.filter(user__username="eva", type="totp").exists()


def test_a_form_that_was_sent_before_is_carried_out_afterwards(eva: Client):
    given = {"password1": "a long one 7", "password2": "a long one 7"}
    answer = eva.post("/accounts/password/set/", given)
    assert answer.url.startswith(CONFIRM)
    confirm(eva, "/accounts/password/set/")
    assert User.objects.get(username="eva").check_password("a long one 7")


def test_it_counts_for_five_minutes_and_for_this_person_alone(eva: Client, monkeypatch: pytest.MonkeyPatch):
    confirm(eva)
    assert eva.get(TURN_ON).status_code == 200
    now = time.time
    monkeypatch.setattr("microdb.accounts.provider_check.time.time", lambda: now() + 301)
    assert eva.get(TURN_ON).status_code == 302
    monkeypatch.undo()
    session = eva.session
    session["confirmed_by_provider"]["user"] += 1
    session.save()
    assert eva.get(TURN_ON).status_code == 302


@pytest.mark.parametrize(("seconds_ago", "counts"), [(5, True), (3600, False)])
def test_an_old_sign_in_at_the_provider_does_not_count(eva: Client, provider, seconds_ago: int, counts: bool):
    provider.person["auth_time"] = int(time.time()) - seconds_ago
    page = come_back(eva)
    assert (page.request["PATH_INFO"] == TURN_ON) is counts
    assert ("Steel Research did not ask you to sign in again." in page.text) is not counts
    assert (eva.get(TURN_ON).status_code == 200) is counts


def test_somebody_else_at_the_provider_confirms_nothing(eva: Client, provider):
    provider.person = {"sub": "9", "email": "otto@example.org", "email_verified": True}
    assert "At Steel Research you are somebody else." in come_back(eva).text
    assert eva.get(TURN_ON).status_code == 302
    assert not User.objects.filter(username="otto").exists()


def test_the_way_back_leads_to_no_other_site(eva: Client):
    assert confirm(eva, "https://evil.example.org/") == "/accounts/2fa/"


def test_who_has_a_password_is_asked_for_it_and_may_use_the_provider(provider, owner: User, sign_in):
    SocialAccount.objects.create(user=owner, provider="organisation", uid="1")
    client = sign_in("owner")
    assert client.get(TURN_ON).url.startswith("/accounts/reauthenticate/?next=")
    assert "Use Steel Research" in client.get("/accounts/reauthenticate/").text
    assert confirm(client) == TURN_ON
    assert owner.check_password(PASSWORD)


def test_a_site_without_email_offers_no_code_by_email(provider, owner: User, sign_in, settings):
    EmailAddress.objects.create(user=owner, email="owner@example.org", verified=True, primary=True)
    client = sign_in("owner")
    for sends_email in (True, False):
        settings.SENDS_EMAIL = sends_email
        assert ("Send me a code" in client.get("/accounts/reauthenticate/").text) is sends_email
