"""Datasets, classes and micrographs over ``/api/v1/``."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from microdb.micrographs import services
from microdb.micrographs.models import Micrograph

BASE = "/api/v1/datasets/steels/"
FIELDS = [
    "id", "filename", "label", "unsure", "pixels_per_micrometre", "scale_source", "scale_note", "specimen", "modality",
    "split", "state", "refusal", "width", "height", "bit_depth", "sha256", "image", "thumbnail", "data_bar_top",
    "masked", "micron_bar", "acquisition",
]  # fmt: skip


@pytest.fixture
def client(owner, token) -> Client:
    return Client(headers=token(owner))


def upload(client: Client, content: bytes, name: str = "a.png", **given):
    return client.post(BASE + "micrographs/", {"file": SimpleUploadedFile(name, content), **given})


def patch(client: Client, address: str, **given):
    return client.patch(address, given, content_type="application/json")


def test_a_dataset_is_made_read_changed_and_trashed(client, owner):
    made = client.post("/api/v1/datasets/", {"name": "New alloy", "class_names": ["a", "b"]}, "application/json")
    assert made.status_code == 201
    assert made.json()["slug"] == "new-alloy"
    address = "/api/v1/datasets/new-alloy/"
    assert patch(client, address, description="cast").json()["description"] == "cast"
    assert client.get(address).json()["name"] == "New alloy"
    classes = client.get(address + "classes/").json()["results"]
    assert [(one["name"], one["position"]) for one in classes] == [("a", 0), ("b", 1)]
    assert client.delete(address).status_code == 204
    assert client.get(address).status_code == 404


def test_a_class_is_added_after_the_others(client, dataset):
    answer = client.post(BASE + "classes/", {"name": "martensite"}, "application/json")
    assert (answer.status_code, answer.json()["position"]) == (201, 2)
    again = client.post(BASE + "classes/", {"name": "martensite"}, "application/json")
    assert (again.status_code, again.json()["code"]) == (400, "duplicate_class")


def test_an_upload_is_stored_with_what_is_known_of_it(client, dataset, png, media, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as callbacks:
        answer = upload(
            client, png(), pixels_per_micrometre="2.5", label="ferrite", specimen="S1", modality="SEM", split="train"
        )
    assert answer.status_code == 201
    assert ["read_micrograph" in repr(one) for one in callbacks].count(True) == 1  # the message to the worker
    sent = answer.json()
    assert list(sent) == FIELDS
    assert (sent["label"], sent["pixels_per_micrometre"], sent["scale_source"]) == ("ferrite", 2.5, "by_hand")
    assert (sent["state"], sent["image"], sent["width"], sent["height"]) == ("reading", None, 64, 48)
    assert Micrograph.objects.get(pk=sent["id"]).uploaded_by.username == "owner"


@pytest.mark.parametrize(
    ("content", "given", "code"),
    [
        (b"", {}, "empty"),
        (b"words", {}, "not_an_image"),
        (b"GIF89a", {}, "unsupported_format"),
        (None, {"label": "granite"}, "unknown_class"),
        (None, {"pixels_per_micrometre": "0"}, "bad_scale"),
        (None, {"pixels_per_micrometre": "inf"}, "invalid"),
        (None, {"pixels_per_micrometre": "wide"}, "invalid"),
        (None, {"split": "test"}, "unknown_split"),
    ],
)
def test_a_bad_upload_hears_why(client, dataset, png, media, content, given, code):
    answer = upload(client, png() if content is None else content, **given)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert answer.json()["message"]
    assert not Micrograph.objects.exists()


def test_an_upload_without_a_file_hears_so(client, dataset):
    answer = client.post(BASE + "micrographs/", {"label": "ferrite"})
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["file"])


def test_a_duplicate_is_a_conflict_that_names_the_other(client, dataset, png, media):
    upload(client, png(), "first.png")
    answer = upload(client, png(), "second.png")
    assert (answer.status_code, answer.json()["code"]) == (409, "duplicate")
    assert "first.png" in answer.json()["message"]


@pytest.fixture
def several(add):
    """Five micrographs that differ in all that can be filtered."""
    add(0, label="ferrite", pixels_per_micrometre=2, split="train", specimen="S1", modality="SEM")
    add(1, label="none-of-these", pixels_per_micrometre=3, split="quiz", specimen="S2", scale_source="sidecar")
    add(2, label="pearlite")
    add(3, filename="other.tif")
    services.trash_micrographs(micrographs=[add(4)], by=None)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", "0.png 1.png 2.png other.tif"),
        ("label=ferrite", "0.png"),
        ("label=none-of-these", "1.png"),
        ("labelled=false", "other.tif"),
        ("labelled=true", "0.png 1.png 2.png"),
        ("has_scale=true", "0.png 1.png"),
        ("has_scale=false", "2.png other.tif"),
        ("scale_source=sidecar", "1.png"),
        ("split=train", "0.png"),
        ("split=neither", "2.png other.tif"),
        ("specimen=S2", "1.png"),
        ("modality=SEM", "0.png"),
        ("state=ready", "0.png 1.png"),
        ("state=needs_scale", "2.png other.tif"),
        ("state=reading", ""),
        ("filename=OTHER", "other.tif"),
        ("split=train&label=pearlite", ""),
    ],
)
def test_the_list_is_filtered(client, several, query, found):
    results = client.get(f"{BASE}micrographs/?{query}").json()["results"]
    assert [one["filename"] for one in results] == found.split()


@pytest.mark.parametrize(
    "query",
    [
        "label__dataset__created_by__password__startswith=p",
        "dataset__created_by__password__startswith=p",
        "uploaded_by__password__regex=.",
        "material_class__dataset__memberships__user__api_tokens__digest__startswith=a",
        "sha256__startswith=a",
        "pk=1",
        "lable=ferrite",
    ],
)
@pytest.mark.parametrize("path", ["datasets/", "datasets/steels/classes/", "datasets/steels/micrographs/"])
def test_a_filter_that_is_not_declared_is_refused(client, several, path, query):
    answer = client.get(f"/api/v1/{path}?{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, "unknown_filter")


@pytest.mark.parametrize("query", ["state=asleep", "has_scale=perhaps", "kilovolts=high", "split=exam"])
def test_a_filter_with_an_impossible_value_is_refused(client, several, query):
    answer = client.get(f"{BASE}micrographs/?{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


@pytest.mark.parametrize("size", ["0", "501", "-1", "ten", "1e1", "9" * 40])
def test_a_page_size_that_is_none_is_refused(client, several, size):
    answer = client.get(f"{BASE}micrographs/?page_size={size}")
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_page_size")


def test_addresses_without_filters_refuse_parameters_too(client, several, owner):
    key = Micrograph.objects.first().pk
    for address in ("", f"micrographs/{key}/", "specimens/"):
        answer = client.get(f"{BASE}{address}?lable=ferrite")
        assert (answer.status_code, answer.json()["code"]) == (400, "unknown_filter"), address
    answer = client.patch(f"{BASE}micrographs/{key}/?dry_run=1", {"label": ""}, content_type="application/json")
    assert answer.json()["code"] == "unknown_filter"


def test_the_data_bar_can_be_moved_and_removed(client, several):
    micrograph = Micrograph.objects.first()
    address = f"{BASE}micrographs/{micrograph.pk}/"
    assert patch(client, address, data_bar_top=40).json()["data_bar_top"] == 40
    assert patch(client, address, data_bar_top=4000).json()["code"] == "bad_data_bar"
    assert patch(client, address, data_bar_top=None).json()["data_bar_top"] is None


def test_the_list_comes_in_pages(client, several):
    page = client.get(BASE + "micrographs/?page_size=3").json()
    assert (page["count"], len(page["results"])) == (4, 3)
    assert len(client.get(page["next"]).json()["results"]) == 1


def test_the_list_takes_the_same_number_of_queries_whatever_its_length(
    client, add, django_assert_max_num_queries, django_assert_num_queries
):
    add(0, label="ferrite")
    client.get(BASE + "micrographs/")  # notes the token's use, once a minute
    with django_assert_max_num_queries(6) as few:
        client.get(BASE + "micrographs/")
    for seed in range(1, 9):
        add(seed, label="pearlite")
    with django_assert_num_queries(len(few)):
        assert len(client.get(BASE + "micrographs/").json()["results"]) == 9


def test_a_micrograph_is_changed_with_its_history(client, add):
    micrograph = add(0)
    address = f"{BASE}micrographs/{micrograph.pk}/"
    answer = patch(
        client, address, label="pearlite", pixels_per_micrometre=4, specimen="S9", modality="SEM", split="quiz"
    )
    assert answer.status_code == 200
    assert (answer.json()["label"], answer.json()["scale_source"], answer.json()["state"]) == (
        "pearlite",
        "by_hand",
        "ready",
    )
    assert micrograph.changes.count() == 5


def test_a_change_that_is_partly_wrong_changes_nothing(client, add):
    micrograph = add(0)
    answer = patch(client, f"{BASE}micrographs/{micrograph.pk}/", label="pearlite", pixels_per_micrometre=-4)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_scale")
    assert not micrograph.changes.exists()


def test_a_micrograph_is_trashed(client, add):
    micrograph = add(0)
    address = f"{BASE}micrographs/{micrograph.pk}/"
    assert client.delete(address).status_code == 204
    assert client.delete(address).status_code == 404
    assert client.get(address).status_code == 404
    assert Micrograph.objects.get().trashed_at


@pytest.mark.parametrize(("field", "image_format"), [("image", "PNG"), ("thumbnail", "WEBP")])
@pytest.mark.parametrize("accept", ["*/*", "image/*", "application/json"])
def test_the_images_can_be_fetched_with_the_token(client, add, field, image_format, accept):
    add(0)
    address = client.get(BASE + "micrographs/").json()["results"][0][field]
    answer = client.get(address, headers={"accept": accept})
    assert answer.status_code == 200
    assert Image.open(io.BytesIO(answer.getvalue())).format == image_format
    assert client.get(address, headers={"authorization": "Token wrong"}).status_code == 401


def test_the_master_is_only_ever_a_download(client, add, png):
    micrograph = add(0, filename="quiz/<script>.html")
    answer = client.get(f"/api/v1/micrographs/{micrograph.pk}/master/")
    assert answer.getvalue() == png(0)
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"] == 'attachment; filename="<script>.html"'
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_a_file_that_is_not_there_yet_is_not_found(client, dataset, png, media):
    sent = upload(client, png()).json()
    assert client.get(f"/api/v1/micrographs/{sent['id']}/image/").status_code == 404


def test_a_signed_in_browser_needs_its_csrf_token_to_change_something(dataset, owner):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(owner)
    assert browser.get(BASE).status_code == 200
    assert browser.delete(BASE).status_code == 403
