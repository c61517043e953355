"""Fixtures of a trained model, of descriptors that are set by hand, and of a database with pgvector."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from typing import Any

import psycopg2
import pytest
from django.db import connection

from microdb.micrographs.models import Micrograph
from microdb.similar.models import Descriptor
from microdb.similar.ranking import exact
from microdb.similar.ranking.pgvector import enable
from microdb.similar.services import Described, store_descriptors
from microdb.training.models import ModelVersion
from tests.trained import add_drawn, drawn, tiny_classifier, trained  # noqa: F401 # fixtures

Place = Callable[..., Descriptor]


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    """Keys of rolled back rows are used again, so no test may see what another one kept in this process."""
    exact.forget()


@pytest.fixture
def place(trained: ModelVersion) -> Place:  # noqa: F811 # the fixture imported above
    """``place(micrograph, (x, y))``: gives a micrograph this descriptor."""

    def make(micrograph: Micrograph, vector: Sequence[float], trained_on: bool = False) -> Descriptor:
        micrograph.refresh_from_db()
        store_descriptors(model_version=trained, described=[Described(micrograph, vector, trained_on)])
        return Descriptor.objects.get(model_version=trained, micrograph=micrograph)

    return make


@pytest.fixture
def admin(db: None) -> Iterator[Any]:
    """A cursor of the database's administrator, on a server that has pgvector."""
    own = connection.get_connection_params()
    where = {name: own[name] for name in ("host", "port", "password", "dbname")}
    try:  # the tests' own Postgres has one password for all its roles
        connected = psycopg2.connect(user="postgres", **where)
    except psycopg2.OperationalError as error:
        pytest.skip(f"no administrator of the database is known: {error}")
    connected.autocommit = True
    with closing(connected), connected.cursor() as cursor:
        cursor.execute("SELECT FROM pg_available_extensions WHERE name = 'vector'")
        if not cursor.rowcount:
            pytest.skip("the database server has no pgvector")
        yield cursor


@pytest.fixture
def pgvector(admin: Any) -> Iterator[None]:
    """The extension, which goes with the test's transaction; only an administrator may add it."""
    role = connection.get_connection_params()["user"]
    admin.execute(f"ALTER ROLE {role} SUPERUSER")
    try:
        enable("default")
        yield
    finally:
        admin.execute(f"ALTER ROLE {role} NOSUPERUSER")
