"""Batches and scores over the REST API."""

import csv
import io
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from microdb.accounts.models import User
from microdb.accounts.services import create_api_token
from microdb.micrographs.models import Micrograph
from microdb.scoring import tasks
from microdb.scoring.models import Batch, BatchItem, Score
from microdb.scoring.services import settle_items
from microdb.scoring.tasks import score_micrograph
from microdb.training.models import ModelVersion
from tests.trained import drawn_png, read_all

BATCHES = "/api/v1/datasets/steels/batches/"


@pytest.fixture
def token(owner: User) -> dict[str, str]:
    return {"authorization": "Token " + create_api_token(user=owner, scopes=["read", "score"])[1]}


def upload(seed: int, name: str) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, drawn_png("ferrite", seed), "image/png")


def score_all() -> None:
    read_all()
    for pk in Score.objects.values_list("pk", flat=True):
        score_micrograph(str(pk))


def test_files_become_a_batch_whose_results_come_as_json_and_csv(client: Client, trained: ModelVersion, token):
    manifest = SimpleUploadedFile("m.csv", b"filename,pixels_per_micrometre\nfolder/a.png,10.0\n", "text/csv")
    files = [upload(70, "a.png"), SimpleUploadedFile("b.png", b"no image"), upload(71, "c.png")]
    answer = client.post(BATCHES, {"files": files, "manifest": manifest, "pixels_per_micrometre": "8"}, headers=token)
    assert answer.status_code == 202
    body = answer.json()
    assert (body["state"], body["total"], body["waiting"], body["without_verdict"]) == ("running", 3, 2, 1)
    score_all()
    address = f"{BATCHES}{body['id']}/"
    assert (
        client.get(address, headers=token).json() | {"state": "done", "done": 2}
        == client.get(address, headers=token).json()
    )
    rows = client.get(f"{address}results/", headers=token).json()
    assert [row["filename"] for row in rows] == ["a.png", "b.png", "c.png"]
    assert [row["pixels_per_micrometre"] for row in rows] == [10.0, None, 8.0]
    assert rows[1]["predicted"] == ""
    assert "no image file" in rows[1]["warning"]
    download = client.get(f"{address}results/", headers=token | {"accept": "text/csv"})
    assert download["Content-Type"] == "text/csv; charset=utf-8"
    table = list(csv.DictReader(io.StringIO(b"".join(download.streaming_content).decode())))
    names = "filename,pixels_per_micrometre,predicted,probability,none_of_these,ferrite,pearlite,crops,seed,warning"
    names += ",outside_rank,nearest"
    assert list(table[0]) == names.split(",")
    assert [row["predicted"] for row in table] == [row["predicted"] for row in rows]


class SentWithFolders(SimpleUploadedFile):
    """The test client takes the folders off a name, as Django does when it receives it; other clients do not."""

    def __init__(self, path: str, content: bytes) -> None:
        super().__init__("a.png", content, "image/png")
        self.path = path


def two_folders(folders: list[str]) -> list[SentWithFolders]:
    return [SentWithFolders(f"{one}a.png", drawn_png("ferrite", seed)) for seed, one in enumerate(folders, start=80)]


def encoded(body: dict[str, object]) -> bytes:
    """``body`` as a multipart form whose files keep their folders."""
    parts = []
    for name, values in body.items():
        for value in values if isinstance(values, list) else [values]:
            filename = getattr(value, "path", getattr(value, "name", ""))
            about = f'; filename="{filename}"'.replace("\\", "\\\\") if filename else ""
            content = str(value).encode() if isinstance(value, str) else value.read()
            head = f'--XyZ\r\nContent-Disposition: form-data; name="{name}"{about}\r\n\r\n'
            parts.append(head.encode() + content + b"\r\n")
    return b"".join(parts) + b"--XyZ--\r\n"


def scales(client: Client, token: dict[str, str], body: dict[str, object]) -> list[tuple[str, float | None, str]]:
    answer = client.post(BATCHES, encoded(body), content_type="multipart/form-data; boundary=XyZ", headers=token)
    assert answer.status_code == 202, answer.content
    read_all()
    rows = client.get(f"{BATCHES}{answer.json()['id']}/results/", headers=token).json()
    return [(row["filename"], row["pixels_per_micrometre"], row["warning"]) for row in rows]


