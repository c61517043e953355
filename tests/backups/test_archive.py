"""What a backup holds, what it refuses, and how a restoration behaves where something is wrong."""

import io
import stat
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import psycopg2
import pytest
from django.conf import settings as django_settings
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command

from microdb.accounts.models import User
from microdb.backups import making, postgres_tools, restoring
from microdb.backups.archive import DUMP, Archive, Backup
from microdb.backups.making import LAST_BACKUP, make_backup
from microdb.errors import MicroDBError
from microdb.micrographs.models import Dataset, Micrograph
from microdb.micrographs.services import add_and_read_micrograph
from microdb.training.models import ModelVersion
from microdb.upkeep.checking import check_files
from microdb.upkeep.stored_files import StoredFile
from tests.workers import database_url

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path / "backups")


def back_up(archive: Archive, lines: list[str] | None = None) -> Backup:
    with archive.writing():
        return make_backup(archive, report=(lines if lines is not None else []).append)


def restore(archive: Archive, backup: Backup, *, force: bool = True) -> None:
    restoring.restore(archive, backup, redis_url=django_settings.REDIS_URL, force=force, report=lambda line: None)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def object_of(archive: Archive, backup: Backup, name: str) -> Path:
    return next(archive.object_path(entry.sha256) for entry in backup.entries() if entry.name == name)


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


def test_what_a_backup_has_already_is_not_copied_or_read_again(
    micrographs: list[Micrograph], archive: Archive, monkeypatch: pytest.MonkeyPatch
):
    first, objects = back_up(archive), contents(archive.root / "objects")
    monkeypatch.setattr(type(default_storage._wrapped), "open", None)
    second = back_up(archive)
    assert archive.names() == [first.name, second.name]
    assert contents(archive.root / "objects") == objects
    assert list(second.entries()) == list(first.entries())


def test_a_file_that_went_with_its_row_during_the_backup_is_in_neither(
    micrographs: list[Micrograph], archive: Archive, monkeypatch: pytest.MonkeyPatch
):
    real, gone = making._dump, micrographs[0]

    def dump_and_purge(path: Path) -> tuple[list[str], list[StoredFile]]:
        dumped = real(path)
        for file in (gone.master, gone.display, gone.thumbnail):
            default_storage.delete(file.name)
        Micrograph.objects.filter(pk=gone.pk).delete()
        return dumped

    monkeypatch.setattr(making, "_dump", dump_and_purge)
    lines: list[str] = []
    backup = back_up(archive, lines)
    assert any("taking another snapshot" in line for line in lines)
    assert backup.manifest.missing == []
    assert len(list(backup.entries())) == 6


def test_a_file_that_the_site_has_lost_is_named_and_the_rest_is_backed_up(
    micrographs: list[Micrograph], archive: Archive, capsys: pytest.CaptureFixture[str]
):
    default_storage.delete(micrographs[0].master.name)
    with pytest.raises(CommandError, match=rf"complete but for 1 files .* {micrographs[0].master.name}: run"):
        call_command("backup", archive.root)
    assert ": 8 files, " in capsys.readouterr().out


def test_a_master_that_was_altered_since_is_kept_as_the_earlier_backup_has_it(
    micrographs: list[Micrograph], archive: Archive
):
    backup, master = back_up(archive), micrographs[0].master
    good = object_of(archive, backup, master.name).read_bytes()
    Path(master.path).write_bytes(bytes(reversed(good)))
    again = back_up(archive)
    assert object_of(archive, again, master.name).read_bytes() == good


def test_old_backups_go_with_the_files_that_only_they_needed(
    micrographs: list[Micrograph], dataset: Dataset, owner: User, png: Callable[..., bytes], archive: Archive
):
    call_command("backup", archive.root)
    Micrograph.objects.filter(pk=micrographs[0].pk).delete()
    add_and_read_micrograph(dataset=dataset, file=io.BytesIO(png(7)), filename="7.png", by=owner)
    call_command("backup", archive.root, "--keep", "1")
    (name,) = archive.names()
    needed = {entry.sha256 for entry in archive.read(name).entries()}
    assert {Path(path).name for path in contents(archive.root / "objects")} == needed
    call_command("restore", archive.root, "--verify-only")


def test_only_its_owner_can_read_a_backup(micrographs: list[Micrograph], archive: Archive):
    back_up(archive)
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in archive.root.rglob("*") if path.name != "lock"}
    assert {mode for path, mode in modes.items() if path.is_dir()} == {0o700}
    assert {mode for path, mode in modes.items() if path.is_file()} == {0o600}
    assert DUMP in {path.name for path in modes}


def test_two_backups_at_once_into_one_folder_are_refused(micrographs: list[Micrograph], archive: Archive):
    with archive.writing(), pytest.raises(CommandError, match="Another backup is being written"):
        call_command("backup", archive.root)


def test_a_folder_inside_the_storage_is_refused(micrographs: list[Micrograph], var: Path):
    with pytest.raises(CommandError, match="choose a folder outside"):
        call_command("backup", var / "media" / "backups")


def test_the_time_of_the_latest_backup_is_kept(micrographs: list[Micrograph], archive: Archive):
    assert cache.get(LAST_BACKUP) != (made := back_up(archive).manifest.made_at)
    assert cache.get(LAST_BACKUP) == made


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


def test_without_a_tool_of_the_servers_version_the_message_says_what_to_install(
    micrographs: list[Micrograph], archive: Archive, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(postgres_tools, "_version", lambda path: 12)
    with pytest.raises(CommandError, match=r"needs pg_dump of version 18 or newer \(.* is version 12\): install"):
        call_command("backup", archive.root)
