"""Every route, method and role in one table: what is answered, and that nothing is told to those who may not see."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from microdb.micrographs.models import Micrograph

ROLES = ("anonymous", "stranger", "viewer", "labeller", "curator", "owner")
SECRET = "secret-specimen"

TABLE = [
    # route, method, body, the answer to each of ROLES
    ("datasets/", "get", None, (401, 200, 200, 200, 200, 200)),
    ("datasets/", "post", {"name": "Own"}, (401, 201, 201, 201, 201, 201)),
    ("datasets/steels/", "get", None, (401, 404, 200, 200, 200, 200)),
    ("datasets/steels/", "patch", {"name": "Renamed"}, (401, 404, 403, 403, 200, 200)),
    ("datasets/steels/", "delete", None, (401, 404, 403, 403, 403, 204)),
    ("datasets/steels/", "put", {"name": "Renamed"}, (401, 405, 405, 405, 405, 405)),
    ("datasets/steels/classes/", "get", None, (401, 404, 200, 200, 200, 200)),
    ("datasets/steels/classes/", "post", {"name": "martensite"}, (401, 404, 403, 403, 201, 201)),
    ("datasets/steels/micrographs/", "get", None, (401, 404, 200, 200, 200, 200)),
    ("datasets/steels/micrographs/", "post", "file", (401, 404, 403, 403, 201, 201)),
    ("datasets/steels/micrographs/{pk}/", "get", None, (401, 404, 200, 200, 200, 200)),
    ("datasets/steels/micrographs/{pk}/", "patch", {"label": "pearlite"}, (401, 404, 403, 200, 200, 200)),
    ("datasets/steels/micrographs/{pk}/", "patch", {"pixels_per_micrometre": 2}, (401, 404, 403, 200, 200, 200)),
    ("datasets/steels/micrographs/{pk}/", "patch", {"split": "quiz"}, (401, 404, 403, 403, 200, 200)),
    ("datasets/steels/micrographs/{pk}/", "patch", {"label": "", "split": "quiz"}, (401, 404, 403, 403, 200, 200)),
    ("datasets/steels/micrographs/{pk}/", "delete", None, (401, 404, 403, 403, 204, 204)),
    ("datasets/steels/specimens/", "get", None, (401, 404, 200, 200, 200, 200)),
    ("datasets/steels/specimens/", "post", {"name": "S1"}, (401, 405, 405, 405, 405, 405)),
    ("datasets/steels/specimens/secret-specimen/", "get", None, (401, 404, 200, 200, 200, 200)),
    ("datasets/steels/specimens/secret-specimen/", "patch", {"notes": "n"}, (401, 404, 403, 200, 200, 200)),
    ("datasets/steels/specimens/secret-specimen/", "patch", {"name": "S1"}, (401, 404, 403, 403, 200, 200)),
    ("datasets/steels/specimens/secret-specimen/", "delete", None, (401, 405, 405, 405, 405, 405)),
    ("micrographs/{pk}/image/", "get", None, (401, 404, 200, 200, 200, 200)),
    ("micrographs/{pk}/thumbnail/", "get", None, (401, 404, 200, 200, 200, 200)),
    ("micrographs/{pk}/master/", "get", None, (401, 404, 200, 200, 200, 200)),
    ("micrographs/{pk}/master/", "post", {}, (401, 405, 405, 405, 405, 405)),
]
CASES = [
    pytest.param(*request, role, status, id=f"{role} {request[1]} {request[0]} {number}")
    for number, (*request, statuses) in enumerate(TABLE)
    for role, status in zip(ROLES, statuses, strict=True)
]


def send(client: Client, route: str, method: str, body: dict | str | None, micrograph: Micrograph, png):
    address = "/api/v1/" + route.format(pk=micrograph.pk)
    if body == "file":
        return client.post(address, {"file": SimpleUploadedFile("new.png", png(77))})
    return getattr(client, method)(address, body, content_type="application/json")


@pytest.mark.parametrize(("route", "method", "body", "role", "status"), CASES)
def test_each_role_may_do_what_the_table_says(people, token, add, png, route, method, body, role, status):
    micrograph = add(0, specimen=SECRET)
    client = Client(headers=token(people[role]) if role in people else None)
    answer = send(client, route, method, body, micrograph, png)
    assert answer.status_code == status
    if status in (401, 403, 404):
        assert set(answer.json()) == {"code", "message"}
    if role in ("anonymous", "stranger"):
        assert SECRET.encode() not in answer.getvalue()
        assert b"0.png" not in answer.getvalue()


@pytest.mark.parametrize(
    ("route", "method", "body"), [request[:3] for request in TABLE if request[1] in ("patch", "delete", "post")]
)
def test_a_token_that_may_only_read_changes_nothing(people, token, add, png, route, method, body):
    micrograph = add(0)
    answer = send(Client(headers=token(people["owner"], "read")), route, method, body, micrograph, png)
    assert answer.status_code in (403, 405)
    micrograph.refresh_from_db()
    assert (micrograph.trashed_at, micrograph.label, micrograph.split) == (None, "", "")


def test_a_token_that_may_only_upload_reads_nothing(people, token, add):
    add(0)
    answer = Client(headers=token(people["owner"], "upload")).get("/api/v1/datasets/steels/micrographs/")
    assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")


def test_a_superuser_sees_every_dataset(dataset, admin_client):
    assert admin_client.get("/api/v1/datasets/steels/").status_code == 200


def test_a_signed_in_browser_needs_its_csrf_token_to_change_something(dataset, owner):
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner)
    assert client.get("/api/v1/datasets/steels/").status_code == 200
    assert client.delete("/api/v1/datasets/steels/").status_code == 403
