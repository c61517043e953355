"""Reading the log: owners their dataset's, staff the site's; filtered, in pages, as files and over the API."""

import csv
import json
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from microdb.accounts.models import User
from microdb.accounts.services import create_api_token
from microdb.audit_log.lines import LINES
from microdb.audit_log.models import ActorKind, Entry
from microdb.audit_log.verbs import Verb
from microdb.micrographs import services
from microdb.micrographs.models import Dataset, Role

LOG = "/datasets/steels/log/"
START = datetime(2026, 3, 1, 12, tzinfo=UTC)


def entries(dataset: Dataset | None, count: int, **about) -> list[Entry]:
    """Class after class, a minute between them."""
    fields = {"verb": Verb.CLASS_ADDED, "action": 0, "actor_kind": ActorKind.PERSON, "actor_name": "anna"}
    place = {"dataset_id": dataset.pk, "dataset_name": dataset.name} if dataset else {}
    first = Entry.objects.count()
    return Entry.objects.bulk_create(
        Entry(**fields | {"object_repr": f"class {n}", "timestamp": START + timedelta(minutes=n)} | place | about)
        for n in range(first, first + count)
    )


@pytest.fixture
def staff(db) -> Client:
    client = Client()
    client.force_login(User.objects.create_user("staff", is_staff=True))
    return client


@pytest.mark.parametrize(
    ("role", "status"), [("owner", 200), ("curator", 403), ("labeller", 403), ("viewer", 403), (None, 404)]
)
@pytest.mark.parametrize("path", [LOG, "/datasets/steels/log.csv", "/datasets/steels/log.jsonl", "api"])
def test_only_owners_read_the_log_of_a_dataset(dataset, owner, path, role, status) -> None:
    user = User.objects.create_user("ben")
    if role:
        services.set_member(dataset=dataset, user=user, role=Role(role), by=owner)
    client = Client()
    client.force_login(user)

    assert client.get("/api/v1" + LOG if path == "api" else path).status_code == status


def test_owners_read_nothing_of_other_datasets(dataset: Dataset, signed_in: Client, stranger: User) -> None:
    other = services.create_dataset(name="Secret alloy", by=stranger)
    for path in (LOG, "/datasets/steels/log.csv", "/datasets/steels/log.jsonl", "/api/v1/datasets/steels/log/"):
        answer = signed_in.get(path)
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        assert other.name not in content.decode()
        assert "pearlite" in content.decode()


@pytest.mark.parametrize("path", ["/log/", "/log.csv", "/log.jsonl"])
def test_the_log_of_the_site_is_for_staff(dataset: Dataset, signed_in: Client, staff: Client, path: str) -> None:
    assert signed_in.get(path).status_code == 302
    answer = staff.get(path)
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    assert "pearlite" in content.decode()
    assert Client().get(path).status_code == 302


def test_the_api_of_the_site_is_for_staff(owner: User, signed_in: Client, staff: Client) -> None:
    assert signed_in.get("/api/v1/log/").json()["code"] == "permission_denied"
    assert staff.get("/api/v1/log/").json()["results"][0]["sentence"]


def test_filters_choose_who_what_and_when(dataset: Dataset, signed_in: Client) -> None:
    entries(dataset, 3)
    entries(dataset, 1, actor_name="ben", object_repr="of ben")
    entries(dataset, 1, verb=Verb.MEMBER_REMOVED, object_repr="cleo", timestamp=START - timedelta(days=3))

    def shown(query: str) -> str:
        return signed_in.get(f"{LOG}?{query}").content.decode()

    assert "of ben" in shown("who=ben")
    assert "class 1" not in shown("who=ben")
    assert "cleo" in shown("what=member")
    assert "class 1" not in shown("what=member")
    assert "cleo" in shown("until=2026-02-27")
    assert "of ben" not in shown("until=2026-02-27")
    assert "cleo" not in shown("since=2026-02-27")
    assert "Enter a valid date" in shown("since=yesterday")


