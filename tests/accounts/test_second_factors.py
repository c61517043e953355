"""Authenticator apps and recovery codes; passkeys are in ``tests/flows/test_accounts.py``."""

import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.test import Client

from microdb.accounts.models import User
from microdb.accounts.services import create_api_token
from tests.accounts.conftest import PASSWORD, signed_in_as


def code(secret: str, steps: int = 0) -> str:
    """What an authenticator app shows now, or some half minutes later."""
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps)))


@pytest.fixture
def protected(db) -> User:
    user = User.objects.create_user("ada", "", PASSWORD, is_staff=True)
    TOTP.activate(user, "JBSWY3DPEHPK3PXP")
    RecoveryCodes.activate(user)
    return user


def test_an_app_is_turned_on_with_a_code_from_it(owner: User, sign_in):
    client = sign_in("owner")
    assert client.get("/accounts/2fa/totp/activate/").url.startswith("/accounts/reauthenticate/")
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    page = client.get("/accounts/2fa/totp/activate/")
    client.post("/accounts/2fa/totp/activate/", {"code": code(page.context["form"].secret)})
    kinds = set(Authenticator.objects.filter(user=owner).values_list("type", flat=True))
    assert kinds == {"totp", "recovery_codes"}


def test_the_password_alone_lets_nobody_in(protected: User, sign_in):
    client = sign_in("ada")
    assert client.answer.url == "/accounts/2fa/authenticate/"
    assert signed_in_as(client) == ""
    assert client.get("/admin/").status_code == 302
    client.post("/accounts/2fa/authenticate/", {"code": "000000"})
    assert signed_in_as(client) == ""
    client.post("/accounts/2fa/authenticate/", {"code": code("JBSWY3DPEHPK3PXP")})
    assert signed_in_as(client) == "ada"
    assert client.get("/admin/").status_code == 200


def test_a_code_is_good_for_one_sign_in(protected: User, sign_in):
    used = code("JBSWY3DPEHPK3PXP")
    sign_in("ada").post("/accounts/2fa/authenticate/", {"code": used})
    again = sign_in("ada")
    again.post("/accounts/2fa/authenticate/", {"code": used})
    assert signed_in_as(again) == ""


def test_a_recovery_code_lets_in_once(protected: User, sign_in):
    (one, *_) = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()
    for expected in ("ada", ""):
        client = sign_in("ada")
        client.post("/accounts/2fa/authenticate/", {"code": one})
        assert signed_in_as(client) == expected


def test_codes_are_not_guessed(protected: User, sign_in):
    client = sign_in("ada")
    answers = [client.post("/accounts/2fa/authenticate/", {"code": f"{number:06}"}) for number in range(11)]
    assert "Too many wrong attempts. Try again in five minutes." in answers[-1].text


def test_a_script_with_a_token_needs_no_second_factor(protected: User):
    _token, secret = create_api_token(user=protected, scopes=["read"])
    answer = Client().get("/api/v1/datasets/", headers={"Authorization": f"Token {secret}"})
    assert answer.status_code == 200
