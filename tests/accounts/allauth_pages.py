"""Every page of allauth that this site can show: its address, and who must come to see it."""

import hashlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from allauth.account.internal.flows.login import record_authentication
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from cryptography.hazmat.primitives.asymmetric import ec
from django.contrib.auth.tokens import default_token_generator
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils.http import int_to_base36
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import (
    Aaguid,
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

from microdb.accounts.models import User
from tests.accounts.conftest import PASSWORD


def registration() -> dict[str, object]:
    """What a security key answers when it is registered."""
    public = ES256.from_cryptography_key(ec.generate_private_key(ec.SECP256R1()).public_key())
    known, flag = AttestedCredentialData.create(Aaguid.NONE, b"key", public), AuthenticatorData.FLAG
    data = AuthenticatorData.create(hashlib.sha256(b"testserver").digest(), flag.UP | flag.UV | flag.AT, 0, known)
    asked = CollectedClientData.create("webauthn.create", b"challenge", "https://testserver")
    return {
        "id": websafe_encode(b"key"),
        "rawId": websafe_encode(b"key"),
        "type": "public-key",
        "clientExtensionResults": {"credProps": {"rk": True}},
        "response": {
            "clientDataJSON": websafe_encode(asked),
            "attestationObject": websafe_encode(AttestationObject.create("none", data, {})),
        },
    }


@dataclass
class People:
    """One person with a password and every kind of second factor, and one who signs in by the provider alone."""

    ada: User
    otto: User
    key: Authenticator

    @classmethod
    def make(cls) -> "People":
        ada = User.objects.create_user("ada", "ada@example.org", PASSWORD)
        EmailAddress.objects.create(user=ada, email=ada.email, verified=True, primary=True)
        data = {"name": "Key of Ada", "credential": registration()}
        key = Authenticator.objects.create(user=ada, type=Authenticator.Type.WEBAUTHN, data=data)
        TOTP.activate(ada, "JBSWY3DPEHPK3PXP")
        RecoveryCodes.activate(ada)
        UserSession.objects.create(user=ada, ip="203.0.113.9", session_key="elsewhere", user_agent="Firefox")
        otto = User.objects.create_user("otto", "otto@example.org")
        SocialAccount.objects.create(user=otto, provider="organisation", uid="2")
        return cls(ada, otto, key)


def signed_out(people: People) -> Client:
    return Client()


def half_signed_in(people: People) -> Client:
    """With the right password, before the second factor."""
    client = Client()
    client.post("/accounts/login/", {"login": "ada", "password": PASSWORD})
    return client


def as_ada(people: People) -> Client:
    client = Client()
    client.force_login(people.ada)
    return client


def confirmed(people: People) -> Client:
    return _confirmed(people.ada)


def without_factors(people: People) -> Client:
    """Who has just confirmed that it is them."""
    User.objects.filter(username="nora").exists() or User.objects.create_user("nora", password=PASSWORD)
    return _confirmed(User.objects.get(username="nora"))


def with_a_code_sent(people: People) -> Client:
    client = as_ada(people)
    client.post("/accounts/reauthenticate/code/", {"recipient": "ada@example.org"})
    return client


def by_the_provider(people: People) -> Client:
    client = Client()
    client.force_login(people.otto)
    return client


def without_a_password(people: People) -> Client:
    return _confirmed(people.otto)


def _confirmed(user: User) -> Client:
    client = Client()
    client.force_login(user)
    request = RequestFactory().get("/")
    request.session = client.session
    record_authentication(request, user, method="password", reauthenticated=True)
    # Who has no password confirms at the provider
    request.session["confirmed_by_provider"] = {"user": user.pk, "at": time.time()}
    request.session.save()
    return client


PAGES: dict[str, tuple[str, Callable[[People], Client]]] = {
    "login": ("/accounts/login/", signed_out),
    "logout": ("/accounts/logout/", as_ada),
    "account_login": ("/accounts/login/", signed_out),
    "account_logout": ("/accounts/logout/", as_ada),
    "account_inactive": ("/accounts/inactive/", signed_out),
    "account_signup": ("/accounts/signup/", signed_out),
    "account_reauthenticate": ("/accounts/reauthenticate/", as_ada),
    "account_request_reauthentication_code": ("/accounts/reauthenticate/code/", as_ada),
    "account_confirm_reauthentication_code": ("/accounts/reauthenticate/code/confirm/", with_a_code_sent),
    "account_email": ("/accounts/email/", as_ada),
    "account_email_verification_sent": ("/accounts/confirm-email/", signed_out),
    "account_change_password": ("/accounts/password/change/", as_ada),
    "account_set_password": ("/accounts/password/set/", without_a_password),
    "account_reset_password": ("/accounts/password/reset/", signed_out),
    "account_confirm_email": ("/accounts/confirm-email/{confirmation}/", signed_out),
    "account_reset_password_from_key_done": ("/accounts/password/reset/key/done/", signed_out),
    "account_reset_password_from_key": ("/accounts/password/reset/key/{reset}/", signed_out),
    "account_reset_password_done": ("/accounts/password/reset/done/", signed_out),
    "mfa_index": ("/accounts/2fa/", as_ada),
    "mfa_authenticate": ("/accounts/2fa/authenticate/", half_signed_in),
    "mfa_reauthenticate": ("/accounts/2fa/reauthenticate/", as_ada),
    "mfa_activate_totp": ("/accounts/2fa/totp/activate/", without_factors),
    "mfa_deactivate_totp": ("/accounts/2fa/totp/deactivate/", confirmed),
    "mfa_view_recovery_codes": ("/accounts/2fa/recovery-codes/", confirmed),
    "mfa_generate_recovery_codes": ("/accounts/2fa/recovery-codes/generate/", confirmed),
    "mfa_list_webauthn": ("/accounts/2fa/webauthn/", as_ada),
    "mfa_add_webauthn": ("/accounts/2fa/webauthn/add/", confirmed),
    "mfa_reauthenticate_webauthn": ("/accounts/2fa/webauthn/reauthenticate/", as_ada),
    "mfa_remove_webauthn": ("/accounts/2fa/webauthn/keys/{key}/remove/", confirmed),
    "mfa_edit_webauthn": ("/accounts/2fa/webauthn/keys/{key}/edit/", confirmed),
    "socialaccount_login_cancelled": ("/accounts/3rdparty/login/cancelled/", signed_out),
    "socialaccount_login_error": ("/accounts/3rdparty/login/error/", signed_out),
    "socialaccount_connections": ("/accounts/3rdparty/", by_the_provider),
    "openid_connect_login": ("/accounts/oidc/organisation/login/", signed_out),
    "usersessions_list": ("/accounts/sessions/", as_ada),
    # Our own page among them
    "confirm_at_provider": ("/accounts/reauthenticate/provider/", by_the_provider),
}
NO_PAGE = {
    "account_confirm_login_code": "codes instead of passwords are not turned on",
    "mfa_login_webauthn": "answers the sign-in page's script",
    "mfa_download_recovery_codes": "a text file",
    "socialaccount_signup": "only in the middle of a sign-in by the provider; tests/accounts/test_oidc.py goes there",
    "openid_connect_callback": "sends the browser on",
}


def address(path: str, people: People) -> str:
    """The path of a page, with the keys and secrets of these people."""
    confirmation = EmailConfirmationHMAC(EmailAddress.objects.get(user=people.ada)).key
    reset = f"{int_to_base36(people.ada.pk)}-{default_token_generator.make_token(people.ada)}"
    return path.format(confirmation=confirmation, reset=reset, key=people.key.pk)


def names_of_routes() -> Iterator[str]:
    """The names of all addresses whose view is allauth's."""
    yield from _names(get_resolver().url_patterns)


def _names(patterns: list[URLPattern | URLResolver]) -> Iterator[str]:
    for one in patterns:
        if isinstance(one, URLResolver):
            yield from _names(one.url_patterns)
        elif one.callback.__module__.startswith("allauth."):
            yield one.name or str(one.pattern)