def test_older_leads_through_all_entries_once(dataset: Dataset, signed_in: Client) -> None:
    entries(dataset, LINES * 2, timestamp=START)  # all of one moment
    seen, address = [], f"{LOG}?who=anna"
    while address:
        context = signed_in.get(address).context
        seen += [line.latest.pk for line in context["page"].lines]
        last = context["page"].last
        address = f"{LOG}?who=anna&before={last.pk}" if last else ""

    assert len(seen) == LINES * 2
    assert seen == sorted(set(seen), reverse=True)


def test_the_files_of_one_upload_are_one_line(dataset: Dataset, signed_in: Client) -> None:
    entries(dataset, 1)
    entries(dataset, 130, verb=Verb.MICROGRAPHS_ADDED, object_repr="a.png")
    entries(dataset, 1)

    lines = signed_in.get(f"{LOG}?who=anna").context["page"].lines

    assert [len(line.entries) for line in lines] == [1, 130, 1]
    assert lines[1].sentence == "anna added 130 micrographs"


@pytest.mark.parametrize("address", ["?before=abc", "?before=99999999999999999999", "?before=0"])
def test_a_page_that_is_not_there_is_answered_404(dataset: Dataset, signed_in: Client, address: str) -> None:
    assert signed_in.get(LOG + address).status_code == 404


def test_a_page_asks_the_same_number_of_queries_for_many_entries(dataset: Dataset, signed_in: Client) -> None:
    counts = []
    for _round in range(2):
        entries(dataset, 100)
        for path in (LOG, "/api/v1/datasets/steels/log/"):
            with CaptureQueriesContext(
                connection,
            ) as queries:
                assert signed_in.get(path).status_code == 200
            counts.append(len(queries))
    assert counts[:2] == counts[2:]
    assert max(counts) <= 10


def test_a_large_log_is_read_by_its_index(dataset: Dataset) -> None:
    entries(None, 3000)
    entries(dataset, 20)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE audit_log_entry")
    plan = Entry.objects.of_dataset(dataset.pk)[:50].explain()
    assert "audit_of_dataset" in plan


def test_the_csv_is_safe_to_open_and_filtered(dataset: Dataset, signed_in: Client) -> None:
    entries(dataset, 1, object_repr="=HYPERLINK(1)")
    entries(dataset, 1, actor_name="ben")

    answer = signed_in.get("/datasets/steels/log.csv?who=anna")
    (row,) = csv.DictReader(StringIO(b"".join(answer.streaming_content).decode()))

    assert row["object"] == "'=HYPERLINK(1)"
    assert row["sentence"] == "anna added the class “=HYPERLINK(1)”"
    assert row["time"].startswith("2026-03-01T")
    assert answer["Content-Disposition"] == 'attachment; filename="steels-log.csv"'
    assert Entry.objects.latest("pk").verb == Verb.LOG_EXPORTED


def test_json_lines_have_the_columns_of_the_api(dataset: Dataset, owner: User, signed_in: Client) -> None:
    answer = signed_in.get("/datasets/steels/log.jsonl?what=member")
    rows = [json.loads(line) for line in b"".join(answer.streaming_content).splitlines()]
    _token, secret = create_api_token(user=owner, scopes=["read"])

    headers = {"authorization": f"Token {secret}"}
    page = Client().get("/api/v1/datasets/steels/log/?kind=member&page_size=1", headers=headers).json()

    assert page["results"] == rows[:1]
    assert rows[0]["changes"] == {"role": [None, "owner"]}
    following = signed_in.get("/api/v1/datasets/steels/log/?page_size=1").json()["next"]
    assert signed_in.get(following).json()["results"][0]["id"] < Entry.objects.latest("pk").pk


def test_the_api_refuses_a_filter_that_it_does_not_know(dataset: Dataset, signed_in: Client) -> None:
    answer = signed_in.get("/api/v1/datasets/steels/log/?who=anna")
    assert (answer.status_code, answer.json()["code"]) == (400, "unknown_filter")
