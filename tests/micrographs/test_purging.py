"""The trash is emptied after 30 days, of what nothing rests on; hashes are learned later where they lack."""

from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from microdb.accounts.models import User
from microdb.micrographs import services, tasks
from microdb.micrographs.models import Acquisition, Change, Dataset, Micrograph, NearDuplicate
from tests.micrographs.conftest import stored_files

Add = Callable[..., Micrograph]
OLD = timedelta(days=31)


@pytest.fixture
def purge(django_capture_on_commit_callbacks) -> Callable[[], int]:
    """The task's work, and what happens when its transactions are through."""

    def run() -> int:
        with django_capture_on_commit_callbacks(execute=True):
            return services.purge_trash()

    return run


def trashed(micrograph: Micrograph, owner: User, ago: timedelta = OLD) -> Micrograph:
    services.trash_micrographs(micrographs=[micrograph], by=owner)
    Micrograph.objects.filter(pk=micrograph.pk).update(trashed_at=timezone.now() - ago)
    return micrograph


def test_what_was_in_the_trash_for_30_days_goes_with_its_files_and_history(
    add: Add, owner: User, media: Path, purge: Callable[[], int]
) -> None:
    kept = add(1)
    gone = trashed(add(0, label="ferrite"), owner)
    Acquisition.objects.create(micrograph=gone, detector="SE2")
    assert purge() == 1
    assert list(Micrograph.objects.all()) == [kept]
    assert not Change.objects.filter(micrograph=gone.pk).exists()
    assert len(stored_files(media)) == 3
    assert all(str(kept.pk) in name for name in stored_files(media))


def test_a_day_less_and_it_can_still_be_restored(add: Add, owner: User, media: Path, purge: Callable[[], int]) -> None:
    one = trashed(add(0), owner, ago=timedelta(days=29, hours=23))
    assert purge() == 0
    assert services.restore_micrographs(micrographs=[one], by=owner) == 1
    assert len(stored_files(media)) == 3


def test_what_a_frozen_version_saw_stays(
    add: Add, dataset: Dataset, owner: User, media: Path, purge: Callable[[], int]
) -> None:
    one = add(0)
    services.freeze_dataset(dataset=dataset, by=owner)
    trashed(one, owner)
    assert purge() == 0
    assert len(stored_files(media)) == 3
    assert Micrograph.objects.filter(pk=one.pk).exists()


def test_one_that_was_restored_meanwhile_stays(
    add: Add, owner: User, monkeypatch: pytest.MonkeyPatch, purge: Callable[[], int]
) -> None:
    one = trashed(add(0), owner)
    from microdb.micrographs.services import purging

    delete = purging._purge

    def after_a_restore(pk: object, before: object) -> bool:
        services.restore_micrographs(micrographs=[one], by=owner)
        return delete(pk, before)

    monkeypatch.setattr(purging, "_purge", after_a_restore)
    assert purge() == 0
    assert Micrograph.objects.kept().filter(pk=one.pk).exists()


def test_a_trashed_dataset_goes_with_all_that_it_held(
    add: Add, dataset: Dataset, owner: User, media: Path, purge: Callable[[], int]
) -> None:
    services.update_specimens(dataset=dataset, records={"S1": {"notes": "n"}}, by=owner)
    add(0)
    services.trash_dataset(dataset=dataset, by=owner)
    assert purge() == 0
    Dataset.objects.update(trashed_at=timezone.now() - OLD)
    assert purge() == 1
    assert not Dataset.objects.exists()
    assert stored_files(media) == []


def test_a_trashed_dataset_with_a_frozen_version_stays(
    add: Add, dataset: Dataset, owner: User, purge: Callable[[], int]
) -> None:
    add(0)
    services.freeze_dataset(dataset=dataset, by=owner)
    Dataset.objects.update(trashed_at=timezone.now() - OLD)
    assert purge() == 0
    assert Micrograph.objects.count() == 1


def test_hashes_are_learned_later_where_they_lack(add: Add, dataset: Dataset) -> None:
    one, copy = add(0), add(1)
    before = one.pixel_sha256, one.perceptual_hash
    Micrograph.objects.update(pixel_sha256="", perceptual_hash=None, flaw="")
    copy.master.storage.delete(copy.master.name)
    with copy.master.storage.open(copy.master.name, "wb") as file, one.master.open("rb") as same:
        file.write(same.read())
    told = StringIO()
    call_command("backfill_hashes", stdout=told)
    one.refresh_from_db()
    assert (one.pixel_sha256, one.perceptual_hash) == before
    assert NearDuplicate.objects.get().kind == NearDuplicate.Kind.PIXELS
    assert told.getvalue() == "2 micrographs got their hashes, 0 could not be read.\n"


def test_a_master_that_is_gone_is_told_and_the_others_go_on(add: Add) -> None:
    lost, _other = add(0), add(1)
    Micrograph.objects.update(pixel_sha256="")
    lost.master.storage.delete(lost.master.name)
    told = StringIO()
    with pytest.raises(CommandError, match="1 micrograph got its hashes, 1 could not be read"):
        call_command("backfill_hashes", stdout=told, stderr=told)
    assert told.getvalue().startswith("0.png")


def test_beat_empties_the_trash_every_hour(settings) -> None:
    (entry,) = [one for one in settings.CELERY_BEAT_SCHEDULE.values() if one["task"].endswith("purge_trash")]
    assert entry["schedule"].run_every == timedelta(hours=1)
    assert entry["task"] == tasks.purge_trash.name
