"""What a backup holds, and what it says about files that are not as they should be."""

import io
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.cache import cache
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command

from microdb.accounts.models import User
from microdb.backups import making, postgres_tools
from microdb.backups.archive import DUMP, Archive
from microdb.backups.making import LAST_BACKUP
from microdb.micrographs.models import Dataset, Micrograph
from microdb.micrographs.services import add_and_read_micrograph
from microdb.upkeep.stored_files import StoredFile
from tests.backups.folders import back_up, contents, object_of

pytestmark = pytest.mark.django_db(transaction=True)


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


def test_without_a_tool_of_the_servers_version_the_message_says_what_to_install(
    micrographs: list[Micrograph], archive: Archive, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(postgres_tools, "_version", lambda path: 12)
    with pytest.raises(CommandError, match=r"needs pg_dump of version 18 or newer \(.* is version 12\): install"):
        call_command("backup", archive.root)
