"""Encryption of what the database keeps of second factors: the keys of authenticator apps and recovery codes.

The key of the encryption is made from ``SECRET_KEY`` (HKDF, RFC 5869), so a copy of the database alone opens nothing.
Texts are Fernet tokens: AES-128 in CBC mode with an HMAC. Earlier keys, in ``SECRET_KEY_FALLBACKS``, still decrypt.
"""

import base64
from collections.abc import Callable, Mapping
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.utils.translation import gettext as _

from microdb.errors import MicroDBError

PURPOSE = b"microdb: second factors"
"""Keeps this key apart from any other that is made from ``SECRET_KEY``."""
SECRETS = ("secret", "seed", "migrated_codes")
"""Names of the secret texts in the data of allauth's authenticators. Passkeys have none: their data are public keys."""


def encrypt(text: str) -> str:
    return _keys().encrypt(text.encode()).decode()


def decrypt(token: str) -> str:
    """Raises MicroDBError where none of the keys fits."""
    try:
        return _keys().decrypt(token).decode()
    except InvalidToken as error:
        raise _unreadable() from error


def encrypt_anew(token: str) -> str:
    """The same text, encrypted with the present key. Raises MicroDBError where none of the keys fits."""
    try:
        return _keys().rotate(token).decode()
    except InvalidToken as error:
        raise _unreadable() from error


def with_secrets(data: Mapping[str, Any], change: Callable[[str], str]) -> dict[str, Any]:
    """The data of an authenticator, with its secret texts changed."""
    changed = dict(data)
    for name in set(SECRETS) & set(data):
        value = data[name]
        changed[name] = [change(one) for one in value] if isinstance(value, list) else change(value)
    return changed


def _keys() -> MultiFernet:
    """The present key first; it encrypts."""
    return MultiFernet([_fernet(key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def _fernet(secret_key: str) -> Fernet:
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=PURPOSE).derive(secret_key.encode())
    return Fernet(base64.urlsafe_b64encode(key))


def _unreadable() -> MicroDBError:
    return MicroDBError(
        _(
            "The site can no longer read your authenticator app and recovery codes: its SECRET_KEY has changed. "
            "Use a passkey, or ask an administrator to remove these second factors."
        ),
        code="second_factor_unreadable",
    )
