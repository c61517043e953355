"""Encrypts the keys of authenticator apps and the recovery codes that were stored readable."""

from collections.abc import Callable

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

# Not a copy: what is written here is what the present code reads.
from microdb.accounts.encryption import decrypt, encrypt, with_secrets


def encrypt_secrets(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    _change_secrets(apps, encrypt)


def decrypt_secrets(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    _change_secrets(apps, decrypt)


def _change_secrets(apps: Apps, change: Callable[[str], str]) -> None:
    for row in apps.get_model("mfa", "Authenticator").objects.exclude(type="webauthn").iterator():
        row.data = with_secrets(row.data, change)
        row.save(update_fields=["data"])


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_token_limits"), ("mfa", "0003_authenticator_type_uniq")]
    operations = [migrations.RunPython(encrypt_secrets, decrypt_secrets)]
