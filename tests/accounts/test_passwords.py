"""Changing a password, and getting back in without one."""

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client

from microdb.accounts.models import User
from microdb.accounts.services import create_api_token, find_api_token
from tests.accounts.conftest import PASSWORD, link_in_last_email, signed_in_as

NEW = "another long one 8"


@pytest.fixture
def ada(db, sends_email) -> User:
    user = User.objects.create_user("ada", "ada@example.org", PASSWORD)
    EmailAddress.objects.create(user=user, email=user.email, verified=False, primary=True)
    return user


def reset(link: str) -> None:
    client = Client()
    form = client.get(link)  # the key goes into the session
    client.post(form.url, {"password1": NEW, "password2": NEW})


def test_a_changed_password_ends_all_other_sessions_and_no_token(ada: User, sign_in):
    here, there = sign_in("ada"), sign_in("ada")
    _token, secret = create_api_token(user=ada, scopes=["read"])
    here.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW})
    assert (signed_in_as(here), signed_in_as(there)) == ("ada", "")
    assert signed_in_as(sign_in("ada", NEW)) == "ada"
    assert find_api_token(secret=secret) is not None
    notice = mail.outbox[-1]
    assert "If it was not you" in notice.body


def test_a_forgotten_password_is_replaced_by_a_link_that_works_once(ada: User, sign_in):
    Client().post("/accounts/password/reset/", {"email": "ada@example.org"})
    assert mail.outbox[-1].subject == "[MicroDB] Reset your password"
    assert "ada" in mail.outbox[-1].body
    link = link_in_last_email()
    reset(link)
    assert signed_in_as(sign_in("ada", NEW)) == "ada"
    assert signed_in_as(sign_in("ada")) == ""
    assert "This link is not valid any more" in Client().get(link).text


def test_whether_an_address_is_known_shows_in_an_e_mail_alone(ada: User):
    pages = [
        Client().post("/accounts/password/reset/", {"email": email}, follow=True)
        for email in ("ada@example.org", "nobody@example.org")
    ]
    assert [page.redirect_chain for page in pages] == [[("/accounts/password/reset/done/", 302)]] * 2
    assert [message.to for message in mail.outbox] == [["ada@example.org"], ["nobody@example.org"]]
    assert "There is no account with this address" in mail.outbox[1].body


def test_a_reset_ends_the_lock_out(ada: User, sign_in):
    for _ in range(11):
        sign_in("ada@example.org", "wrong", address="10.6.6.6")
    Client().post("/accounts/password/reset/", {"email": "ada@example.org"})
    client = Client(REMOTE_ADDR="10.6.6.6")
    form = client.get(link_in_last_email())
    client.post(form.url, {"password1": NEW, "password2": NEW})
    assert signed_in_as(sign_in("ada@example.org", NEW, address="10.6.6.6")) == "ada"


def test_a_site_without_e_mail_says_so(db, settings):
    settings.SENDS_EMAIL = False
    assert "This site sends no e-mail" in Client().get("/accounts/password/reset/").text
