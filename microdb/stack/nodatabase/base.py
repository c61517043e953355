"""A Postgres backend that refuses every connection."""

from typing import Any, NoReturn

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db.backends.postgresql.base import DatabaseWrapper as PostgresWrapper


class DatabaseWrapper(PostgresWrapper):
    def connect(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise ImproperlyConfigured(
            f"Nothing is running for VAR={settings.VAR}: start it with `make run`, or set DATABASE_URL and REDIS_URL."
        )
