"""Entries can only be added, and they outlive what they are about."""

from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from microdb.accounts.models import User
from microdb.audit_log import pruning
from microdb.audit_log.models import Entry
from microdb.audit_log.recording import record
from microdb.audit_log.sentences import sentence
from microdb.audit_log.verbs import Verb
from microdb.micrographs import services
from microdb.micrographs.models import Dataset, Role


@pytest.fixture
def entry(db) -> Entry:
    record(Verb.SIGN_IN_FAILED)
    return Entry.objects.get()


@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit_log_entry SET actor_name = 'ben'", "DELETE FROM audit_log_entry", "TRUNCATE audit_log_entry"],
)
def test_the_database_refuses_to_change_entries(entry: Entry, statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_log_entry ENABLE TRIGGER audit_table_stays")  # tests run without it
        with pytest.raises(DatabaseError, match="only added"), transaction.atomic():
            cursor.execute(statement)
    assert Entry.objects.get() == entry


def test_neither_a_row_nor_a_queryset_can_be_deleted(entry: Entry) -> None:
    for delete in (entry.delete, Entry.objects.all().delete, lambda: Entry.objects.update(verb="")):
        with pytest.raises(DatabaseError, match="only added"), transaction.atomic():
            delete()


def test_entries_outlive_their_account_and_their_dataset(dataset: Dataset, stranger: User, signed_in) -> None:
    services.set_member(dataset=dataset, user=stranger, role=Role.OWNER, by=stranger)
    signed_in.post("/datasets/steels/settings/classes/", {"name": "bainite"})
    owner = User.objects.get(username="owner")
    key = dataset.pk

    services.remove_member(dataset=dataset, user=owner, by=stranger)
    owner.delete()
    dataset.delete()

    added = Entry.objects.select_related("actor").get(verb=Verb.CLASS_ADDED, object_repr="bainite")
    assert (added.actor_id, added.actor, added.actor_name) == (owner.pk or added.actor_id, None, "owner")
    assert (added.dataset_id, added.dataset_name) == (key, "Steels")
    assert sentence(added) == "owner added the class “bainite”"


def test_pruning_writes_old_entries_to_a_file_and_says_so_in_the_log(entry: Entry, tmp_path: Path) -> None:
    archive, output = tmp_path / "old.jsonl", StringIO()
    Entry.objects.create(verb=Verb.SIGNED_IN, actor_name="anna", action=1, timestamp=datetime(2020, 5, 1, tzinfo=UTC))

    call_command("prune_log", "--before=2021-01-01", f"--archive={archive}", stdout=output)

    assert output.getvalue() == f"1 entries were written to {archive} and deleted.\n"
    assert '"actor": "anna"' in archive.read_text()
    pruned, kept = Entry.objects.all()
    assert kept == entry
    assert (pruned.verb, pruned.number) == (Verb.LOG_PRUNED, 1)
    with pytest.raises(DatabaseError, match="only added"), transaction.atomic():
        Entry.objects.all().delete()


def test_pruning_deletes_nothing_if_the_file_is_there(entry: Entry, tmp_path: Path) -> None:
    (tmp_path / "old.jsonl").write_text("")
    today, later = (f"--before={timezone.now() + timedelta(days=days):%Y-%m-%d}" for days in (0, 2))

    with pytest.raises(CommandError, match="already"):
        call_command("prune_log", today, f"--archive={tmp_path}/old.jsonl")
    with pytest.raises(CommandError, match="future"):
        call_command("prune_log", later, f"--archive={tmp_path}/new.jsonl")
    assert Entry.objects.get() == entry


def test_only_the_owner_of_the_table_prunes(db, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pruning, "TABLE", "pg_class")  # a table that the tests' user does not own

    with pytest.raises(CommandError, match="Only the owner"):
        call_command("prune_log", "--before=2021-01-01", f"--archive={tmp_path}/old.jsonl")
    assert not (tmp_path / "old.jsonl").exists()
