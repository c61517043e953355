"""Ending sessions, one or all others, and what the audit log has of them and of attempts to sign in."""

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.test import Client

from microdb.accounts.models import User
from microdb.audit_log.models import Entry
from microdb.audit_log.sentences import sentence
from microdb.audit_log.verbs import Verb
from tests.accounts.conftest import PASSWORD, link_in_last_email, signed_in_as
from tests.accounts.test_oidc import come_through, provider
from tests.accounts.test_second_factors import code, protected

__all__ = ["protected", "provider"]  # fixtures


def told(verb: Verb) -> list[str]:
    return [sentence(entry) for entry in Entry.objects.filter(verb=verb).order_by("pk")]


def test_one_other_session_ends(owner: User, sign_in):
    here, there, third = (sign_in("owner") for _ in range(3))
    rows = {row.session_key: row.pk for row in UserSession.objects.filter(user=owner)}
    page = here.get("/accounts/sessions/").text
    assert page.count("/end/") == 2
    assert f"/accounts/sessions/{rows[here.session.session_key]}/end/" not in page
    here.post(f"/accounts/sessions/{rows[there.session.session_key]}/end/")
    assert [signed_in_as(client) for client in (here, there, third)] == ["owner", "", "owner"]
    assert told(Verb.SESSIONS_ENDED) == ["owner ended other sessions of “owner”: 1"]


@pytest.mark.parametrize("whose", ["this one", "somebody else's"])
def test_neither_this_session_nor_one_of_somebody_else_ends_by_its_number(owner, stranger, sign_in, whose: str):
    here, foreign = sign_in("owner"), sign_in("stranger")
    key = (here if whose == "this one" else foreign).session.session_key
    answer = here.post(f"/accounts/sessions/{UserSession.objects.get(session_key=key).pk}/end/")
    assert answer.status_code == 404
    assert (signed_in_as(here), signed_in_as(foreign)) == ("owner", "stranger")


def test_ending_all_others_is_one_entry_and_none_where_there_are_none(owner: User, sign_in):
    here = sign_in("owner")
    here.post("/accounts/sessions/")
    assert told(Verb.SESSIONS_ENDED) == []
    others = [sign_in("owner") for _ in range(3)]
    here.post("/accounts/sessions/")
    assert told(Verb.SESSIONS_ENDED) == ["owner ended other sessions of “owner”: 3"]
    assert [signed_in_as(client) for client in others] == [""] * 3


def test_a_lockout_is_recorded_once_and_never_a_name_that_nobody_has(owner: User, sign_in):
    for _ in range(15):
        sign_in("owner", "wrong")
        sign_in("hunter2", "wrong")
    assert told(Verb.SIGN_IN_LOCKED) == [
        "A sign-in as owner was refused after too many wrong attempts",
        "A sign-in as somebody was refused after too many wrong attempts",
    ]
    assert Entry.objects.filter(verb=Verb.SIGN_IN_FAILED).count() == 20
    assert "hunter2" not in str(list(Entry.objects.values()))


def test_wrong_codes_of_a_second_factor_are_recorded_without_them(protected: User, sign_in):
    client = sign_in("ada")
    client.post("/accounts/2fa/authenticate/", {"code": "000000"})
    client.post("/accounts/2fa/authenticate/", {"code": code("JBSWY3DPEHPK3PXP")})
    client.post("/accounts/2fa/reauthenticate/", {"code": "999999"})
    assert told(Verb.FACTOR_REFUSED) == ["A sign-in as ada failed at the second factor"] * 2
    assert told(Verb.SIGNED_IN) == ["ada signed in"]
    assert not [one for one in ("000000", "999999") if one in str(list(Entry.objects.values()))]


def test_second_factors_are_recorded_by_their_kind(owner: User, sign_in):
    client = sign_in("owner")
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    secret = client.get("/accounts/2fa/totp/activate/").context["form"].secret
    client.post("/accounts/2fa/totp/activate/", {"code": code(secret)})
    client.post("/accounts/2fa/totp/deactivate/")
    assert told(Verb.FACTOR_ADDED) == [
        "owner added a second factor to “owner”: totp",
        "owner added a second factor to “owner”: recovery_codes",
    ]
    assert "owner removed a second factor of “owner”: totp" in told(Verb.FACTOR_DELETED)
    assert secret not in str(list(Entry.objects.values()))


def test_passwords_that_are_changed_or_reset_are_recorded(owner: User, sign_in, sends_email: None):
    client = sign_in("owner")
    new = {"password1": "a long one 7", "password2": "a long one 7"}
    client.post("/accounts/password/change/", {"oldpassword": PASSWORD, **new})
    EmailAddress.objects.create(user=owner, email="owner@example.org", verified=True, primary=True)
    User.objects.filter(pk=owner.pk).update(email="owner@example.org")
    visitor = Client()
    visitor.post("/accounts/password/reset/", {"email": "owner@example.org"})
    form = visitor.get(link_in_last_email()).url
    visitor.post(form, {"password1": "another one 8", "password2": "another one 8"})
    assert told(Verb.USER_CHANGED) == [
        "owner changed the account “owner”: password",
        "Somebody who was not signed in changed the account “owner”: password",
    ]
    assert not [one for one in ("a long one 7", "another one 8") if one in str(list(Entry.objects.values()))]


def test_connected_and_disconnected_accounts_are_recorded(provider, owner: User, sign_in):
    client = sign_in("owner")
    EmailAddress.objects.create(user=owner, email="owner@example.org", verified=True, primary=True)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    come_through(client, process="connect")
    client.post("/accounts/3rdparty/", {"account": SocialAccount.objects.get().pk})
    assert told(Verb.LINKED) == ["owner connected the account “owner” with another service"]
    assert told(Verb.UNLINKED) == ["owner disconnected the account “owner” from another service"]
