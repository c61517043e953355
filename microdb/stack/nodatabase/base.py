"""A backend that refuses every use with one sentence."""

from typing import Any, NoReturn

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db.backends.dummy.base import DatabaseWrapper as DummyWrapper


class DatabaseWrapper(DummyWrapper):
    """Stands where Postgres would."""

    def _refuse(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise ImproperlyConfigured(
            f"Nothing is running for VAR={settings.VAR}: start it with `make run`, or set DATABASE_URL and REDIS_URL."
        )

    cursor = ensure_connection = connect = _commit = _rollback = _savepoint = _refuse
