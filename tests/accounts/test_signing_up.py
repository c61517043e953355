"""Creating an account: closed by default, with a verified address, and without telling who has one."""

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client

from microdb.accounts.models import User
from tests.accounts.conftest import PASSWORD, link_in_last_email, signed_in_as

FORM = {"username": "eva", "email": "eva@example.org", "password1": "a long one 7", "password2": "a long one 7"}


@pytest.fixture
def open_to_all(settings, sends_email) -> None:
    settings.SIGN_UP = True


def test_nobody_signs_up_by_default(db):
    for answer in (Client().get("/accounts/signup/"), Client().post("/accounts/signup/", FORM)):
        assert "Accounts are made by invitation" in answer.text
    assert "Accounts are made by invitation" in Client().get("/accounts/login/").text
    assert not User.objects.exists()


def test_whoever_signs_up_comes_in_once_the_address_is_verified(db, open_to_all, sign_in):
    client = Client()
    assert client.post("/accounts/signup/", FORM).url == "/accounts/confirm-email/"
    assert signed_in_as(client) == ""
    assert sign_in("eva", FORM["password1"]).answer.url == "/accounts/confirm-email/"
    (message,) = mail.outbox
    assert (message.subject, message.to) == ("[MicroDB] Verify your e-mail address", ["eva@example.org"])
    link = link_in_last_email()
    assert "Is eva@example.org the address of eva?" in Client().get(link).text
    Client().post(link)
    assert signed_in_as(sign_in("eva@example.org", FORM["password1"])) == "eva"


def test_looking_at_the_link_verifies_nothing_since_mail_scanners_do(db, open_to_all):
    Client().post("/accounts/signup/", FORM)
    Client().get(link_in_last_email())
    assert not EmailAddress.objects.get().verified


def test_an_address_that_is_taken_is_told_by_e_mail_alone(db, open_to_all):
    User.objects.create_user("first", "eva@example.org", PASSWORD)
    EmailAddress.objects.create(user=User.objects.get(), email="eva@example.org", verified=True, primary=True)
    taken, free = Client(), Client()
    answers = [taken.post("/accounts/signup/", FORM), free.post("/accounts/signup/", {**FORM, "email": "x@y.org"})]
    assert [answer.url for answer in answers] == ["/accounts/confirm-email/"] * 2
    pages = [client.get("/accounts/confirm-email/") for client in (taken, free)]
    assert [page.status_code for page in pages] == [200, 200]
    told, verify = mail.outbox
    assert told.subject == "[MicroDB] You have an account already"
    assert verify.subject == "[MicroDB] Verify your e-mail address"
    assert set(User.objects.values_list("username", flat=True)) == {"first", "eva"}


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("username", "boss@example.org", "A user name has no @"),
        ("username", "Owner", "already exists"),
        ("password2", "another one 7", "same password each time"),
        ("email", "nowhere", "valid email address"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_made(db, owner, open_to_all, field: str, value: str, sentence: str):
    answer = Client().post("/accounts/signup/", {**FORM, field: value})
    assert sentence in answer.text
    assert User.objects.count() == 1


def test_a_common_password_is_refused(db, open_to_all):
    answer = Client().post("/accounts/signup/", {**FORM, "password1": "password", "password2": "password"})
    assert "too common" in answer.text


def test_an_address_changes_only_once_the_new_one_is_verified(owner: User, sends_email, sign_in):
    EmailAddress.objects.create(user=owner, email="old@example.org", verified=True, primary=True)
    client = sign_in("owner")
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    client.post("/accounts/email/", {"email": "new@example.org", "action_add": ""})
    owner.refresh_from_db()
    assert owner.email == ""
    assert "old@example.org" in client.get("/accounts/email/").text
    client.post(link_in_last_email_to("new@example.org"))
    owner.refresh_from_db()
    assert owner.email == "new@example.org"
    assert list(EmailAddress.objects.values_list("email", "verified")) == [("new@example.org", True)]


def link_in_last_email_to(address: str) -> str:
    mail.outbox[:] = [message for message in mail.outbox if message.to == [address]]
    return link_in_last_email()
