"""One planted world for the whole table; every request is rolled back."""

import tempfile
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test import override_settings

from tests.permissions.requests import Requests
from tests.permissions.world import build

OVERRIDES: dict[str, Any] = {
    "PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"],
    "DOCS": "/nowhere",
    "CACHES": {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}},
}


@pytest.fixture(scope="module")
def requests(django_db_setup: None, django_db_blocker: Any) -> Iterator[Requests]:
    with (
        tempfile.TemporaryDirectory() as media,
        override_settings(MEDIA_ROOT=media, **OVERRIDES),
        django_db_blocker.unblock(),
        transaction.atomic(),
    ):
        yield Requests(build())
        transaction.set_rollback(True)
