"""``/jobs/`` and the indicator in the header."""

import re

import pytest
from django.test import Client
from django.utils import timezone

from microdb.accounts.models import User
from microdb.activity.tallies import forget_tallies
from microdb.audit_log.models import Entry
from microdb.audit_log.verbs import Verb
from microdb.heartbeats import KEY, MEMORY, redis
from microdb.jobs import MAX_DELIVERIES
from microdb.training.models import ModelVersion
from tests.activity.conftest import MakeVersion, batch, scores

pytestmark = pytest.mark.django_db
INDICATOR = "/jobs/indicator/"


def page_of(user: User, path: str = "/jobs/") -> str:
    client = Client()
    client.force_login(user)
    return client.get(path).content.decode()


def test_the_page_shows_what_runs_with_its_progress_and_what_has_ended(signed_in: Client, version: MakeVersion) -> None:
    done = version("done")
    version("failed", error="No specimen could be held out.", error_id="abc123")
    version("running", progress=0.4, progress_message="step 4 of 10")
    batch(done, *scores(done, 1, state="done"), *scores(done, 3))
    page = signed_in.get("/jobs/").content.decode()
    assert re.search(r"running\s+40 %", page)
    assert "step 4 of 10" in page
    assert "1 of 4 scored" in page
    assert "No specimen could be held out." in page
    assert "abc123" in page
    assert "every 2s" in page


def test_a_page_on_which_nothing_runs_asks_no_more(signed_in: Client, version: MakeVersion) -> None:
    version("done")
    assert "every" not in signed_in.get("/jobs/now/").content.decode()
    assert "every" not in signed_in.get(INDICATOR).content.decode()


def test_a_fragment_is_sent_again_only_when_something_has_changed(signed_in: Client, version: MakeVersion) -> None:
    made = version("running", progress=0.4)
    for path in ("/jobs/now/", INDICATOR):
        first = signed_in.get(path)
        assert f'"If-None-Match": "\\"{first["ETag"].strip(chr(34))}\\""' in first.content.decode()
        assert signed_in.get(path, headers={"if-none-match": first["ETag"]}).status_code == 304
    ModelVersion.objects.filter(pk=made.pk).update(state="done", finished_at=timezone.now())
    assert signed_in.get(path, headers={"if-none-match": first["ETag"]}).status_code == 200


def test_another_person_gets_no_304_for_what_the_first_one_saw(
    signed_in: Client, stranger: User, version: MakeVersion
) -> None:
    seen = signed_in.get(INDICATOR)["ETag"]
    other = Client()
    other.force_login(stranger)
    assert other.get(INDICATOR, headers={"if-none-match": seen}).status_code == 200


def test_the_indicator_counts_what_runs_waits_and_has_failed_lately(
    signed_in: Client, stranger: User, version: MakeVersion
) -> None:
    done = version("done")
    version("running")
    version()
    version("failed")
    version("failed", finished_at=timezone.now() - timezone.timedelta(days=2))
    scores(done, 5)
    text = " ".join(re.sub("<[^>]+>", " ", signed_in.get(INDICATOR).content.decode()).split())
    assert text == "Jobs 1 running 2 waiting 1 failed"
    assert "badge" not in page_of(stranger, INDICATOR)


def test_a_curator_cancels_and_retries_and_a_viewer_is_offered_neither(
    signed_in: Client, viewer: User, version: MakeVersion
) -> None:
    made = version()
    assert f"/jobs/training-{made.pk}/cancel/" not in page_of(viewer)
    assert f"/jobs/training-{made.pk}/cancel/" in signed_in.get("/jobs/").content.decode()
    assert signed_in.post(f"/jobs/training-{made.pk}/cancel/").status_code == 302
    assert ModelVersion.objects.get().state == "cancelled"
    assert Entry.objects.filter(verb=Verb.TRAINING_CANCELLED).exists()
    assert f"/jobs/training-{made.pk}/retry/" in signed_in.get("/jobs/").content.decode()


def test_a_filter_keeps_to_a_kind_and_a_dataset(signed_in: Client, version: MakeVersion) -> None:
    done = version("done")
    scores(done, 1)
    version()
    page = signed_in.get("/jobs/now/?kind=score&dataset=steels").content.decode()
    assert 'id="score-' in page
    assert 'id="training-' not in page
    assert signed_in.get("/jobs/?kind=nonsense").status_code == 200


def test_staff_alone_see_workers_queues_memory_and_what_was_set_aside(
    signed_in: Client, stranger: User, version: MakeVersion
) -> None:
    redis().hset(KEY, "score@test", f"{timezone.now().timestamp():.0f} score batch")
    redis().hset(MEMORY, "score@test", 300 * 2**20)
    (score,) = scores(version("done"), 1, state="failed", deliveries=MAX_DELIVERIES + 1)
    stranger.is_staff = True
    stranger.save()
    try:
        page = page_of(stranger)
    finally:
        redis().hdel(KEY, "score@test")
        redis().hdel(MEMORY, "score@test")
    assert "score@test" in page
    assert "300.0\xa0MB" in page
    assert str(score.pk) in page
    assert "Steels" not in page
    assert "Workers and queues" not in signed_in.get("/jobs/").content.decode()


def test_the_page_works_where_the_cache_does_not_answer(signed_in: Client, version: MakeVersion, monkeypatch) -> None:
    from redis.exceptions import ConnectionError as Gone

    def gone(*_: object, **__: object) -> None:
        raise Gone("refused")

    scores(version("done"), 2)
    for name in ("get", "add", "set", "delete", "delete_many"):
        monkeypatch.setattr(f"microdb.activity.tallies.cache.{name}", gone)
    assert "2 waiting" in signed_in.get("/jobs/").content.decode()
    forget_tallies()


def test_what_a_person_started_is_told_once_when_it_ends_on_any_page(
    signed_in: Client, viewer: User, version: MakeVersion
) -> None:
    made = version("running")
    others = version("running", requested_by=viewer)
    assert "toast" not in signed_in.get(INDICATOR).content.decode()
    ModelVersion.objects.update(state="done", finished_at=timezone.now())
    told = signed_in.get(INDICATOR).content.decode()
    assert f"Training of version {made.number}" in told
    assert f"Training of version {others.number}" not in told
    assert "toast" not in signed_in.get(INDICATOR).content.decode()


def test_nobody_is_told_what_they_cancelled(signed_in: Client, version: MakeVersion) -> None:
    version("running")
    signed_in.get(INDICATOR)
    ModelVersion.objects.update(state="cancelled", finished_at=timezone.now())
    assert "toast" not in signed_in.get(INDICATOR).content.decode()


def test_a_batch_that_ended_is_told_too(signed_in: Client, owner: User, version: MakeVersion) -> None:
    done = version("done")
    batch(done, *scores(done, 1), requested_by=owner)
    signed_in.get(INDICATOR)
    done.scores.update(state="done", predicted="ferrite", probability=0.9, finished_at=timezone.now())
    forget_tallies()
    assert "Batch, scored with version 1" in signed_in.get(INDICATOR).content.decode()