def table(*lines: str) -> SimpleUploadedFile:
    return SimpleUploadedFile("m.csv", "\n".join(["filename,pixels_per_micrometre", *lines]).encode(), "text/csv")


WAITING = "not scored yet"
TWO = ("x/a.png,20", "y/a.png,40")


def test_files_of_one_name_take_the_row_of_their_folder(client: Client, trained: ModelVersion, token):
    expected = [("x/a.png", 20.0, WAITING), ("y/a.png", 40.0, WAITING)]
    assert scales(client, token, {"files": two_folders(["x/", "y/"]), "manifest": table(*TWO)}) == expected
    assert (
        scales(
            client, token, {"files": two_folders(["", ""]), "paths": ["x/a.png", "y/a.png"], "manifest": table(*TWO)}
        )
        == expected
    )


def test_a_folder_around_everything_and_backslashes_do_no_harm(client: Client, trained: ModelVersion, token):
    body = {"files": two_folders(["scan/x/", "scan\\y\\"]), "manifest": table(*TWO)}
    assert [scale for _, scale, _ in scales(client, token, body)] == [20.0, 40.0]


def test_files_without_their_folders_are_not_guessed_at(client: Client, trained: ModelVersion, token):
    results = scales(client, token, {"files": two_folders(["", ""]), "manifest": table(*TWO)})
    assert [scale for _, scale, _ in results] == [None, None]
    assert all("several rows for “a.png”: “x/a.png”, “y/a.png”" in warning for _, _, warning in results)
    assert not Micrograph.objects.filter(filename="a.png").exists()
    one_row = scales(client, token, {"files": two_folders(["", ""]), "manifest": table("x/a.png,20")})
    assert all("2 files were sent for the manifest’s row “x/a.png”" in warning for _, _, warning in one_row)


def test_rows_without_a_file_and_rows_named_twice_are_results(client: Client, trained: ModelVersion, token):
    lines = table("x/a.png,20", "y/a.png,40", "y/a.png,41", "gone.png,3")
    first, second, gone = scales(client, token, {"files": two_folders(["x/", "y/"]), "manifest": lines})
    assert first == ("x/a.png", 20.0, WAITING)
    assert "more than once, in lines 3, 4" in second[2]
    assert gone == ("gone.png", None, "The manifest names this file in line 5, but it was not sent.")


def test_names_match_in_any_normal_form_and_case(client: Client, trained: ModelVersion, token):
    body = {"files": two_folders(["Gefu\u0308ge/", "Y/"]), "manifest": table("gefüge/a.png,20", "y/A.PNG,40")}
    assert [scale for _, scale, _ in scales(client, token, body)] == [20.0, 40.0]


def test_as_many_paths_as_files_are_wanted(client: Client, trained: ModelVersion, token):
    answer = client.post(BATCHES, {"files": two_folders(["", ""]), "paths": ["x/a.png"]}, headers=token)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert "2 files and 1 paths" in answer.json()["message"]


def test_stored_micrographs_are_scored_by_id_in_the_order_given(client: Client, trained: ModelVersion, token):
    keys = [str(pk) for pk in Micrograph.objects.order_by("-filename").values_list("pk", flat=True)[:3]]
    unknown = str(uuid.uuid4())
    answer = client.post(BATCHES, {"micrographs": [*keys, unknown]}, content_type="application/json", headers=token)
    assert answer.status_code == 202
    batch = Batch.objects.get()
    assert [str(item.micrograph_id) for item in batch.items.all()[:3]] == keys
    assert "no micrograph of this id" in batch.items.last().error


