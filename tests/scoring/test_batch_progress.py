"""Batches of stored micrographs: how far they are, their results, and trying again."""

import csv
import io
import json
import time

import pytest

from microdb.accounts.models import User
from microdb.jobs import Job
from microdb.micrographs.models import Micrograph
from microdb.micrographs.services import set_scale
from microdb.scoring import tasks
from microdb.scoring.api import progress
from microdb.scoring.models import Score
from microdb.scoring.tasks import score_micrograph
from tests.scoring.batch_api import Api, image, score_all


def test_stored_micrographs_are_chosen_by_the_filters_of_their_list(api: Api):
    batch = api.post("?label=ferrite&split=train", json={}, status=202)
    assert (batch["state"], batch["total"]) == ("running", 3)
    assert {row["filename"] for row in api.results(f"{batch['id']}/")} == {f"ferrite-{n}.png" for n in range(3)}
    assert api.post("?labl=ferrite", json={}, status=400)["code"] == "unknown_filter"
    assert api.post("?split=exam", json={}, status=400)["fields"]["split"]
    assert api.post("?label=ferrite&split=train&has_scale=false", json={}, status=400)["code"] == "empty"
    key = str(Micrograph.objects.first().pk)
    assert api.post("?label=ferrite", json={"micrographs": [key]}, status=400)["code"] == "invalid"


def test_ids_may_wait_for_the_start_too(api: Api):
    keys = [str(pk) for pk in Micrograph.objects.values_list("pk", flat=True)[:2]]
    batch = api.post(json={"micrographs": keys, "start": False}, status=202)
    assert (batch["state"], batch["total"], Score.objects.count()) == ("open", 2, 0)
    assert api.post(f"{batch['id']}/start/", status=202)["waiting"] == 2


def test_the_results_come_as_lines_as_pages_and_while_the_batch_runs(api: Api, one_by_one):
    batch = f"{api.post('?split=train', json={}, status=202)['id']}/"
    score_micrograph(str(Score.objects.first().pk))
    answer = api.get(f"{batch}results/", accept="application/x-ndjson")
    assert answer["Content-Type"] == "application/x-ndjson; charset=utf-8"
    assert answer["Content-Disposition"] == f'attachment; filename="steels-{batch[:8]}-scores.jsonl"'
    lines = [json.loads(line) for line in b"".join(answer.streaming_content).decode().splitlines()]
    assert lines == api.results(batch)
    assert sorted(line["state"] for line in lines) == ["done"] + ["queued"] * 5
    table = api.get(f"{batch}results/", accept="text/csv;q=0.9, text/html;q=0.1")
    assert table["Content-Disposition"].endswith('-scores.csv"')
    assert len(list(csv.DictReader(io.StringIO(b"".join(table.streaming_content).decode())))) == 6
    page, paged = api.get(f"{batch}results/?page_size=4").json(), []
    while page:
        paged += page["results"]
        page = page["next"] and api.client.get(page["next"], headers=api.token).json()
    assert paged == lines
    for query, code in (
        ("page_size=0", "bad_page_size"),
        ("page_size=501", "bad_page_size"),
        ("page_size=x", "bad_page_size"),
        ("labl=x", "unknown_filter"),
    ):
        assert api.get(f"{batch}results/?{query}", status=400).json()["code"] == code
    assert api.get(f"{batch}results/?page_size=2", status=400, accept="text/csv").json()["code"] == "unknown_filter"


def test_progress_has_a_rate_a_time_left_and_a_tag_that_changes_with_it(api: Api, one_by_one):
    batch = f"{api.post('?split=train', json={}, status=202)['id']}/"
    first = api.get(batch)
    assert (first.json()["files_per_second"], first.json()["seconds_left"]) == (None, None)
    again = api.get(batch, status=304, **{"if-none-match": first["ETag"]})
    assert (again.content, again["ETag"]) == (b"", first["ETag"])
    for score in Score.objects.all()[:3]:
        score_micrograph(str(score.pk))
    changed = api.get(batch, **{"if-none-match": first["ETag"]})
    assert changed["ETag"] != first["ETag"]
    body = changed.json()
    assert body["done"] == 3
    assert body["files_per_second"] > 0
    assert body["seconds_left"] == pytest.approx(3 / body["files_per_second"], abs=1.5)


def test_a_request_waits_for_news_as_long_as_it_prefers(api: Api, one_by_one, monkeypatch: pytest.MonkeyPatch):
    batch = f"{api.post('?split=train', json={}, status=202)['id']}/"
    tag = api.get(batch)["ETag"]
    naps = []

    def nap(seconds: float) -> None:
        naps.append(seconds)
        if len(naps) == 2:
            score_micrograph(str(Score.objects.first().pk))

    with monkeypatch.context() as patched:
        patched.setattr(progress.time, "sleep", nap)
        answer = api.get(batch, prefer="respond-async, wait=20", **{"if-none-match": tag})
    assert (answer.json()["done"], answer["Preference-Applied"], len(naps)) == (1, "wait=20", 2)
    started = time.monotonic()
    api.get(batch, status=304, prefer="wait=1", **{"if-none-match": answer["ETag"]})
    assert 0.9 < time.monotonic() - started < 15
    api.get(batch, prefer="wait=99999999")


def test_only_some_threads_of_a_process_wait(api: Api, monkeypatch: pytest.MonkeyPatch):
    batch = f"{api.post('?split=train', json={}, status=202)['id']}/"
    for _ in range(progress.WAITING_AT_ONCE):
        assert progress._waiting.acquire(blocking=False)
    try:
        answer = api.get(batch, prefer="wait=20")
    finally:
        for _ in range(progress.WAITING_AT_ONCE):
            progress._waiting.release()
    assert "Preference-Applied" not in answer


def test_a_retry_takes_what_failed_and_leaves_what_has_a_verdict(api: Api, owner: User, one_by_one):
    without_scale = Micrograph.objects.filter(filename="ferrite-1.png")
    set_scale(micrographs=without_scale, pixels_per_micrometre=None, source="", by=owner)
    batch = f"{api.post('?split=train&label=ferrite', json={}, status=202)['id']}/"
    done, failed = Score.objects.all()
    score_micrograph(str(done.pk))
    Score.objects.filter(pk=failed.pk).update(state=Job.State.FAILED, error="the worker broke")
    before = {row["filename"]: (row["state"], row["code"]) for row in api.results(batch)}
    assert before["ferrite-1.png"] == ("refused", "missing_scale")
    set_scale(micrographs=without_scale, pixels_per_micrometre=10, source="by_hand", by=owner)
    again = api.post(f"{batch}retry/", status=202)
    assert (again["state"], again["done"], again["waiting"]) == ("running", 1, 2)
    tasks.send_rest(batch[:-1], 0)
    score_all()
    assert (api.get(batch).json()["done"], Score.objects.filter(micrograph=done.micrograph).count()) == (3, 1)
    assert Score.objects.get(pk=failed.pk).state == Job.State.FAILED


def test_an_item_cancelled_before_it_was_read_is_cancelled_not_refused(api: Api):
    batch = api.opened(pixels_per_micrometre=10)
    api.send(batch, {"a.png": image(80)})
    api.post(f"{batch}start/", status=202)
    api.post(f"{batch}cancel/", status=200)
    assert [(row["state"], row["warning"]) for row in api.results(batch)] == [("cancelled", "cancelled")]
    assert api.post(f"{batch}retry/", status=409)["code"] == "batch_cancelled"
