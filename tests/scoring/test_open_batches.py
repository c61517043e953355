"""Batches that are opened, filled in several requests, started, followed and tried again."""

import csv
import io
import json
import time
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from microdb.accounts.models import User
from microdb.accounts.services import create_api_token
from microdb.jobs import Job
from microdb.micrographs.models import Membership, Micrograph, Role
from microdb.micrographs.services import set_scale
from microdb.scoring import tasks
from microdb.scoring.api import progress
from microdb.scoring.models import Batch, BatchItem, Score
from microdb.scoring.tasks import score_micrograph
from microdb.training.models import ModelVersion
from tests.trained import drawn_png, read_all

BATCHES = "/api/v1/datasets/steels/batches/"
JSON = "application/json"


@pytest.fixture
def token(owner: User) -> dict[str, str]:
    return {"authorization": "Token " + create_api_token(user=owner, scopes=["read", "score"])[1]}


@pytest.fixture
def api(client: Client, trained: ModelVersion, token: dict[str, str]) -> "Api":
    return Api(client, token)


class Api:
    """A client with a token; a multipart body is given as a dict, JSON with ``json=``."""

    def __init__(self, client: Client, token: dict[str, str]) -> None:
        self.client, self.token = client, token

    def post(self, path: str = "", body: dict | None = None, *, status: int, json: dict | None = None, **headers):
        given = {"data": json, "content_type": JSON} if json is not None else {"data": body or {}}
        answer = self.client.post(BATCHES + path, headers=self.token | headers, **given)
        assert answer.status_code == status, answer.content
        return answer.json()

    def get(self, path: str, *, status: int = 200, **headers):
        answer = self.client.get(BATCHES + path, headers=self.token | headers)
        assert answer.status_code == status, answer.content
        return answer

    def opened(self, **options: object) -> str:
        batch = self.post(json={"start": False, **options}, status=202)
        assert (batch["state"], batch["total"], batch["started_at"]) == ("open", 0, None)
        return f"{batch['id']}/"

    def send(self, batch: str, files: dict[str, bytes], *, status: int = 202, **more: object):
        sent = [SimpleUploadedFile(path.rpartition("/")[2], content, "image/png") for path, content in files.items()]
        return self.post(f"{batch}files/", {"files": sent, "paths": list(files), **more}, status=status)

    def results(self, batch: str) -> list[dict]:
        return self.get(f"{batch}results/").json()


def image(seed: int) -> bytes:
    return drawn_png("ferrite", seed)


def score_all() -> None:
    read_all()
    for pk in Score.objects.filter(state=Job.State.QUEUED).values_list("pk", flat=True):
        score_micrograph(str(pk))


def test_a_batch_is_filled_in_several_requests_and_scores_nothing_before_its_start(api: Api):
    batch = api.opened(pixels_per_micrometre=10)
    first = api.send(batch, {"x/a.png": image(80), "x/b.png": b"no image"})
    assert first["total"] == 2
    assert [(one["filename"], bool(one["micrograph"]), one["code"]) for one in first["files"]] == [
        ("x/a.png", True, ""),
        ("x/b.png", False, "unreadable"),
    ]
    assert api.send(batch, {"y/a.png": image(81)})["total"] == 3
    read_all()
    tasks.sweep()
    assert not Score.objects.exists()
    assert api.get(batch).json()["state"] == "open"
    started = api.post(f"{batch}start/", status=202)
    assert (started["state"], started["total"], started["waiting"]) == ("running", 3, 2)
    score_all()
    ended = api.get(batch).json()
    assert (ended["state"], ended["done"], ended["without_verdict"], ended["seconds_left"]) == ("done", 2, 1, 0)
    assert [(row["filename"], row["state"], row["code"]) for row in api.results(batch)] == [
        ("x/a.png", "done", ""),
        ("x/b.png", "refused", "unreadable"),
        ("y/a.png", "done", ""),
    ]


def test_files_sent_again_are_replaced_and_not_doubled(api: Api):
    batch = api.opened(pixels_per_micrometre=10)
    api.send(batch, {"a.png": b"no image", "b.png": image(80)})
    for _ in range(2):
        assert api.send(batch, {"a.png": image(81), "b.png": image(80)})["total"] == 2
    assert [one.filename for one in BatchItem.objects.all()] == ["a.png", "b.png"]
    assert not BatchItem.objects.exclude(error="").exists()
    assert Micrograph.objects.filter(scored_only=True).count() == 2