def test_an_idempotency_key_makes_one_batch_and_stores_nothing_twice(client: Client, trained: ModelVersion, token):
    headers = token | {"idempotency-key": "run 7"}
    answers = [
        client.post(BATCHES, {"files": [upload(72, "a.png")], "pixels_per_micrometre": "10"}, headers=headers)
        for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [202, 200]
    assert answers[0].json()["id"] == answers[1].json()["id"]
    read_all()
    assert Score.objects.count() == 1


def test_a_key_covers_the_manifest_and_the_paths_too(client: Client, trained: ModelVersion, token):
    headers = token | {"idempotency-key": "run 8"}

    def send(line: str, path: str = "x/a.png") -> tuple[int, str]:
        body = {"files": [upload(72, "a.png")], "paths": [path], "manifest": table(line)}
        answer = client.post(BATCHES, body, headers=headers)
        return answer.status_code, answer.json().get("code", "")

    assert [send("x/a.png,20"), send("x/a.png,20")] == [(202, ""), (200, "")]
    assert send("x/a.png,21") == (422, "idempotency_key_other_files")
    assert send("x/a.png,20", path="y/a.png") == (409, "idempotency_key_reused")
    assert (Batch.objects.count(), Micrograph.objects.filter(filename="x/a.png").count()) == (1, 1)


def test_the_same_files_again_give_the_same_scores(client: Client, trained: ModelVersion, token):
    for _ in range(2):
        client.post(BATCHES, {"files": [upload(72, "a.png")], "pixels_per_micrometre": "10"}, headers=token)
    assert Batch.objects.count() == 2
    read_all()
    assert Score.objects.count() == 1


def test_a_score_and_its_map_can_be_read(client: Client, trained: ModelVersion, token):
    client.post(BATCHES, {"files": [upload(73, "a.png")], "pixels_per_micrometre": "10"}, headers=token)
    score_all()
    score = Score.objects.get()
    body = client.get(f"/api/v1/scores/{score.pk}/", headers=token).json()
    assert body["predicted"] == score.predicted
    assert list(body["probabilities"]) == ["ferrite", "pearlite"]
    assert (body["model_version"], body["dataset"]) == (1, "steels")
    picture = client.get(body["saliency"], headers=token | {"accept": "image/png"})
    assert b"".join(picture.streaming_content).startswith(b"\x89PNG")


def test_cancelling_keeps_what_is_done(client: Client, trained: ModelVersion, token, one_by_one):
    files = [upload(74, "a.png"), upload(75, "b.png")]
    batch = client.post(BATCHES, {"files": files, "pixels_per_micrometre": "10"}, headers=token).json()
    read_all()
    score_micrograph(str(Score.objects.order_by("created_at").first().pk))
    body = client.post(f"{BATCHES}{batch['id']}/cancel/", headers=token).json()
    assert (body["state"], body["done"], body["without_verdict"]) == ("cancelled", 1, 1)


def test_a_batch_is_answered_before_its_files_are_read_and_goes_on_when_they_are(
    client: Client, trained: ModelVersion, token, monkeypatch
):
    def reads(*_: object, **__: object) -> None:
        raise AssertionError("a web process reads")

    with monkeypatch.context() as web:
        web.setattr("microdb.micrographs.services.reading.read_isolated", reads)
        files = [upload(77, "a.png"), SimpleUploadedFile("cut.png", drawn_png("ferrite", 78)[:1500])]
        sent = client.post(BATCHES, {"files": files, "pixels_per_micrometre": "10"}, headers=token)
    assert sent.status_code == 202
    body = sent.json()
    assert (body["state"], body["waiting"], body["without_verdict"]) == ("running", 2, 0)
    address = f"{BATCHES}{body['id']}/"
    rows = client.get(f"{address}results/", headers=token).json()
    assert [(row["state"], row["warning"]) for row in rows] == [("reading", "being read")] * 2
    score_all()
    body = client.get(address, headers=token).json()
    assert (body["state"], body["done"], body["without_verdict"]) == ("done", 1, 1)
    rows = client.get(f"{address}results/", headers=token).json()
    assert [row["state"] for row in rows] == ["done", "refused"]
    assert "cut short or damaged" in rows[1]["warning"]


def test_a_batch_whose_worker_died_between_reading_and_scoring_goes_on_with_the_sweep(
    client: Client, trained: ModelVersion, token, monkeypatch
):
    client.post(BATCHES, {"files": [upload(77, "a.png")], "pixels_per_micrometre": "10"}, headers=token)
    with monkeypatch.context() as dead:
        dead.setattr(tasks, "settle_items", lambda items: [])
        read_all()
    assert not Score.objects.exists()
    tasks.sweep()
    assert Score.objects.get().micrograph.filename == "a.png"


def test_the_files_of_a_batch_get_their_scores_with_as_few_queries_as_one_file(
    client: Client, trained: ModelVersion, token, monkeypatch
):
    def queries_for(seeds: list[int]) -> int:
        files = [upload(seed, f"{seed}.png") for seed in seeds]
        client.post(BATCHES, {"files": files, "pixels_per_micrometre": "10"}, headers=token)
        with monkeypatch.context() as dead:
            dead.setattr(tasks, "settle_items", lambda items: [])
            read_all()
        with CaptureQueriesContext(connection) as queries:
            settled = settle_items(BatchItem.objects.all())
        assert {item.score.micrograph.filename for item in settled} == {f"{seed}.png" for seed in seeds}
        return len(queries)

    assert queries_for([80]) == queries_for([81, 82, 83, 84])


def test_cancelling_a_batch_that_is_being_read_scores_nothing(client: Client, trained: ModelVersion, token):
    files = {"files": [upload(77, "a.png")], "pixels_per_micrometre": "10"}
    batch = client.post(BATCHES, files, headers=token).json()
    body = client.post(f"{BATCHES}{batch['id']}/cancel/", headers=token).json()
    assert (body["state"], body["waiting"], body["without_verdict"]) == ("cancelled", 0, 1)
    score_all()
    assert not Score.objects.exists()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"micrographs": []}, "invalid"),
        ({}, "invalid"),
        ({"micrographs": ["x"]}, "invalid"),
    ],
)
def test_a_wrong_request_is_refused(client: Client, trained: ModelVersion, token, body, code):
    answer = client.post(BATCHES, body, content_type="application/json", headers=token)
    assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_a_request_of_too_many_ids_is_refused_with_what_to_do(client: Client, trained: ModelVersion, token):
    body = {"micrographs": [str(uuid.uuid4())] * 100_001}
    answer = client.post(BATCHES, body, content_type="application/json", headers=token)
    assert (answer.status_code, answer.json()["code"]) == (400, "too_many")
    assert "at most 100000 micrographs; this one chooses 100001. Send several requests." in answer.json()["message"]
    assert not Batch.objects.exists()


