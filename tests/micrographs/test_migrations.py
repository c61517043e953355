"""What the migrations of this room do to rows that are there."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from microdb.micrographs.models import Micrograph


def migrate(name: str):
    executor = MigrationExecutor(connection)
    executor.migrate([("micrographs", name)])
    return MigrationExecutor(connection).loader.project_state([("micrographs", name)]).apps


@pytest.fixture
def latest(transactional_db):
    """Afterwards every room is migrated again."""
    yield
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


def test_what_waits_to_be_read_at_the_upgrade_gets_a_reading_and_the_rest_none(latest, add):
    waiting, ready = add(0), add(1)
    migrate("0006_tally")
    Micrograph.objects.filter(pk=waiting.pk).update(state="reading")
    readings = migrate("0008_readings_of_waiting").get_model("micrographs", "Reading").objects
    assert list(readings.values_list("micrograph", "state", "deliveries")) == [(waiting.pk, "queued", 0)]
    assert ready.state == "ready"
