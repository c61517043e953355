"""What the migrations of this room do to rows that are there."""

import pytest
from django.db import IntegrityError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Sum
from django.utils import timezone

from microdb.micrographs.models import Change, Micrograph


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


@pytest.mark.slow
def test_what_waits_to_be_read_at_the_upgrade_gets_a_reading_and_the_rest_none(latest, add):
    waiting, ready = add(0), add(1)
    migrate("0006_tally")
    Micrograph.objects.filter(pk=waiting.pk).update(state="reading")
    readings = migrate("0008_readings_of_waiting").get_model("micrographs", "Reading").objects
    assert list(readings.values_list("micrograph", "state", "deliveries")) == [(waiting.pk, "queued", 0)]
    assert ready.state == "ready"


@pytest.mark.slow
def test_a_scale_that_no_training_takes_is_taken_away_at_the_upgrade_and_kept_in_the_history(latest, add):
    tiny, sound = add(0, pixels_per_micrometre=1.0), add(1, pixels_per_micrometre=1e-6)
    migrate("0008_readings_of_waiting")
    Micrograph.objects.filter(pk=tiny.pk).update(pixels_per_micrometre=5e-7)
    migrate("0010_scale_bounds")
    for micrograph in (tiny, sound):
        micrograph.refresh_from_db(fields=["pixels_per_micrometre", "scale_source", "scale_note"])
    assert (tiny.pixels_per_micrometre, tiny.scale_source) == (None, "")
    assert tiny.scale_note == "Not taken, for it can't be: 5e-07 pixels per micrometre"
    change = tiny.changes.first()
    assert (change.field, change.old, change.new) == (Change.Field.SCALE, "5e-07", "")
    assert sound.pixels_per_micrometre == 1e-6


@pytest.mark.slow
def test_micrographs_are_counted_through_the_renaming_and_back(latest, add):
    add(0)
    old = migrate("0010_scale_bounds").get_model("micrographs", "Tally").objects
    Micrograph.objects.update(trashed_at=timezone.now())
    assert old.aggregate(total=Sum("count")) == {"total": 0}
    Micrograph.objects.update(trashed_at=None)
    new = migrate("0011_micrograph_counts").get_model("micrographs", "MicrographCount").objects
    assert new.aggregate(total=Sum("count")) == {"total": 1}
    Micrograph.objects.update(trashed_at=timezone.now())
    assert new.aggregate(total=Sum("count")) == {"total": 0}


@pytest.mark.slow
def test_pairs_and_their_constraints_survive_the_renaming_and_back(latest, add):
    first, second = add(0), add(1)
    old = migrate("0011_micrograph_counts").get_model("micrographs", "Twin").objects
    pair = old.create(first_id=first.pk, second_id=second.pk, kind="near", differing_bits=3)
    new = migrate("0012_near_duplicates").get_model("micrographs", "NearDuplicate").objects
    assert list(new.values_list("pk", "first", "second")) == [(pair.pk, first.pk, second.pk)]
    for keys, constraint in (((first, second), "near_duplicate_once"), ((first, first), "near_duplicate_of_another")):
        with pytest.raises(IntegrityError, match=constraint):
            new.create(first_id=keys[0].pk, second_id=keys[1].pk, kind="near", differing_bits=3)
    migrate("0011_micrograph_counts")
    with pytest.raises(IntegrityError, match="twin_once"):
        old.create(first_id=first.pk, second_id=second.pk, kind="near", differing_bits=3)
