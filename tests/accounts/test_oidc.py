"""Signing in through an identity provider that really answers, on a port of its own."""

from collections.abc import Iterator

import httpx
import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.test import Client

from microdb.accounts.models import User
from tests.accounts.conftest import PASSWORD, signed_in_as
from tests.accounts.identity_provider import CLIENT_ID, CLIENT_SECRET, IdentityProvider

LOGIN = "/accounts/oidc/organisation/login/"


@pytest.fixture
def provider(settings, db) -> Iterator[IdentityProvider]:
    provider = IdentityProvider()
    app = {
        "provider_id": "organisation",
        "name": "Steel Research",
        "client_id": CLIENT_ID,
        "secret": CLIENT_SECRET,
        "settings": {"server_url": provider.url, "oauth_pkce_enabled": True},
    }
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [app]}}
    yield provider
    provider.close()


def come_through(client: Client, process: str = "login"):
    """The button on the sign-in page, the provider's redirect, and the answer to what it sends back."""
    away = client.post(f"{LOGIN}?process={process}")
    back = httpx.get(away.url).headers["Location"]
    return client.get(back.removeprefix("http://testserver"))


def test_the_sign_in_page_offers_it_as_a_form_since_a_get_signs_nobody_in(provider):
    page = Client().get("/accounts/login/")
    assert "Continue with Steel Research" in page.text
    assert Client().get(LOGIN).status_code == 200


def test_somebody_unknown_does_not_get_an_account_by_default(provider):
    assert "Accounts are made by invitation" in come_through(Client()).text
    assert not User.objects.exists()


def test_with_sign_up_by_the_provider_an_account_is_made_once(provider, settings):
    settings.OIDC_SIGN_UP = True
    for _ in range(2):
        client = Client()
        come_through(client)
        assert signed_in_as(client) == "eva"
    user = User.objects.get()
    assert not user.has_usable_password()
    assert not user.must_verify_email
    assert EmailAddress.objects.get().verified


def test_an_account_with_the_same_verified_address_is_recognised(provider):
    user = User.objects.create_user("eva-of-old", "eva@example.org", PASSWORD)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    client = Client()
    come_through(client)
    assert signed_in_as(client) == "eva-of-old"
    assert SocialAccount.objects.get().user == user


@pytest.mark.parametrize("verified_here", [True, False])
def test_an_address_that_one_side_has_not_verified_opens_no_account(provider, verified_here: bool):
    provider.person["email_verified"] = not verified_here
    user = User.objects.create_user("eva-of-old", "eva@example.org", PASSWORD)
    EmailAddress.objects.create(user=user, email=user.email, verified=verified_here, primary=True)
    client = Client()
    come_through(client)
    assert signed_in_as(client) == ""
    assert user.check_password(PASSWORD)
    assert not SocialAccount.objects.exists()


def test_somebody_signed_in_connects_the_account_and_uses_it_next_time(provider, owner: User, sign_in):
    client = sign_in("owner")
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    come_through(client, process="connect")
    other = Client()
    come_through(other)
    assert signed_in_as(other) == "owner"


def test_the_second_factor_of_the_site_holds_for_them_too(provider, owner: User, sign_in):
    from allauth.mfa.totp.internal.auth import TOTP

    SocialAccount.objects.create(user=owner, provider="organisation", uid="1")
    TOTP.activate(owner, "JBSWY3DPEHPK3PXP")
    client = Client()
    assert come_through(client).url == "/accounts/2fa/authenticate/"
    assert signed_in_as(client) == ""


@pytest.mark.parametrize("claim", ["aud", "iss"])
def test_a_token_that_was_made_for_another_site_is_refused(provider, settings, claim: str):
    settings.OIDC_SIGN_UP = True
    provider.person[claim] = "another"
    client = Client()
    assert "failed" in come_through(client).text.lower()
    assert signed_in_as(client) == ""
    assert not User.objects.exists()


def test_an_answer_that_this_browser_did_not_ask_for_is_refused(provider, settings):
    settings.OIDC_SIGN_UP = True
    away = Client().post(LOGIN)
    back = httpx.get(away.url).headers["Location"].removeprefix("http://testserver")
    victim = Client()
    victim.get(back)
    assert signed_in_as(victim) == ""


def test_a_provider_that_is_away_is_answered_in_words(provider, settings):
    provider.close()
    answer = Client().post(LOGIN)
    assert answer.status_code == 503
    assert "Steel Research does not answer. Try again in a minute, or sign in with a password." in answer.text
