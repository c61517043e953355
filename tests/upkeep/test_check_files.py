"""Rows and files are compared; what can be mended is, and nothing is deleted."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.test import Client

from microdb.accounts.models import User
from microdb.micrographs.models import Dataset, Micrograph
from microdb.upkeep import checking, tasks
from microdb.upkeep.checking import check_files, last_report

Add = Callable[..., Micrograph]
PAGE = "/upkeep/files/"


@pytest.fixture(autouse=True)
def no_earlier_report() -> None:
    cache.delete(checking.REPORT)


def found(**options: bool) -> list[tuple[str, str, bool]]:
    report = check_files(orphan_age=timedelta(0), **options)
    return [(problem.problem, problem.name, problem.repaired) for problem in report.problems]


def stored(media: Path) -> list[str]:
    return sorted(str(path.relative_to(media)) for path in media.rglob("*") if path.is_file())


def test_where_all_is_well_nothing_is_found(add: Add, media: Path):
    add(0), add(1)
    report = check_files(orphan_age=timedelta(0))
    assert (report.problems, report.checked, report.finished, report.open) == ([], 6, True, 0)


def test_missing_and_altered_files_and_orphans_are_told_apart(add: Add, media: Path):
    lost, swapped, dim = add(0), add(1), add(2)
    (media / lost.master.name).unlink()
    (media / swapped.master.name).write_bytes(b"another picture")
    (media / dim.thumbnail.name).unlink()
    default_storage.save("masters/nobodys", ContentFile(b"x"))
    assert sorted(found()) == [
        ("altered", swapped.master.name, False),
        ("missing", lost.master.name, False),
        ("missing", dim.thumbnail.name, False),
        ("orphan", "masters/nobodys", False),
    ]


def test_a_young_file_without_a_row_may_be_one_that_is_being_stored(add: Add, media: Path):
    default_storage.save("masters/nobodys", ContentFile(b"x"))
    assert check_files(orphan_age=timedelta(days=1)).problems == []


def test_a_file_in_the_trash_is_no_orphan(add: Add, media: Path, owner: User):
    from microdb.micrographs import services

    services.trash_micrographs(micrographs=[add(0)], by=owner)
    assert found() == []


def test_a_repair_renders_pictures_again_and_sets_orphans_aside(add: Add, media: Path):
    one = add(0)
    before = default_storage.open(one.display.name).read()
    (media / one.display.name).unlink()
    default_storage.save("masters/nobodys", ContentFile(b"x"))
    assert {repaired for _problem, _name, repaired in found(repair=True)} == {True}
    one.refresh_from_db()
    assert default_storage.open(one.display.name).read() == before
    assert (media / "orphans/masters/nobodys").read_bytes() == b"x"
    assert found() == []


def test_a_master_is_copied_from_where_its_bytes_are_stored_too(add: Add, media: Path, owner: User):
    from microdb.micrographs.services import create_dataset

    one, twin = add(0), add(0, dataset=create_dataset(name="Copy", by=owner))
    (media / one.master.name).write_bytes(b"another picture")
    assert found(repair=True) == [("altered", one.master.name, True)]
    assert default_storage.open(one.master.name).read() == default_storage.open(twin.master.name).read()
    assert (media / f"orphans/{one.master.name}").read_bytes() == b"another picture"
    assert found() == []


def test_a_master_comes_back_from_a_file_that_lost_its_row(add: Add, media: Path):
    one = add(0)
    (media / one.master.name).rename(media / "masters/renamed")
    assert sorted(found(repair=True)) == [("missing", one.master.name, True), ("orphan", "masters/renamed", True)]
    assert found() == []


def test_without_a_copy_a_master_stays_missing_and_its_row_stays(add: Add, media: Path):
    one = add(0)
    (media / one.master.name).unlink()
    assert found(repair=True) == [("missing", one.master.name, False)]
    assert Micrograph.objects.filter(pk=one.pk).exists()


def test_the_command_names_each_problem_and_fails_while_one_is_left(add: Add, media: Path, capsys):
    one = add(0)
    call_command("check_files")
    assert "3 files checked" in capsys.readouterr().out
    (media / one.master.name).unlink()
    with pytest.raises(CommandError, match=r"1 missing, 0 altered, 0 orphan, 0 repaired. 1 left."):
        call_command("check_files", "--repair")
    assert f"missing: micrograph master of 0.png, {one.master.name}" in capsys.readouterr().err


def test_staff_see_the_latest_check_and_others_do_not(add: Add, media: Path, signed_in: Client, owner: User):
    assert signed_in.get(PAGE).status_code == 302
    User.objects.filter(pk=owner.pk).update(is_staff=True)
    assert "No check has run yet" in signed_in.get(PAGE).text
    one = add(0)
    (media / one.master.name).unlink()
    tasks.check_files()
    page = signed_in.get(PAGE).text
    assert "One file needs you." in page
    assert one.master.name in page


def test_an_interrupted_check_is_not_taken_for_a_clean_one(add: Add, media: Path, monkeypatch):
    add(0)

    def broken(*_: object) -> None:
        raise SystemExit

    monkeypatch.setattr(checking, "_problem_of", broken)
    with pytest.raises(SystemExit):
        check_files()
    report = last_report()
    assert report is not None
    assert not report.finished


def test_a_check_takes_as_many_queries_for_many_rows_as_for_few(
    add: Add, media: Path, dataset: Dataset, django_assert_num_queries, django_assert_max_num_queries
):
    add(0)
    with django_assert_max_num_queries(40) as few:
        check_files()
    for seed in range(1, 4):
        add(seed)
    with django_assert_num_queries(len(few)):
        check_files()
