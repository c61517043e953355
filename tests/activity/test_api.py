"""``/api/v1/jobs/``."""

from typing import Any

import pytest
from django.test import Client

from microdb.accounts.models import User
from microdb.accounts.services import create_api_token
from microdb.audit_log.models import Entry
from microdb.audit_log.verbs import Verb
from microdb.micrographs.models import Dataset, Micrograph
from microdb.scoring.models import Score
from microdb.training.models import ModelVersion
from tests.activity.conftest import MakeVersion, batch, micrograph, reading, scores

pytestmark = pytest.mark.django_db
JOBS = "/api/v1/jobs/"


class Api:
    def __init__(self, user: User, *scopes: str) -> None:
        token = create_api_token(user=user, scopes=["read", *scopes])[1]
        self._client = Client(headers={"authorization": f"Token {token}"})

    def get(self, path: str = JOBS, **headers: str) -> Any:
        return self._client.get(path, headers=headers)

    def post(self, job: str, verb: str, **headers: str) -> Any:
        return self._client.post(f"{JOBS}{job}/{verb}/", headers=headers)


@pytest.fixture
def api(owner: User) -> Api:
    return Api(owner, "train", "score", "upload")


def test_the_list_is_filtered_by_kind_state_and_dataset(api: Api, version: MakeVersion) -> None:
    done, queued = version("done"), version()
    scores(done, 1)
    whole = {one["id"] for one in api.get().json()["results"]}
    assert whole == {f"training-{done.pk}", f"training-{queued.pk}", f"score-{done.dataset_id}"}
    of_kind = api.get(f"{JOBS}?kind=training&state=queued").json()["results"]
    assert [one["id"] for one in of_kind] == [f"training-{queued.pk}"]
    assert len(api.get(f"{JOBS}?dataset=steels").json()["results"]) == 3
    assert api.get(f"{JOBS}?dataset=others").status_code == 404


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("kind=nothing", "bad_filter"),
        ("state=asleep", "bad_filter"),
        ("page_size=0", "bad_page_size"),
        ("cursor=xyz", "bad_cursor"),
        ("cursor=eA==", "bad_cursor"),
        ("typo=1", "unknown_filter"),
    ],
)
def test_a_wrong_filter_is_refused(api: Api, query: str, code: str) -> None:
    answer = api.get(f"{JOBS}?{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_pages_are_followed_by_next(api: Api, version: MakeVersion) -> None:
    made = [version("failed").pk for _number in range(5)]
    found, address = [], f"{JOBS}?page_size=2"
    while address:
        page = api.get(address).json()
        found += [one["id"] for one in page["results"]]
        address = page["next"]
    assert found == [f"training-{pk}" for pk in reversed(made)]


def test_what_has_not_changed_is_answered_with_304(api: Api, version: MakeVersion) -> None:
    made = version("running", progress=0.5)
    for path in (JOBS, f"{JOBS}training-{made.pk}/"):
        first = api.get(path)
        again = api.get(path, **{"if-none-match": first["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
    ModelVersion.objects.update(progress=0.6)
    assert api.get(path, **{"if-none-match": first["ETag"]}).json()["progress"] == 0.6


def test_a_training_is_cancelled_and_the_log_says_so(api: Api, version: MakeVersion) -> None:
    made = version()
    answer = api.post(f"training-{made.pk}", "cancel")
    assert (answer.status_code, answer.json()["state"]) == (200, "cancelled")
    assert Entry.objects.filter(verb=Verb.TRAINING_CANCELLED).count() == 1
    again = api.post(f"training-{made.pk}", "cancel")
    assert (again.status_code, again.json()["code"]) == (400, "not_cancellable")


def test_the_scores_of_a_dataset_are_cancelled_together(api: Api, version: MakeVersion) -> None:
    done = version("done")
    own, of_batch = scores(done, 2), scores(done, 1)
    batch(done, *of_batch)
    answer = api.post(f"score-{done.dataset_id}", "cancel").json()
    assert (answer["state"], answer["waiting"]) == ("cancelled", 0)
    assert Score.objects.filter(state="cancelled").count() == len(own)
    assert Entry.objects.get(verb=Verb.SCORE_CANCELLED).number == 2


def test_failed_scores_are_queued_again(api: Api, version: MakeVersion) -> None:
    done = version("done")
    scores(done, 2, state="failed", error="broken", error_id="abc", deliveries=4)
    answer = api.post(f"score-{done.dataset_id}", "retry")
    assert (answer.status_code, answer.json()["waiting"], answer.json()["failed"]) == (202, 2, 0)
    assert set(Score.objects.values_list("state", "error", "deliveries")) == {("queued", "", 0)}
    assert Entry.objects.filter(verb=Verb.SCORES_RETRIED).count() == 1


def test_files_whose_reading_failed_through_us_are_read_again(api: Api, dataset: Dataset) -> None:
    ours = reading(dataset, state="failed", error="oops", error_id="abc", finished_at="2099-01-01T00:00Z")
    theirs = reading(dataset, state="failed", error="no image", finished_at="2099-01-01T00:00Z")
    Micrograph.objects.filter(pk=theirs.pk).update(master="")
    answer = api.post(f"reading-{dataset.pk}", "retry")
    assert (answer.status_code, answer.json()["waiting"], answer.json()["failed"]) == (202, 1, 1)
    states = dict(Micrograph.objects.values_list("pk", "state"))
    assert (states[ours.pk], states[theirs.pk]) == ("reading", "refused")


def test_a_batch_is_cancelled_and_tried_again(api: Api, version: MakeVersion) -> None:
    done = version("done")
    running = batch(done, *scores(done, 2))
    assert api.post(f"batch-{running.pk}", "cancel").json()["state"] == "cancelled"
    ended = batch(done, *scores(done, 1, state="failed"), announced_at="2026-01-01T00:00Z")
    ended.counts = {"total": 1, "done": 0, "without_verdict": 1}
    ended.save()
    assert api.post(f"batch-{ended.pk}", "retry").json()["state"] in ("queued", "running")


def test_a_failed_training_is_started_again_as_another_version(api: Api, version: MakeVersion) -> None:
    made = version("failed", seed=7, config={"steps": 9})
    dataset = made.dataset
    for number, label in enumerate(["ferrite", "pearlite"] * 4):
        micrograph(
            dataset,
            f"train-{number}.png",
            material_class=dataset.material_classes.get(name=label),
            split="train",
            specimen=f"S{number}",
        )
    answer = api.post(f"training-{made.pk}", "retry", **{"idempotency-key": "once"})
    assert (answer.status_code, answer.json()["state"]) == (202, "queued"), answer.content
    again = ModelVersion.objects.get(number=2)
    assert (answer.json()["id"], again.seed, again.config) == (f"training-{again.pk}", 7, {"steps": 9})
    repeated = api.post(f"training-{made.pk}", "retry", **{"idempotency-key": "once"})
    assert (repeated.status_code, repeated.json()["id"]) == (200, f"training-{again.pk}")


def test_roles_and_scopes_are_asked_for(viewer: User, stranger: User, owner: User, version: MakeVersion) -> None:
    made = version()
    job = f"training-{made.pk}"
    assert Api(viewer, "train").get(f"{JOBS}{job}/").json()["can_be_cancelled"] is False
    assert Api(viewer, "train").post(job, "cancel").status_code == 403
    assert Api(stranger, "train").post(job, "cancel").status_code == 404
    assert Api(owner, "score").post(job, "cancel").json()["code"] == "missing_scope"


def test_a_reading_can_not_be_cancelled(api: Api, dataset: Dataset) -> None:
    reading(dataset)
    answer = api.post(f"reading-{dataset.pk}", "cancel")
    assert (answer.status_code, answer.json()["code"]) == (400, "not_cancellable")
