"""The extension is used where it is, missed nowhere, and kept out of backups."""

import subprocess
from pathlib import Path

from django.db import connection

from microdb.backups import postgres_tools
from microdb.similar.ranking.pgvector import enable, schema
from microdb.stack.servers.postgres import postgres_binary


def test_a_role_that_may_not_add_it_goes_on_without(db, caplog):
    enable("default")
    assert schema() is None
    assert not [record for record in caplog.records if record.levelname in ("WARNING", "ERROR")]


def test_it_is_added_once_where_the_role_may(pgvector):
    assert schema() == "public"
    enable("default")
    assert schema() == "public"


def test_a_backup_can_be_restored_where_there_is_none(admin, tmp_path: Path):
    admin.execute("CREATE EXTENSION vector")
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_export_snapshot()")
            postgres_tools.dump(tmp_path / "dump", snapshot=cursor.fetchone()[0])
    finally:
        admin.execute("DROP EXTENSION vector")
    restore = [postgres_binary("pg_restore"), "--list", tmp_path / "dump"]
    listed = subprocess.run(restore, capture_output=True, text=True, check=True).stdout
    assert "similar_descriptor" in listed
    assert "EXTENSION - pg_trgm" in listed
    assert "EXTENSION - vector" not in listed
