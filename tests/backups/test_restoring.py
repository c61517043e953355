"""What a restoration refuses, and how it behaves where something is wrong."""

import io
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import psycopg2
import pytest
from django.conf import settings as django_settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command

from microdb.accounts.models import User
from microdb.backups import postgres_tools, restoring
from microdb.backups.archive import Archive, Backup
from microdb.errors import MicroDBError
from microdb.micrographs.models import Dataset, Micrograph
from microdb.training.models import ModelVersion
from microdb.upkeep.checking import check_files
from tests.backups.folders import back_up, contents, object_of
from tests.workers import database_url

pytestmark = pytest.mark.django_db(transaction=True)


def restore(archive: Archive, backup: Backup, *, force: bool = True) -> None:
    restoring.restore(archive, backup, redis_url=django_settings.REDIS_URL, force=force, report=lambda line: None)


def test_a_damaged_file_of_the_backup_is_refused_by_name(micrographs: list[Micrograph], archive: Archive):
    backup, master = back_up(archive), micrographs[0].master.name
    path = object_of(archive, backup, master)
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    with pytest.raises(CommandError, match=f"is damaged: {master} was altered"):
        call_command("restore", archive.root, "--force")
    path.unlink()
    with pytest.raises(CommandError, match=f"is damaged: {master} is missing"):
        call_command("restore", archive.root, "--verify-only")


@pytest.mark.parametrize("part", ["database.dump", "files.jsonl", "manifest.json"])
def test_a_damaged_part_of_the_backup_is_refused_by_name(micrographs: list[Micrograph], archive: Archive, part: str):
    path = back_up(archive).folder / part
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(CommandError, match=part):
        call_command("restore", archive.root, "--force")


def test_force_puts_rows_and_files_back_and_sets_other_bytes_aside(
    micrographs: list[Micrograph], var: Path, archive: Archive
):
    before, backup = contents(var / "media"), back_up(archive)
    swapped, lost = micrographs[0].master, micrographs[1]
    Path(swapped.path).write_bytes(b"other bytes")
    Path(lost.thumbnail.path).unlink()
    Micrograph.objects.filter(pk=lost.pk).update(filename="renamed.png")
    User.objects.create_user("made-later")
    restore(archive, backup)
    assert Micrograph.objects.get(pk=lost.pk).filename == lost.filename
    assert not User.objects.filter(username="made-later").exists()
    assert contents(var / "media") == before | {f"orphans/{swapped.name}": b"other bytes"}
    assert check_files().open == 0


def test_an_interrupted_restoration_goes_on_without_writing_files_again(
    micrographs: list[Micrograph], var: Path, archive: Archive, monkeypatch: pytest.MonkeyPatch
):
    backup = back_up(archive)
    for path in (var / "media").rglob("*.*"):
        path.unlink()

    def interrupted(path: Path) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(postgres_tools, "load", interrupted)
        with pytest.raises(KeyboardInterrupt):
            restore(archive, backup)
    written = {path: path.stat().st_mtime_ns for path in (var / "media").rglob("*") if path.is_file()}
    restore(archive, backup)
    assert {path: path.stat().st_mtime_ns for path in written} == written
    assert check_files().open == 0


def test_a_site_with_data_is_not_replaced_by_mistake(micrographs: list[Micrograph], archive: Archive):
    backup = back_up(archive)
    with pytest.raises(MicroDBError, match="The site is not empty: it has 1 users, 1 datasets"):
        restore(archive, backup, force=False)
    Micrograph.objects.all().delete()
    Dataset.objects.all().delete()
    User.objects.all().delete()
    default_storage.save("masters/nobodys", io.BytesIO(b"x"))
    with pytest.raises(MicroDBError, match="it has 1 other files"):
        restore(archive, backup, force=False)
    default_storage.delete("masters/nobodys")
    restore(archive, backup, force=False)
    assert Micrograph.objects.count() == 3


def test_a_dump_that_breaks_off_leaves_the_database_as_it_was(
    micrographs: list[Micrograph], archive: Archive, tmp_path: Path
):
    whole = back_up(archive).dump.read_bytes()
    broken = tmp_path / "broken.dump"
    broken.write_bytes(whole[: len(whole) * 3 // 4])
    with pytest.raises(MicroDBError, match="could not be restored, and is as it was"):
        postgres_tools.load(broken)
    assert Micrograph.objects.count() == 3


def test_a_site_in_use_is_not_replaced(micrographs: list[Micrograph], archive: Archive):
    backup = back_up(archive)
    with closing(psycopg2.connect(database_url())), pytest.raises(MicroDBError, match="stop web, workers and beat"):
        restore(archive, backup)


def test_a_backup_of_a_newer_release_is_refused(micrographs: list[Micrograph], archive: Archive):
    backup = back_up(archive)
    known = backup.manifest.migrations
    newer = replace(backup, manifest=replace(backup.manifest, migrations=[*known, "quizzes.9999_of_tomorrow"]))
    with pytest.raises(MicroDBError, match=r"lacks the migration quizzes.9999_of_tomorrow"):
        restore(archive, newer)


def test_another_kind_of_storage_is_backed_up_and_restored_too(
    settings, archive: Archive, request: pytest.FixtureRequest
):
    memory = {"BACKEND": "django.core.files.storage.InMemoryStorage"}
    settings.STORAGES = settings.STORAGES | {"default": memory}
    version: ModelVersion = request.getfixturevalue("version")
    version.artifact.save("artifact.zip", ContentFile(b"a trained model"))
    backup = back_up(archive)
    settings.STORAGES = settings.STORAGES | {"default": memory | {"OPTIONS": {"base_url": "/empty/"}}}
    assert not default_storage.exists(version.artifact.name)
    restore(archive, backup)
    with default_storage.open(version.artifact.name) as file:
        assert file.read() == b"a trained model"
