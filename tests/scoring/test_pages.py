"""The pages of scores and batches."""

import csv
import io
import json
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from microdb.accounts.models import User
from microdb.jobs import Job
from microdb.micrographs.models import Dataset, Membership, Micrograph, Role
from microdb.micrographs.services import set_scale
from microdb.scoring.models import Batch, Score
from microdb.scoring.services import BatchInput, create_batch, request_score
from microdb.scoring.tasks import score_micrograph
from microdb.training.models import ModelVersion
from tests.trained import drawn_png, read_all

LIST, UPLOAD = "/datasets/steels/scores/", "/datasets/steels/scores/upload/"


def file(seed: int = 50, name: str = "new.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, drawn_png("pearlite", seed), "image/png")


def done(score: Score) -> Score:
    score_micrograph(str(score.pk))
    score.refresh_from_db()
    assert score.state == Job.State.DONE, score.error
    return score


def test_without_a_trained_model_the_page_leads_to_training(signed_in: Client, dataset: Dataset):
    page = signed_in.get(LIST).content.decode()
    assert reverse("training:model_version_list", args=["steels"]) in page
    assert "score-files" not in page


def test_a_dropped_file_becomes_a_card_that_asks_until_its_verdict_is_there(signed_in: Client, trained: ModelVersion):
    answer = signed_in.post(UPLOAD, {"files": [file()], "pixels_per_micrometre": "10"})
    micrograph = Micrograph.objects.get(filename="new.png")
    asked = reverse("scoring:score_request", args=["steels", micrograph.pk])
    assert f'hx-post="{asked}"' in answer.content.decode()
    assert "being read" in answer.content.decode()
    assert "being read" in signed_in.post(asked, headers={"HX-Request": "true"}).content.decode()
    read_all()
    answer = signed_in.post(asked, headers={"HX-Request": "true"})
    score = Score.objects.get()
    card = reverse("scoring:score_card", args=[score.pk])
    assert f'hx-get="{card}"' in answer.content.decode()
    done(score)
    fragment = signed_in.get(card).content.decode()
    assert "hx-get" not in fragment
    assert fragment.count("<meter") == 3
    assert reverse("scoring:score_saliency", args=[score.pk]) in fragment


def test_files_of_one_name_in_two_folders_keep_their_paths_and_scales(signed_in: Client, trained: ModelVersion):
    for seed, (path, scale) in enumerate({"x/a.png": "20", "y/a.png": "40"}.items(), start=50):
        sent = {"files": [file(seed, "a.png")], "path": path, "pixels_per_micrometre": scale, "scale_source": "sidecar"}
        signed_in.post(UPLOAD, sent)
    stored = Micrograph.objects.filter(filename__endswith="/a.png").order_by("filename")
    assert [(one.filename, one.pixels_per_micrometre, one.scale_source) for one in stored] == [
        ("x/a.png", 20.0, "sidecar"),
        ("y/a.png", 40.0, "sidecar"),
    ]


def test_files_that_cannot_be_read_answer_each_for_itself(signed_in: Client, trained: ModelVersion):
    bad = [SimpleUploadedFile("empty.png", b""), SimpleUploadedFile("text.png", b"hello"), file()]
    page = signed_in.post(UPLOAD, {"files": bad, "pixels_per_micrometre": "10"}).content.decode()
    assert "The file is empty (0 bytes)" in page
    assert "This is no image file" in page
    assert Micrograph.objects.filter(filename="new.png").count() == 1


def test_a_file_without_scale_asks_for_it_beside_itself_and_is_scored_with_it(signed_in: Client, trained: ModelVersion):
    page = signed_in.post(UPLOAD, {"files": [file()]}).content.decode()
    micrograph = Micrograph.objects.get(filename="new.png")
    asked = reverse("scoring:score_request", args=["steels", micrograph.pk])
    assert f'hx-post="{asked}"' in page
    read_all()
    assert "has no scale" in signed_in.post(asked, headers={"HX-Request": "true"}).content.decode()
    assert not Score.objects.exists()
    wrong = signed_in.post(asked, {"pixels_per_micrometre": "-3"}, headers={"HX-Request": "true"}).content.decode()
    assert "must be from" in wrong
    signed_in.post(asked, {"pixels_per_micrometre": "12.5"}, headers={"HX-Request": "true"})
    assert Score.objects.get().pixels_per_micrometre == 12.5


def test_no_scale_is_asked_for_where_the_dataset_has_none(signed_in: Client, trained: ModelVersion):
    assert 'name="pixels_per_micrometre"' in signed_in.get(LIST).content.decode()
    Dataset.objects.update(scale_free=True)
    assert 'name="pixels_per_micrometre"' not in signed_in.get(LIST).content.decode()


def test_a_scale_that_is_no_number_stores_nothing(signed_in: Client, trained: ModelVersion):
    page = signed_in.post(UPLOAD, {"files": [file()], "pixels_per_micrometre": "ten"}).content.decode()
    assert "“ten” is not a scale" in page
    assert not Micrograph.objects.filter(filename="new.png").exists()


def test_a_file_that_is_stored_already_is_scored_as_it_is(signed_in: Client, trained: ModelVersion, add_drawn):
    stored = add_drawn("pearlite", 50)
    signed_in.post(UPLOAD, {"files": [file(50, "again.png")]})
    assert Score.objects.get().micrograph == stored


def test_another_scale_for_a_stored_file_is_refused_not_swapped(signed_in: Client, trained: ModelVersion, add_drawn):
    add_drawn("pearlite", 50)
    page = signed_in.post(UPLOAD, {"files": [file(50)], "pixels_per_micrometre": "25"}).content.decode()
    assert "with 10 pixels per micrometre; 25 was given" in page


@pytest.mark.parametrize("kept", [[[0.5, 1.0, 1], [0.0, 0.0, 0]], [[0.5, 1.0]]])
def test_the_score_page_has_its_crops_for_the_map_and_those_of_older_scores(
    kept: list[list[float]], signed_in: Client, trained: ModelVersion
):
    micrograph = trained.dataset.micrographs.filter(split="quiz").first()
    score = done(request_score(model_version=trained, micrograph=micrograph))
    Score.objects.filter(pk=score.pk).update(descriptors=kept)
    page = signed_in.get(reverse("scoring:score", args=[score.pk])).content.decode()
    crops = json.loads(re.search(r'<script id="own-crops"[^>]*>(.*?)</script>', page)[1])
    assert crops == [[*place, 0][:3] for place in kept]
    assert reverse("training:descriptor_map", args=["steels", trained.number]) in page


def test_a_score_without_places_has_no_map(signed_in: Client, trained: ModelVersion):
    score = done(request_score(model_version=trained, micrograph=trained.dataset.micrographs.first()))
    Score.objects.filter(pk=score.pk).update(descriptors=[])
    page = signed_in.get(reverse("scoring:score", args=[score.pk])).content.decode()
    assert "descriptor map" not in page


def test_the_list_is_filtered_by_declared_fields_only(signed_in: Client, trained: ModelVersion):
    one, other = trained.dataset.micrographs.filter(split="quiz")
    score = done(request_score(model_version=trained, micrograph=one))
    request_score(model_version=trained, micrograph=other)
    assert signed_in.get(LIST, {"state": "done"}).context["scores"].object_list == [score]
    assert signed_in.get(LIST, {"micrograph": one.pk}).context["scores"].object_list == [score]
    assert signed_in.get(LIST, {"predicted": score.predicted}).context["scores"].object_list == [score]
    everything = signed_in.get(LIST, {"model_version__requested_by__password": "x", "state": "nonsense"})
    assert len(everything.context["scores"].object_list) == 2


def test_the_list_takes_as_many_queries_for_many_scores_as_for_one(
    signed_in: Client, trained: ModelVersion, django_assert_max_num_queries
):
    for micrograph in trained.dataset.micrographs.all():
        request_score(model_version=trained, micrograph=micrograph)
    with django_assert_max_num_queries(17):
        signed_in.get(LIST)


def test_a_batch_of_the_held_out_micrographs_tells_its_progress_and_gives_its_csv(
    signed_in: Client, trained: ModelVersion
):
    answer = signed_in.post(reverse("scoring:batch_create", args=["steels"]))
    batch = Batch.objects.get()
    assert answer.url == reverse("scoring:batch", args=[batch.pk])
    assert "0 of 2 scored" in signed_in.get(answer.url).content.decode()
    for item in batch.items.all():
        done(item.score)
    fragment = signed_in.get(reverse("scoring:batch_progress", args=[batch.pk])).content.decode()
    assert "2 of 2 scored" in fragment
    assert "hx-get" not in fragment
    download = signed_in.get(reverse("scoring:batch_csv", args=[batch.pk]))
    rows = list(csv.DictReader(io.StringIO(b"".join(download.streaming_content).decode())))
    assert [row["filename"] for row in rows] == ["ferrite-3.png", "pearlite-3.png"]
    for row in rows:
        shares = [float(row[name]) for name in ("none_of_these", "ferrite", "pearlite")]
        assert sum(shares) == pytest.approx(1, abs=1e-5)


def test_cancelling_a_batch_spares_what_somebody_else_waits_for(signed_in: Client, trained: ModelVersion, owner: User):
    inputs = [BatchInput(one.filename, one) for one in trained.dataset.micrographs.all()[:3]]
    batch = create_batch(model_version=trained, items=inputs, by=owner)
    create_batch(model_version=trained, items=inputs[:1], by=owner)
    request_score(model_version=trained, micrograph=inputs[1].micrograph)
    signed_in.post(reverse("scoring:batch_cancel", args=[batch.pk]))
    states = [item.score.state for item in batch.items.select_related("score")]
    assert states == [Job.State.QUEUED, Job.State.QUEUED, Job.State.CANCELLED]


def test_a_batch_keeps_the_reason_of_each_file_that_cannot_be_scored(trained: ModelVersion, owner: User, add_drawn):
    unscaled = add_drawn("pearlite", 60)
    set_scale(micrographs=[unscaled], pixels_per_micrometre=None, source="", by=owner)
    unscaled.refresh_from_db()
    inputs = [BatchInput("a.png", unscaled), BatchInput("b.png", error="This is no image file.")]
    batch = create_batch(model_version=trained, items=inputs, by=owner)
    assert [item.error for item in batch.items.all()] == [
        "This micrograph has no scale: give its pixels per micrometre, for example 10.3.",
        "This is no image file.",
    ]


def test_strangers_find_nothing_and_viewers_start_nothing(client: Client, trained: ModelVersion, stranger: User):
    micrograph = trained.dataset.micrographs.first()
    score = request_score(model_version=trained, micrograph=micrograph)
    client.force_login(stranger)
    for name in ("score", "score_card", "score_saliency", "score_planes", "area_fractions_csv"):
        assert client.get(reverse(f"scoring:{name}", args=[score.pk])).status_code == 404
    Membership.objects.create(dataset=trained.dataset, user=stranger, role=Role.VIEWER)
    assert client.get(reverse("scoring:score", args=[score.pk])).status_code == 200
    assert client.post(UPLOAD, {"files": [file()]}).status_code == 403
    assert client.post(reverse("scoring:score_cancel", args=[score.pk])).status_code == 403
    assert client.post(reverse("scoring:batch_create", args=["steels"])).status_code == 403
