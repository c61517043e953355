"""The secrets of second factors in the database: unreadable without SECRET_KEY, also after it has changed."""

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.core.management import CommandError, call_command
from django.test import Client

from microdb.accounts.encryption import SECRETS, decrypt, encrypt
from microdb.accounts.models import User
from microdb.errors import MicroDBError
from tests.accounts.conftest import PASSWORD, signed_in_as
from tests.accounts.test_email_addresses import latest, migrate
from tests.accounts.test_second_factors import code, protected

__all__ = ["latest", "protected"]  # fixtures
SECRET = "JBSWY3DPEHPK3PXP"


def stored(kind: str) -> str:
    (secret,) = [value for name, value in Authenticator.objects.get(type=kind).data.items() if name in SECRETS]
    return str(secret)


def test_the_database_has_neither_the_key_of_the_app_nor_a_recovery_code(protected: User):
    codes = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()
    rows = str(list(Authenticator.objects.values_list("data", flat=True)))
    assert len(codes) == 10
    assert not [one for one in (SECRET, *codes) if one in rows]
    assert decrypt(stored("totp")) == SECRET
    assert stored("totp") != encrypt(SECRET), "equal texts must not look equal"


def test_what_was_stored_readable_is_encrypted_by_the_migration_and_back(latest):
    user = User.objects.create_user("ada", "", PASSWORD)
    TOTP.activate(user, SECRET)
    RecoveryCodes.activate(user)
    codes = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()
    old = User.objects.create_user("old", "", PASSWORD)
    moved = {"migrated_codes": [encrypt("11111111"), encrypt("22222222")], "used_mask": 0}
    Authenticator.objects.create(user=old, type="recovery_codes", data=moved)
    key = Authenticator.objects.create(user=old, type="webauthn", data={"name": "Key", "credential": {}})

    migrate(("accounts", "0005_token_limits"))
    assert Authenticator.objects.get(type="totp").data == {"secret": SECRET}
    assert Authenticator.objects.get(user=old, type="recovery_codes").data["migrated_codes"] == ["11111111", "22222222"]

    migrate(("accounts", "0006_encrypt_second_factors"))
    assert decrypt(stored("totp")) == SECRET
    assert Authenticator.objects.get(user=user, type="recovery_codes").wrap().get_unused_codes() == codes
    assert Authenticator.objects.get(user=old, type="recovery_codes").wrap().get_unused_codes()[0] == "11111111"
    assert Authenticator.objects.get(pk=key.pk).data == {"name": "Key", "credential": {}}


def test_after_a_new_secret_key_the_old_one_decrypts_until_the_command_has_run(protected: User, settings, sign_in):
    old = settings.SECRET_KEY
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another key" * 6, [old]
    assert decrypt(stored("totp")) == SECRET
    call_command("rotate_secret_key")
    settings.SECRET_KEY_FALLBACKS = []
    assert decrypt(stored("totp")) == SECRET
    client = sign_in("ada")
    client.post("/accounts/2fa/authenticate/", {"code": code(SECRET)})
    assert signed_in_as(client) == "ada"
    settings.SECRET_KEY = old
    with pytest.raises(MicroDBError, match="SECRET_KEY has changed"):
        decrypt(stored("totp"))


def test_where_the_key_is_lost_the_person_and_the_administrator_read_what_to_do(protected: User, settings, sign_in):
    settings.SECRET_KEY = "another key" * 6
    client = sign_in("ada")
    answer = client.post("/accounts/2fa/authenticate/", {"code": code(SECRET)})
    assert answer.status_code == 400
    assert "Use a passkey, or ask an administrator to remove these second factors." in answer.text
    with pytest.raises(CommandError, match="2 can't be read, of: ada"):
        call_command("rotate_secret_key")
    Authenticator.objects.all().delete()  # as an administrator does
    assert signed_in_as(sign_in("ada", client=Client())) == "ada"
