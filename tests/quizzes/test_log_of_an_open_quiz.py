"""The audit log names no question of an open quiz to an owner or to staff who may still sit it."""

import json

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from microdb.accounts.models import User
from microdb.audit_log.masking import HIDDEN
from microdb.audit_log.models import Entry
from microdb.audit_log.recording import record
from microdb.audit_log.verbs import Verb
from microdb.micrographs import services
from microdb.micrographs.models import Dataset, Micrograph, NearDuplicate
from microdb.micrographs.services.near_duplicates import dismiss_near_duplicate
from microdb.quizzes.models import Quiz
from microdb.quizzes.services import close_quiz

OF_OWNERS = [
    "/datasets/steels/log/",
    "/datasets/steels/log.csv",
    "/datasets/steels/log.jsonl",
    "/api/v1/datasets/steels/log/?page_size=200",
]
OF_STAFF = ["/log/", "/log.csv", "/log.jsonl", "/api/v1/log/?page_size=200"]


@pytest.fixture
def logged(quiz: Quiz, held_out: list[Micrograph], dataset: Dataset, owner: User) -> set[str]:
    """Words that tell of questions, each in an entry of another kind."""
    one, two, three = held_out[:3]
    record(Verb.MICROGRAPHS_ADDED, dataset=dataset, keys=[one.pk], name=one.filename)
    record(Verb.MICROGRAPHS_CHANGED, dataset=dataset, keys=[m.pk for m in held_out], fields=["label"])
    services.set_specimen(micrographs=[one], specimen="slow-cooled 7", by=owner)
    services.update_specimens(dataset=dataset, records={"slow-cooled 7": {"heat_number": "H-77"}}, by=owner)
    pair = NearDuplicate.objects.create(first=two, second=dataset.micrographs.first(), kind="near", differing_bits=3)
    dismiss_near_duplicate(pair=pair, by=owner)
    record(Verb.SCORE_REQUESTED, dataset=dataset, about=quiz, name=three.filename)
    return {one.filename, two.filename, three.filename, str(one.pk), str(two.pk), "slow-cooled 7", "H-77"}


@pytest.fixture
def shown(dataset: Dataset, owner: User) -> str:
    """The name of a micrograph that nobody asks."""
    record(Verb.MICROGRAPHS_ADDED, dataset=dataset, keys=[owner.pk], name="of nobody’s quiz.tif")
    return "of nobody’s quiz.tif"


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def told(answer) -> str:
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    text = body.decode()
    assert answer.status_code == 200
    return json.dumps(json.loads(text), ensure_ascii=False) if answer["Content-Type"] == "application/json" else text


@pytest.mark.parametrize("path", OF_OWNERS + OF_STAFF)
def test_names_and_keys_are_hidden_until_the_quiz_closes(path, logged, shown, quiz, member, dataset):
    reader = member("owner") if path in OF_OWNERS else User.objects.create_user("a-staff", is_staff=True)
    text = told(client_of(reader).get(path))
    assert {word for word in logged if word in text} == set()
    assert str(HIDDEN) in text
    assert shown in text, "what no quiz hides stays readable"
    close_quiz(quiz=quiz)
    text = told(client_of(reader).get(path))
    assert [word for word in logged if "telltale" in word and word not in text] == []
    assert str(HIDDEN) not in text


def test_an_organiser_reads_all_of_it(logged, quiz, owner: User):
    text = told(client_of(owner).get(OF_OWNERS[1]))
    assert logged - {word for word in logged if word in text} == set()


def test_who_when_and_what_stay_readable(logged, quiz, member, held_out):
    rows = client_of(member("owner")).get(OF_OWNERS[3]).json()["results"]
    (bulk,) = [row for row in rows if row["verb"] == "micrograph.changed" and row["number"] == len(held_out)]
    assert bulk["sentence"].endswith(f"changed the label of {len(held_out)} micrographs")
    (download,) = [row for row in rows if row["verb"] == "micrograph.added" and row["object"] == str(HIDDEN)]
    assert download["sentence"].endswith(f"added {HIDDEN}")
    assert (download["object_id"], download["changes"]) == ("", {})
    assert download["time"]
    specimens = [row["sentence"].partition(" ")[2] for row in rows if row["verb"] == "specimen.changed"]
    assert f"changed the records of specimens: {HIDDEN} (1)" in " ".join(specimens)


def test_the_stored_entries_are_untouched(logged, quiz, member):
    before = list(Entry.objects.order_by("pk").values())
    told(client_of(member("owner")).get(OF_OWNERS[0]))
    assert list(Entry.objects.order_by("pk").values())[: len(before)] == before


def test_a_page_takes_the_same_queries_for_many_hidden_entries(logged, quiz, member, dataset, held_out):
    client, counts = client_of(member("owner")), []
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            told(client.get(OF_OWNERS[0]))
        counts.append(len(queries))
        for one in held_out:
            for _number in range(10):
                record(Verb.MASTER_DOWNLOADED, dataset=dataset, keys=[one.pk], name=one.filename)
    assert counts[0] == counts[1]


def test_a_specimen_that_is_in_no_question_stays_readable(logged, quiz, member, dataset, owner: User):
    services.update_specimens(dataset=dataset, records={"quenched 3": {"heat_number": "H-33"}}, by=owner)
    text = told(client_of(member("owner")).get(OF_OWNERS[2]))
    assert "quenched 3" in text
