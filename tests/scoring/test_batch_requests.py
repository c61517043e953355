"""Requests to the batch API that are wrong, broken off, repeated or not allowed."""

import io
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from microdb.accounts.models import User
from microdb.accounts.services import create_api_token
from microdb.micrographs.models import Membership, Micrograph, Role
from microdb.scoring.models import Batch
from tests.scoring.batch_api import BATCHES, JSON, Api, image


def test_two_files_of_one_path_in_one_request_are_refused_before_anything_is_stored(api: Api):
    batch = api.opened()
    files = [SimpleUploadedFile("a.png", image(seed)) for seed in (80, 81)]
    refusal = api.post(f"{batch}files/", {"files": files}, status=400)
    assert refusal["code"] == "same_path"
    assert not Micrograph.objects.filter(scored_only=True).exists()


def test_a_wrong_manifest_leaves_no_batch(api: Api):
    manifest = SimpleUploadedFile("m.csv", b"filename,magnification\na.png,500\n", "text/csv")
    assert api.post(body={"start": "false", "manifest": manifest}, status=400)["code"] == "unknown_column"
    assert not Batch.objects.exists()


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
    assert api.send(api.opened(), {"a.png": image(80)}, status=413)["code"] == "too_large"
    answer = api.client.post(BATCHES, b"[" + b" " * 9 * 2**20 + b"]", content_type=JSON, headers=api.token)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_a_body_that_was_cut_off_makes_nothing(api: Api):
    head = b'--XyZ\r\nContent-Disposition: form-data; name="files"; filename="a.png"\r\n\r\n'
    for body, kind in ((head + image(80)[:200], "multipart/form-data; boundary=XyZ"), (b'{"start": fal', JSON)):
        broken = {"CONTENT_TYPE": kind, "CONTENT_LENGTH": str(len(body) + 5000), "wsgi.input": io.BytesIO(body)}
        answer = api.client.generic("POST", BATCHES, b"", headers=api.token, **broken)
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
