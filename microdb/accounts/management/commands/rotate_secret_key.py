"""``manage.py rotate_secret_key``: encrypt the secrets of second factors with the present ``SECRET_KEY``."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from microdb.accounts.services import encrypt_factors_anew


class Command(BaseCommand):
    help = "Encrypt the secrets of second factors with the present SECRET_KEY. Afterwards the old one may be forgotten."

    def handle(self, **_: Any) -> None:
        encrypted, unreadable = encrypt_factors_anew()
        self.stdout.write(f"{encrypted} second factors are encrypted with the present SECRET_KEY.")
        if unreadable:
            names = ", ".join(dict.fromkeys(unreadable))
            raise CommandError(
                f"{len(unreadable)} can't be read, of: {names}. Put the key that encrypted them into "
                "SECRET_KEY_FALLBACKS and try again, or delete them in the admin under Authenticators."
            )
