"""A retry of a batch reads files again whose reading failed through no fault of theirs, and only those."""

from datetime import timedelta
from typing import Any

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.core.files.storage import default_storage
from django.utils import timezone

from microdb.jobs import MAX_DELIVERIES, STALE_AFTER, Job
from microdb.micrographs import services
from microdb.micrographs.models import Micrograph, Reading
from microdb.micrographs.reading import isolation
from microdb.micrographs.tasks import read_micrograph
from microdb.scoring.tasks import sweep
from tests.scoring.batch_api import Api, image, score_all
from tests.trained import read_all

Patch = pytest.MonkeyPatch


def kills_its_workers(patch: Patch) -> None:
    """Each worker claims the reading and is not heard of again."""
    for _ in range(MAX_DELIVERIES):
        assert Reading.objects.claim(Micrograph.objects.get(state="reading").pk)
        Reading.objects.update(heartbeat_at=timezone.now() - STALE_AFTER - timedelta(seconds=1))
    read_all()


def reads(patch: Patch, outcome: Exception, *, times: int = 1) -> None:
    def read(**_: Any) -> None:
        raise outcome

    patch.setattr(services, "read_micrograph", read)
    for _ in range(times):
        read_all()


def takes_too_long(patch: Patch) -> None:
    reads(patch, SoftTimeLimitExceeded())


def takes_too_long_in_its_process(patch: Patch) -> None:
    patch.setattr(isolation._server, "ask", lambda *_given, **_more: {"outcome": "time"})
    read_all()


def has_its_storage_away(patch: Patch) -> None:
    reads(patch, OSError("the storage is away"), times=MAX_DELIVERIES)


def has_its_file_away(patch: Patch) -> None:
    def away(master: Any) -> Any:
        raise FileNotFoundError(master.name)

    patch.setattr(isolation, "_on_disk", away)
    read_all()


def goes_on() -> None:
    """What beat and the workers do."""
    read_all()
    sweep()
    score_all()


def sent(api: Api, content: bytes) -> str:
    """A started batch of one file that has not been read."""
    batch = api.opened(pixels_per_micrometre=10)
    api.send(batch, {"a.png": content})
    api.post(f"{batch}start/", status=202)
    return batch


@pytest.mark.parametrize(
    "fails",
    [kills_its_workers, takes_too_long, takes_too_long_in_its_process, has_its_storage_away, has_its_file_away],
)
def test_a_file_that_is_not_at_fault_is_read_again(api: Api, monkeypatch: Patch, fails):
    batch = sent(api, image(40))
    with monkeypatch.context() as patch:
        fails(patch)
    goes_on()
    (before,) = api.results(batch)
    assert (before["state"], before["code"]) == ("refused", "not_read")
    assert before["warning"]
    assert api.post(f"{batch}retry/", status=202)["waiting"] == 1
    assert [one["state"] for one in api.results(batch)] == ["reading"]
    goes_on()
    (after,) = api.results(batch)
    assert (after["state"], after["code"], bool(after["predicted"])) == ("done", "", True)
    reading = Reading.objects.get(micrograph__filename="a.png")
    assert (reading.state, reading.error, reading.error_id, reading.deliveries) == (Job.State.DONE, "", "", 1)


def test_a_file_at_fault_is_not_read_again(api: Api):
    batch = sent(api, image(41)[:-2000])
    goes_on()
    (before,) = api.results(batch)
    assert (before["state"], before["code"]) == ("refused", "refused")
    api.post(f"{batch}retry/", status=202)
    goes_on()
    assert api.results(batch) == [before]
    reading = Reading.objects.get(micrograph__filename="a.png")
    assert (reading.state, reading.deliveries) == (Job.State.FAILED, 1)


def test_a_file_that_is_sent_again_is_read_again_even_if_the_stored_one_is_lost(api: Api, monkeypatch: Patch):
    batch = sent(api, image(42))
    with monkeypatch.context() as patch:
        takes_too_long(patch)
    goes_on()
    default_storage.delete(Micrograph.objects.get(filename="a.png").master.name)
    again = sent(api, image(42))
    goes_on()
    assert [one["state"] for one in api.results(again)] == ["done"]
    assert [one["code"] for one in api.results(batch)] == ["not_read"]


def test_the_message_of_a_reading_goes_out_at_once(api: Api, monkeypatch: Patch, django_capture_on_commit_callbacks):
    batch = sent(api, image(43))
    with monkeypatch.context() as patch:
        takes_too_long(patch)
    goes_on()
    messages: list[str] = []
    monkeypatch.setattr(read_micrograph, "apply_async_on_commit", lambda args, queue: messages.extend(args))
    api.post(f"{batch}retry/", status=202)
    assert messages == [str(Micrograph.objects.get(filename="a.png").pk)]