def test_without_a_trained_version_a_batch_is_refused_in_words(client: Client, drawn, token):
    body = {"micrographs": [str(Micrograph.objects.first().pk)]}
    answer = client.post(BATCHES, body, content_type="application/json", headers=token)
    assert (answer.status_code, answer.json()["code"]) == (400, "no_active_version")


def test_a_manifest_with_an_unknown_column_is_refused_before_anything_is_stored(
    client: Client, trained: ModelVersion, token
):
    manifest = SimpleUploadedFile("m.csv", b"filename,magnification\na.png,500\n")
    answer = client.post(BATCHES, {"files": [upload(76, "a.png")], "manifest": manifest}, headers=token)
    assert (answer.status_code, answer.json()["code"]) == (400, "unknown_column")
    assert not Micrograph.objects.filter(filename="a.png").exists()


def test_scope_and_membership_are_asked_for(client: Client, trained: ModelVersion, owner: User, stranger: User):
    body = {"micrographs": [str(Micrograph.objects.first().pk)]}
    for user, scopes, status in ((owner, ["read", "train"], 403), (stranger, ["read", "score"], 404)):
        headers = {"authorization": "Token " + create_api_token(user=user, scopes=scopes)[1]}
        assert client.post(BATCHES, body, content_type="application/json", headers=headers).status_code == status


def test_the_schema_has_no_warnings(tmp_path):
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(tmp_path / "schema.yml"))


HITACHI = b"[SemImageFile]\r\nPixelSize=100\r\n"


def result_rows(client: Client, token: dict[str, str], body: dict[str, object]) -> tuple[dict, list[dict]]:
    answer = client.post(BATCHES, encoded(body), content_type="multipart/form-data; boundary=XyZ", headers=token)
    assert answer.status_code == 202, answer.content
    batch = answer.json()
    assert client.get(f"{BATCHES}{batch['id']}/", headers=token).json()["manifest"] == batch["manifest"]
    read_all()
    return batch, client.get(f"{BATCHES}{batch['id']}/results/", headers=token).json()


