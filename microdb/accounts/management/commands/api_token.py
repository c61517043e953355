"""``manage.py api_token USER``: make a token and print its secret, alone, on stdout."""

from argparse import ArgumentParser, ArgumentTypeError
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from microdb.accounts.models import ApiToken, User
from microdb.accounts.services import USUAL_LIFETIME, create_api_token
from microdb.errors import MicroDBError

NEVER = "never"


def lifetime(text: str) -> timedelta | None:
    """Of ``--days``; None for never."""
    if text == NEVER:
        return None
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 100_000:
        raise ArgumentTypeError(f"a number of days from 1, or {NEVER}; {text!r} was given")
    return timedelta(days=int(text))


class Command(BaseCommand):
    help = "Make an API token for a user and print it, alone, on stdout."

    def add_arguments(self, parser: ArgumentParser) -> None:
        usual = ",".join(ApiToken.USUAL_SCOPES)
        parser.add_argument("user")
        parser.add_argument("--scopes", default=usual, help=f"comma-separated; default: {usual}, all but curate")
        parser.add_argument("--datasets", default="", help="comma-separated slugs; default: all that the user sees")
        parser.add_argument(
            "--days", type=lifetime, default=USUAL_LIFETIME, help=f"until it expires, or {NEVER}; default: 90"
        )

    def handle(self, *, user: str, scopes: str, datasets: str, days: timedelta | None, **_: Any) -> None:
        account = User.objects.filter(username=user).first()
        if account is None:
            raise CommandError(f"There is no user {user!r}. Make one with: manage.py createsuperuser")
        try:
            _token, secret = create_api_token(
                user=account,
                scopes=scopes.split(","),
                name="made by manage.py api_token",
                only_datasets=_keys(account, datasets.split(",")) if datasets else None,
                expires_at=None if days is None else timezone.now() + days,
            )
        except MicroDBError as error:
            raise CommandError(error.message) from error
        self.stdout.write(secret)


def _keys(user: User, slugs: list[str]) -> list[int]:
    keys = dict(user.datasets.filter(slug__in=slugs).values_list("slug", "pk"))
    if unknown := sorted(set(slugs) - set(keys)):
        raise CommandError(f"{user} is no member of: {', '.join(unknown)}")
    return list(keys.values())