def test_paths_longer_than_a_file_name_stay_apart(api: Api):
    batch = api.opened()
    paths = [f"{letter}/{'folder' * 50}/a.png" for letter in "xy"]
    api.send(batch, dict(zip(paths, [image(80), image(81)], strict=True)))
    assert [one.filename for one in BatchItem.objects.all()] == paths


def test_two_files_of_one_path_in_one_request_are_refused_before_anything_is_stored(api: Api):
    batch = api.opened()
    files = [SimpleUploadedFile("a.png", image(seed)) for seed in (80, 81)]
    refusal = api.post(f"{batch}files/", {"files": files}, status=400)
    assert refusal["code"] == "same_path"
    assert not Micrograph.objects.filter(scored_only=True).exists()


def test_the_rows_of_a_manifest_are_keyed_by_the_full_path_over_all_requests(api: Api):
    lines = ["filename,pixels_per_micrometre", "x/a.png,20", "y/a.png,40", "gone.png,3", "z/c.png,8", "z/c.png,9"]
    manifest = SimpleUploadedFile("m.csv", "\n".join(lines).encode(), "text/csv")
    batch = f"{api.post(body={'start': 'false', 'manifest': manifest}, status=202)['id']}/"
    api.send(batch, {"x/a.png": image(80)})
    sent = api.send(batch, {"y/a.png": image(81), "a.png": image(82), "Y/A.png": image(83), "z/c.png": image(84)})
    assert [one["code"] for one in sent["files"]] == ["ambiguous_row", "", "ambiguous_row", "ambiguous_row"]
    body = api.post(f"{batch}start/", status=202)
    read_all()
    assert {name: body["manifest"][name] for name in ("rows", "rows_without_file", "files_without_row")} == {
        "rows": 5,
        "rows_without_file": 1,
        "files_without_row": 1,
    }
    found = {
        row["filename"]: (row["pixels_per_micrometre"], row["manifest_line"], row["code"]) for row in api.results(batch)
    }
    assert found["x/a.png"] == (20.0, 2, "")
    assert found["a.png"] == (None, None, "missing_scale")
    assert found["gone.png"] == (None, 4, "not_sent")


def test_a_wrong_manifest_leaves_no_batch(api: Api):
    manifest = SimpleUploadedFile("m.csv", b"filename,magnification\na.png,500\n", "text/csv")
    assert api.post(body={"start": "false", "manifest": manifest}, status=400)["code"] == "unknown_column"
    assert not Batch.objects.exists()


def test_a_started_or_cancelled_batch_takes_no_files(api: Api):
    batch = api.opened()
    assert api.post(f"{batch}start/", status=400)["code"] == "empty"
    api.send(batch, {"a.png": image(80)})
    assert api.post(f"{batch}retry/", status=409)["code"] == "not_started"
    api.post(f"{batch}start/", status=202)
    assert api.post(f"{batch}start/", status=202)["total"] == 1
    assert api.send(batch, {"b.png": image(81)}, status=409)["code"] == "already_started"
    other = api.opened()
    assert api.post(f"{other}cancel/", status=200)["state"] == "cancelled"
    assert api.send(other, {"b.png": image(81)}, status=409)["code"] == "batch_cancelled"
    assert api.post(f"{other}start/", status=409)["code"] == "batch_cancelled"
    assert not Micrograph.objects.filter(filename="b.png").exists()


def test_keys_make_every_step_repeatable(api: Api):
    body = {"start": False}
    batches = [api.post(json=body, status=status, **{"idempotency-key": "open"})["id"] for status in (202, 200)]
    assert batches[0] == batches[1]
    batch = f"{batches[0]}/"
    for status in (202, 200):
        sent = {"files": [SimpleUploadedFile("a.png", image(80))]}
        api.post(f"{batch}files/", sent, status=status, **{"idempotency-key": "files 1"})
    api.post(
        f"{batch}files/",
        {"files": [SimpleUploadedFile("a.png", image(81))]},
        status=422,
        **{"idempotency-key": "files 1"},
    )
    for status in (202, 200):
        api.post(f"{batch}start/", status=status, **{"idempotency-key": "start"})
    api.post(f"{batch}cancel/", status=409, **{"idempotency-key": "start"})


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