def test_a_sidecar_gives_the_scale_of_the_image_of_its_name_and_folder(client: Client, trained: ModelVersion, token):
    files = [
        *two_folders(["x/", "y/"]),
        SentWithFolders("x/a.TXT", HITACHI),
        SentWithFolders("y/a.png.txt", HITACHI.replace(b"100", b"50")),
        SentWithFolders("z/a.txt", HITACHI),
    ]
    batch, rows = result_rows(client, token, {"files": files})
    assert (batch["total"], batch["manifest"]) == (3, None)
    assert [(row["filename"], row["pixels_per_micrometre"], row["scale_source"]) for row in rows[:2]] == [
        ("x/a.png", 10.0, "sidecar"),
        ("y/a.png", 20.0, "sidecar"),
    ]
    assert rows[0]["scale_note"] == "a.TXT: Hitachi PixelSize = 100 nm"
    assert rows[2]["filename"] == "z/a.txt"
    assert rows[2]["warning"] == "No image of this text file’s name was sent with it."


def test_images_of_one_name_share_their_sidecar(client: Client, trained: ModelVersion, token):
    first, second = two_folders(["x/", "x/"])
    second.path = "x/a.tif"
    _batch, rows = result_rows(client, token, {"files": [first, second, SentWithFolders("x/a.txt", HITACHI)]})
    assert [(row["filename"], row["pixels_per_micrometre"]) for row in rows] == [("x/a.png", 10.0), ("x/a.tif", 10.0)]


def test_a_scale_in_the_manifest_wins_over_a_sidecar(client: Client, trained: ModelVersion, token):
    files = [*two_folders(["x/"]), SentWithFolders("x/a.txt", HITACHI)]
    _batch, rows = result_rows(client, token, {"files": files, "manifest": table("x/a.png,7")})
    assert [(row["pixels_per_micrometre"], row["manifest_line"]) for row in rows] == [(7.0, 2)]


def test_a_sidecar_without_a_scale_is_named_in_the_result(client: Client, trained: ModelVersion, token):
    files = [*two_folders(["x/"]), SentWithFolders("x/a.xml", b"<Data><DimensionDescription/></Data>")]
    _batch, rows = result_rows(client, token, {"files": files})
    assert "This micrograph has no scale" in rows[0]["warning"]
    assert "(Leica) was found, but it is not read" in rows[0]["warning"]


def test_a_file_that_is_stored_without_a_scale_gets_the_one_of_its_sidecar(
    client: Client, trained: ModelVersion, token
):
    first = result_rows(client, token, {"files": two_folders(["x/"])})[1]
    assert first[0]["pixels_per_micrometre"] is None
    files = [*two_folders(["x/"]), SentWithFolders("x/a.txt", HITACHI)]
    assert result_rows(client, token, {"files": files})[1][0]["pixels_per_micrometre"] == 10
    changed = [*two_folders(["x/"]), SentWithFolders("x/a.txt", HITACHI.replace(b"100", b"50"))]
    assert result_rows(client, token, {"files": changed})[1][0]["pixels_per_micrometre"] == 10


def test_a_batch_says_how_its_manifest_was_understood(client: Client, trained: ModelVersion, token):
    text = "filename;pixels_per_micrometre\nx/a.png;10,3\ngone.png;1,5\n"
    manifest = SimpleUploadedFile("scales.csv", text.encode("utf-16"), "text/csv")
    batch, rows = result_rows(client, token, {"files": two_folders(["x/", "other/"])[:1], "manifest": manifest})
    assert batch["manifest"] == {
        "name": "scales.csv",
        "encoding": "utf-16",
        "separator": ";",
        "decimal_comma": True,
        "rows": 2,
        "rows_without_file": 1,
        "files_without_row": 0,
    }
    assert [(row["filename"], row["pixels_per_micrometre"], row["manifest_line"]) for row in rows] == [
        ("x/a.png", 10.3, 2),
        ("gone.png", None, 3),
    ]
    other = two_folders(["x/", "other/"])[1:]
    batch, rows = result_rows(
        client, token, {"files": other, "manifest": table("x/b.png,3"), "pixels_per_micrometre": "8"}
    )
    assert (batch["manifest"]["files_without_row"], rows[0]["manifest_line"]) == (1, None)
