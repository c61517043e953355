"""The API of quizzes: a draft, its opening, invitations, readers, results; and what an open quiz withholds."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from microdb.accounts.models import User
from microdb.accounts.services import create_api_token
from microdb.micrographs.models import Dataset, Membership, Micrograph, Role
from microdb.quizzes.models import Ballot, Quiz
from microdb.quizzes.services import close_quiz, submit_ballot
from microdb.scoring.models import Score
from microdb.training.models import ModelVersion

DATASET = "/api/v1/datasets/steels/"
Call = Callable[..., Any]


@pytest.fixture(autouse=True)
def media(settings, tmp_path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


def calls(user: User) -> Call:
    """``call(method, path, data)`` with a token of every scope."""
    _token, secret = create_api_token(user=user, scopes=["read", "upload", "score", "quiz", "curate"])
    headers = {"authorization": f"Token {secret}"}

    def call(method: str, path: str, data: Any = None, **more: str) -> Any:
        if method == "get":
            return Client().get(path, headers=headers | more)
        return getattr(Client(), method)(path, data or {}, content_type="application/json", headers=headers | more)

    return call


@pytest.fixture
def call(owner: User) -> Call:
    return calls(owner)


@pytest.fixture
def curator(dataset: Dataset) -> Call:
    """Another curator, who is no organiser of the quiz."""
    user = User.objects.create_user("curator")
    Membership.objects.create(dataset=dataset, user=user, role=Role.CURATOR)
    return calls(user)


def quiz_path(quiz: Quiz, path: str = "") -> str:
    return f"/api/v1/quizzes/{quiz.slug}/{path}"


def test_a_quiz_is_drafted_declared_and_opened(call, version: ModelVersion, held_out, score):
    candidates = call("get", f"{DATASET}quizzes/candidates/").json()["results"]
    assert [one["leaks"] for one in candidates] == [False] * 7
    asked = {
        "title": "By script",
        "micrographs": [one["micrograph"] for one in candidates[:5]],
        "primary_endpoint": {"model_version": 1, "panel": "expert", "margin_points": 5},
        "instructions": "Look closely.",
    }
    drafted = call("post", f"{DATASET}quizzes/", asked)
    assert drafted.status_code == 201
    told = drafted.json()
    assert (told["state"], told["competitors"], told["instructions"]) == ("draft", [1], "Look closely.")
    assert told["primary_endpoint"] == {"model_version": 1, "panel": "expert", "margin": 0.05}
    assert [one["filename"] for one in told["asked"]] == [one["filename"] for one in candidates[:5]]
    assert (told["draft"]["answered"], told["draft"]["wanted"]) == (0, 5)

    address = f"/api/v1/quizzes/{told['slug']}/"
    waiting = call("post", f"{address}open/")
    assert (waiting.status_code, waiting.json()["draft"]["waiting"]) == (202, True)
    Score.objects.all().delete()
    for micrograph in held_out:
        score(version, micrograph, micrograph.label)
    opened = call("post", f"{address}open/")
    assert (opened.status_code, opened.json()["state"], opened.json()["draft"]) == (200, "open", None)
    assert call("patch", address, {"title": "Other"}).json()["code"] == "quiz_opened"
    assert call("delete", address).json()["code"] == "quiz_opened"
    closed = call("post", f"{address}close/").json()
    assert closed["state"] == "closed"
    assert call("post", f"{address}reopen/", {"reason": "one class was ill"}).json()["state"] == "open"
    record = call("get", f"{address}record/").json()
    assert (record["intact"], [one["kind"] for one in record["events"]]) == (True, ["opened", "closed", "reopened"])


def test_questions_are_drawn_evenly_and_the_same_again(call, version):
    asked = {"title": "Drawn", "per_class": 2, "seed": 4}
    first, second = (call("post", f"{DATASET}quizzes/", asked).json()["asked"] for _number in range(2))
    assert sorted(one["truth"] for one in first) == ["ferrite", "ferrite", "none-of-these", "pearlite", "pearlite"]
    assert first == second


def test_a_change_of_one_field_keeps_the_rest_of_a_draft(call, draft: Quiz):
    before = call("get", quiz_path(draft)).json()
    changed = call("patch", quiz_path(draft), {"title": "Renamed", "shuffled": False}).json()
    different = {name for name in before if before[name] != changed[name]}
    assert different == {"title", "shuffled"}
    declared = call("patch", quiz_path(draft), {"primary_endpoint": {"model_version": 1}}).json()
    assert declared["primary_endpoint"]["panel"] == "expert"
    assert call("patch", quiz_path(draft), {"primary_endpoint": None}).json()["primary_endpoint"] is None
    assert call("delete", quiz_path(draft)).status_code == 204
    assert call("get", quiz_path(draft)).status_code == 404


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({}, "no_questions"),
        ({"micrographs": ["00000000-0000-0000-0000-000000000000"]}, "bad_question"),
        ({"per_class": 1, "competitors": [7]}, "no_such_version"),
        ({"per_class": 1, "shufled": True}, "invalid"),
    ],
)
def test_an_impossible_draft_is_refused(call, version, asked, code):
    answer = call("post", f"{DATASET}quizzes/", {"title": "No", **asked})
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert not Quiz.objects.exists()


def test_an_open_quiz_tells_its_truths_to_its_organisers_alone(call, curator, quiz: Quiz, draft: Quiz, owner, ballot):
    Quiz.objects.update(created_by=owner)
    assert len(call("get", quiz_path(quiz)).json()["asked"]) == 7
    assert curator("get", quiz_path(quiz)).json()["asked"] is None
    for path in ("results/answers/", "results/document/", "results/imrmc/", "results/pdf/", "record/document/"):
        assert curator("get", quiz_path(quiz, path)).status_code == 404, path
        assert call("get", quiz_path(quiz, path)).status_code == 200, path
    assert curator("get", quiz_path(quiz, "exhibits/questions/")).status_code == 404
    assert curator("get", f"{DATASET}quizzes/candidates/").json()["count"] == 0
    words = ("telltale", str(ballot.key))
    for path in ("", "results/", "exhibits/", "record/", "readers/"):
        text = curator("get", quiz_path(quiz, path)).content.decode()
        assert not [word for word in words if word in text], path


def test_a_draft_with_questions_of_another_open_quiz_is_not_told_or_changed(call, curator, quiz: Quiz, owner):
    Quiz.objects.update(created_by=owner)
    copy = call("post", quiz_path(quiz, "copy/")).json()
    address = f"/api/v1/quizzes/{copy['slug']}/"
    shown = curator("get", address)
    assert (shown.json()["asked"], shown.json()["draft"]["warnings"]) == (None, [])
    assert "telltale" not in shown.content.decode()
    assert curator("patch", address, {"title": "Mine"}).json()["code"] == "withheld"


def test_truths_are_signed(call, draft: Quiz):
    assert call("post", quiz_path(draft, "sign/")).json()["draft"]["signed_by"] == ["owner"]


def test_links_are_made_listed_and_deleted(call, draft: Quiz):
    made = call("post", quiz_path(draft, "invitations/"), {"count": 2, "panel": "expert", "note": "Aachen"})
    assert (made.status_code, len(made.json())) == (201, 2)
    listed = call("get", quiz_path(draft, "invitations/")).json()["results"]
    assert [(one["panel"], one["note"], one["readers"]) for one in listed] == [("expert", "Aachen", 0)] * 2
    assert listed[0]["link"].startswith(f"http://testserver/quiz/{draft.slug}/invited/")
    assert call("delete", quiz_path(draft, f"invitations/{listed[0]['id']}/")).status_code == 204
    assert call("get", quiz_path(draft, "invitations/")).json()["count"] == 1


def test_readers_are_listed_and_a_repeat_is_counted(call, quiz: Quiz, ballot: Ballot, answer_all):
    answer_all(ballot)
    submit_ballot(ballot=ballot)
    again = Ballot.objects.get(pk=ballot.pk)
    again.pk, again.key, again.repeat_of = None, "00000000-0000-0000-0000-00000000000a", ballot
    again.save()
    rows = call("get", quiz_path(quiz, "readers/")).json()["results"]
    assert [(row["nickname"], row["answered"], row["counts"]) for row in rows] == [("Ada", 7, True), ("Ada", 0, False)]
    decided = call("post", quiz_path(quiz, f"readers/{again.pk}/overrule/"), {"counts": True, "reason": "two people"})
    assert (decided.status_code, decided.json()["counted_anyway"]) == (200, True)
    assert (
        call("post", quiz_path(quiz, f"readers/{ballot.pk}/overrule/"), {"counts": True, "reason": "x y"}).json()[
            "code"
        ]
        == "no_repeat"
    )


def test_an_exhibit_is_json_or_csv(call, quiz: Quiz, ballot: Ballot, answer_all):
    answer_all(ballot)
    submit_ballot(ballot=ballot)
    close_quiz(quiz=quiz)
    names = [one["name"] for one in call("get", quiz_path(quiz, "exhibits/")).json()]
    assert {"accuracy", "questions"} <= set(names)
    table = call("get", quiz_path(quiz, "exhibits/accuracy/")).json()
    lines = b"".join(call("get", quiz_path(quiz, "exhibits/accuracy/"), accept="text/csv").streaming_content).decode()
    assert len(lines.strip().splitlines()) == len(table["rows"]) + 1
    assert len(table["columns"]) == len(table["rows"][0])
    assert call("get", quiz_path(quiz, "exhibits/nothing/")).status_code == 404
    answers = b"".join(call("get", quiz_path(quiz, "results/answers/")).streaming_content).decode()
    assert "Ada" not in answers
    assert "Ada" in b"".join(call("get", quiz_path(quiz, "results/answers/?names=true")).streaming_content).decode()
    assert json.loads(call("get", quiz_path(quiz, "results/document/")).content)["answers"]
    assert call("get", quiz_path(quiz, "results/answers/?names=yes")).json()["code"] == "bad_filter"


def test_two_quizzes_are_compared(call, quiz: Quiz, owner: User):
    copy = call("post", quiz_path(quiz, "copy/")).json()
    Quiz.objects.update(created_by=owner)
    call("post", f"/api/v1/quizzes/{copy['slug']}/open/")
    compared = call("get", quiz_path(quiz, f"compare/?with={copy['slug']}")).json()
    assert compared["same_questions"] == 7
    assert [line["label"] for line in compared["lines"] if line["first"] and line["second"]]
    assert call("get", quiz_path(quiz, "compare/?with=nothing")).status_code == 404


def test_the_power_of_a_quiz_is_told(call, dataset):
    told = call("get", f"{DATASET}quizzes/power/?questions=100").json()
    assert 0 < told["difference"] < 0.3
    assert call("get", f"{DATASET}quizzes/power/?questions=0").status_code == 400


def test_quizzes_are_listed_by_dataset(call, quiz: Quiz):
    assert call("get", "/api/v1/quizzes/?dataset=steels").json()["count"] == 1
    assert call("get", "/api/v1/quizzes/?dataset=irons").json()["count"] == 0


def test_organising_needs_the_scope_curate(draft: Quiz, owner: User):
    _token, secret = create_api_token(user=owner, scopes=["read", "upload", "quiz"])
    answer = Client().post(quiz_path(draft, "open/"), headers={"authorization": f"Token {secret}"})
    assert (answer.status_code, answer.json()["code"]) == (403, "missing_scope")
    assert Micrograph.objects.exists()