def test_the_results_come_as_lines_as_pages_and_while_the_batch_runs(api: Api):
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
        ("page=2", "unknown_filter"),
    ):
        assert api.get(f"{batch}results/?{query}", status=400).json()["code"] == code
    assert api.get(f"{batch}results/?page_size=2", status=400, accept="text/csv").json()["code"] == "unknown_filter"


def test_progress_has_a_rate_a_time_left_and_a_tag_that_changes_with_it(api: Api):
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


def test_a_request_waits_for_news_as_long_as_it_prefers(api: Api, monkeypatch: pytest.MonkeyPatch):
    batch = f"{api.post('?split=train', json={}, status=202)['id']}/"
    tag = api.get(batch)["ETag"]
    naps = []

    def nap(seconds: float) -> None:
        naps.append(seconds)
        if len(naps) == 2:
            score_micrograph(str(Score.objects.first().pk))

    monkeypatch.setattr(progress.time, "sleep", nap)
    answer = api.get(batch, prefer="respond-async, wait=20", **{"if-none-match": tag})
    assert (answer.json()["done"], answer["Preference-Applied"], len(naps)) == (1, "wait=20", 2)
    monkeypatch.undo()
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


def test_a_retry_takes_what_failed_and_leaves_what_has_a_verdict(api: Api, owner: User):
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


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"micrograph": ["x"]}, "micrograph"),
        ({"micrographs": "x"}, "micrographs"),
        ({"micrographs": [7]}, "micrographs"),
        ({"micrographs": {}}, "micrographs"),
        ({"start": "perhaps"}, "start"),
        ({"start": False, "model_version": 2**40}, "model_version"),
        ({"start": False, "pixels_per_micrometre": -1}, "pixels_per_micrometre"),
        ([1], "non_field_errors"),
    ],
)
def test_a_body_of_wrong_types_or_names_makes_nothing(api: Api, body, field):
    refusal = api.post(json=body, status=400)
    assert (refusal["code"], list(refusal["fields"])) == ("invalid", [field])
    assert not Batch.objects.exists()


def test_bodies_that_are_too_large_are_refused_before_they_are_read(api: Api, settings):
    settings.REQUEST_MAX_BYTES = 1000
    files = {"files": [SimpleUploadedFile("a.png", image(80))]}
    assert api.post(body=files, status=413)["code"] == "too_large"
    assert api.post(f"{api.opened()}files/", files, status=413)["code"] == "too_large"
    answer = api.client.post(BATCHES, b"[" + b" " * 9 * 2**20 + b"]", content_type=JSON, headers=api.token)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_a_body_that_was_cut_off_makes_nothing(api: Api):
    head = b'--XyZ\r\nContent-Disposition: form-data; name="files"; filename="a.png"\r\n\r\n'
    for body, kind in ((head + image(80)[:200], "multipart/form-data; boundary=XyZ"), (b'{"start": fal', JSON)):
        answer = api.client.generic(
            "POST", BATCHES, body, content_type=kind, headers=api.token, CONTENT_LENGTH=str(len(body) + 5000)
        )
        assert (answer.status_code, answer.json()["code"]) == (400, "cut_off")
    assert not Batch.objects.exists()
    assert not Micrograph.objects.filter(scored_only=True).exists()


def test_what_is_not_yours_is_not_there_and_what_you_may_not_is_forbidden(api: Api, stranger: User, dataset):
    batch = api.opened()
    strange = Api(
        api.client, {"authorization": "Token " + create_api_token(user=stranger, scopes=["read", "score"])[1]}
    )
    for path in ("files/", "start/", "cancel/", "retry/"):
        assert strange.post(batch + path, status=404)["code"] == "not_found"
    assert strange.get(batch, status=404).json()["code"] == "not_found"
    Membership.objects.create(dataset=dataset, user=stranger, role=Role.VIEWER)
    for path in ("files/", "start/", "cancel/", "retry/"):
        assert strange.post(batch + path, status=403)["code"] == "permission_denied"
    assert api.get(f"{uuid.uuid4()}/", status=404).json()["code"] == "not_found"
