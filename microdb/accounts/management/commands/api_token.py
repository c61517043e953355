"""``manage.py api_token USER``: make a token and print its secret, alone, on stdout."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from microdb.accounts.models import ApiToken, User
from microdb.accounts.services import create_api_token
from microdb.errors import MicroDBError


class Command(BaseCommand):
    help = "Make an API token for a user and print it, alone, on stdout."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("user")
        parser.add_argument("--scopes", default=",".join(ApiToken.Scope.values), help="comma-separated; default: all")

    def handle(self, *, user: str, scopes: str, **_: Any) -> None:
        account = User.objects.filter(username=user).first()
        if account is None:
            raise CommandError(f"There is no user {user!r}. Make one with: manage.py createsuperuser")
        try:
            _token, secret = create_api_token(
                user=account, scopes=scopes.split(","), name="made by manage.py api_token"
            )
        except MicroDBError as error:
            raise CommandError(error.message) from error
        self.stdout.write(secret)
