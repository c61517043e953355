"""Fixtures that every room's tests share: people, a dataset, image files."""

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from django.db import connection
from django.test import Client
from PIL import Image

from microdb.accounts.models import User
from microdb.micrographs.models import Dataset, MaterialClass, Membership, Role

SHARED = Path(__file__).resolve().parent.parent.parent / "shared"


@pytest.fixture(scope="session")
def uhcs() -> Path:
    """The folder of real micrographs; tests that need it are skipped where it is absent."""
    folder = SHARED / "data" / "uhcs"
    if not folder.is_dir():
        pytest.skip(f"the real micrographs are not there: {folder}")
    return folder


@pytest.fixture(autouse=True)
def quick_static(settings) -> None:
    """Pages link plain static files, so that tests need no collectstatic."""
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "whitenoise" not in name]
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


@pytest.fixture(autouse=True)
def quick_passwords(settings) -> None:
    """Hashing that is slow on purpose would take most of the tests' time."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def owner(db) -> User:
    return User.objects.create_user("owner", password="correct horse")


@pytest.fixture
def stranger(db) -> User:
    return User.objects.create_user("stranger", password="correct horse")


@pytest.fixture
def dataset(owner: User) -> Dataset:
    """Two classes, no micrographs, owned by ``owner``."""
    dataset = Dataset.objects.create(name="Steels", slug="steels", created_by=owner)
    Membership.objects.create(dataset=dataset, user=owner, role=Role.OWNER)
    for position, name in enumerate(["ferrite", "pearlite"]):
        MaterialClass.objects.create(dataset=dataset, name=name, position=position)
    return dataset


@pytest.fixture
def signed_in(owner: User) -> Client:
    client = Client()
    client.force_login(owner)
    return client


@pytest.fixture(scope="session")
def png() -> Callable[..., bytes]:
    """``png(seed=0, width=64, height=48)``: the bytes of a small gray PNG, other bytes for another seed."""

    def make(seed: int = 0, width: int = 64, height: int = 48) -> bytes:
        pixels = np.random.default_rng(seed).integers(0, 256, (height, width), dtype=np.uint8)
        file = io.BytesIO()
        Image.fromarray(pixels).save(file, "PNG")
        return file.getvalue()

    return make


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker) -> None:
    """Tests with real transactions truncate all tables afterwards, which the audit log's own trigger would refuse."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_log_entry DISABLE TRIGGER audit_table_stays")
