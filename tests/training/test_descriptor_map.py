"""The descriptor map of a version: what its script gets, its tables, its micrographs, and a choice of them."""

import base64
import re
from collections.abc import Iterable
from typing import Any

import pytest
from django.test import Client

from microdb.micrographs.models import Dataset
from microdb.micrographs.services import set_label, trash_micrographs
from microdb.training.descriptor_map.shown import shown_map
from microdb.training.descriptor_map.tables import class_rows, micrograph_rows
from microdb.training.models import ModelVersion

PAGE = "/datasets/steels/training/1/"
MAP = f"{PAGE}map/"
NEWER = ("owners", "evidence", "micrographs", "misplaced")
"""What maps of older versions lack."""


def among(places: Iterable[int], count: int) -> str:
    """As the script writes a choice."""
    number = sum(1 << place for place in places)
    bits = number.to_bytes((count + 7) // 8, "little")
    return "map:1:" + base64.urlsafe_b64encode(bits).decode().rstrip("=")


def make_older(version: ModelVersion) -> None:
    for name in NEWER:
        del version.descriptor_map[name]
    version.save()


def test_each_crop_of_the_map_leads_to_the_micrograph_that_it_is_of(signed_in: Client, trained: ModelVersion):
    figure = signed_in.get(MAP).json()
    crops, labels = figure["crops"], dict(trained.dataset.micrographs.values_list("pk", "material_class__name"))
    named = {str(pk): label for pk, label in labels.items()}
    assert len(crops["x"]) == len(trained.descriptor_map["points"]) > 0
    for label, owner in zip(crops["label"], crops["owner"], strict=True):
        assert named[figure["micrographs"][owner]] == figure["classes"][label]["name"]
    assert [one["shape"] for one in figure["classes"]] == ["square", "circle"]


def test_the_page_loads_neither_the_map_nor_plotly_and_stays_small(signed_in: Client, trained: ModelVersion):
    page = signed_in.get(PAGE)
    assert "plotly.min.js" not in "".join(re.findall(r"<script[^>]*>", page.text))
    assert not set(trained.descriptor_map["micrographs"]) & set(re.findall(r"[0-9a-f-]{36}", page.text))
    assert len(page.content) < 200_000


def test_crops_that_are_none_of_these_are_marked_and_counted(signed_in: Client, trained: ModelVersion):
    outside = trained.descriptor_map["outside"] = [False] * len(trained.descriptor_map["labels"])
    trained.save()
    assert "An open square is a crop" not in signed_in.get(PAGE).text
    outside[0] = True
    trained.save()
    assert signed_in.get(MAP).json()["crops"]["outside"] == outside
    assert sum(row.outside for row in class_rows(trained.descriptor_map)) == 1
    assert sum(one.row.outside for one in micrograph_rows(trained.descriptor_map)) == 1
    assert "An open square is a crop" in signed_in.get(PAGE).text


@pytest.mark.parametrize(
    ("misplaced", "said"),
    [(0, "are None of these"), (7, "for 7 of "), (None, "did not check that")],
)
def test_the_caption_says_whether_the_contour_is_what_the_model_decides(
    misplaced: int | None, said: str, signed_in: Client, trained: ModelVersion
):
    trained.descriptor_map["misplaced"] = misplaced
    trained.save()
    page = " ".join(signed_in.get(PAGE).text.split())
    assert said in re.search(r"Each point is a crop of a training micrograph.*?</p>", page)[0]


def test_an_older_version_has_a_map_without_micrographs(signed_in: Client, trained: ModelVersion):
    del trained.descriptor_map["outside"]
    make_older(trained)
    figure = signed_in.get(MAP).json()
    assert set(figure["crops"]["owner"]) == {-1}
    assert not any(figure["crops"]["outside"])
    assert {row.outside for row in class_rows(trained.descriptor_map)} == {None}
    assert "did not keep which micrograph" in signed_in.get(PAGE).text
    tables = signed_in.get(f"{MAP}micrographs/")
    assert (tables.status_code, tables.context["rows"]) == (200, [])


def test_a_version_without_a_map_has_no_data_for_one(signed_in: Client, trained: ModelVersion):
    trained.descriptor_map = {}
    trained.save()
    assert signed_in.get(MAP).status_code == 404
    assert "descriptor-map" not in signed_in.get(PAGE).text


def test_a_deleted_micrograph_keeps_its_crops_but_is_not_opened(signed_in: Client, trained: ModelVersion, owner: Any):
    gone = trained.dataset.micrographs.get(pk=trained.descriptor_map["micrographs"][0])
    trash_micrographs(micrographs=[gone], by=owner)
    data = shown_map(ModelVersion.objects.get())
    assert data["micrographs"][0] is None
    assert len(data["points"]) == len(trained.descriptor_map["points"])
    assert 0 not in signed_in.get(MAP).json()["crops"]["owner"]
    assert signed_in.get(f"{MAP}micrographs/{gone.pk}/").status_code == 404


def test_the_tables_hold_every_micrograph_of_the_map(
    signed_in: Client, trained: ModelVersion, django_assert_max_num_queries: Any
):
    with django_assert_max_num_queries(16):
        page = signed_in.get(f"{MAP}micrographs/")
    for micrograph in trained.dataset.micrographs.filter(pk__in=trained.descriptor_map["micrographs"]):
        assert micrograph.filename in page.text
    crops = sum(one.row.crops for one, _micrograph, _answer in page.context["rows"])
    assert crops == len(trained.descriptor_map["points"])


def test_the_card_of_a_micrograph_shows_its_label_then_and_now_and_its_held_out_answer(
    signed_in: Client, trained: ModelVersion, owner: Any
):
    answer = trained.out_of_fold.first()
    micrograph = answer.micrograph
    card = " ".join(signed_in.get(f"{MAP}micrographs/{micrograph.pk}/").text.split())
    assert f"/micrographs/{micrograph.pk}/thumbnail/" in card
    assert micrograph.filename in card.replace("<wbr>", "")
    assert card.count("<meter") == 3
    assert "Label now" not in card
    other = "pearlite" if micrograph.label == "ferrite" else "ferrite"
    set_label(micrographs=[micrograph], label=other, by=owner)
    card = " ".join(signed_in.get(f"{MAP}micrographs/{micrograph.pk}/").text.split())
    assert f"Label now: <strong>{other}</strong>" in card


def test_only_what_the_version_saw_has_a_card(signed_in: Client, trained: ModelVersion, add_drawn: Any):
    later = add_drawn("ferrite", 9)
    assert signed_in.get(f"{MAP}micrographs/{later.pk}/").status_code == 404


def test_a_choice_on_the_map_opens_as_a_gallery_that_can_be_labelled(signed_in: Client, trained: ModelVersion):
    keys = trained.descriptor_map["micrographs"]
    chosen = among([0, 3], len(keys))
    page = signed_in.get("/datasets/steels/", {"among": chosen})
    assert {str(one.pk) for one in page.context["page"]} == {keys[0], keys[3]}
    listed = signed_in.get("/api/v1/datasets/steels/micrographs/", {"among": chosen}).json()
    assert {one["id"] for one in listed["results"]} == {keys[0], keys[3]}
    query = page.context["query"]
    signed_in.post(
        "/datasets/steels/bulk/", {"action": "label", "label": "pearlite", "everything": "1", "query": query}
    )
    labelled = trained.dataset.micrographs.filter(pk__in=[keys[0], keys[3]])
    assert {one.label for one in labelled} == {"pearlite"}


@pytest.mark.parametrize(
    "value", ["map:1:", "map:1:!!", "map:2:_w", "map:x:_w", "other:1:_w", "map", "map:1:" + "A" * 9999]
)
def test_a_choice_that_means_nothing_is_empty(value: str, signed_in: Client, trained: ModelVersion):
    assert signed_in.get("/datasets/steels/", {"among": value}).context["page"].paginator.count == 0


def test_a_choice_of_a_version_without_micrographs_is_empty(signed_in: Client, trained: ModelVersion):
    make_older(trained)
    assert signed_in.get("/datasets/steels/?among=map:1:_w").context["page"].paginator.count == 0


def test_the_map_is_that_of_the_training(trained: ModelVersion, dataset: Dataset):
    used = dataset.micrographs.filter(split="train").values_list("pk", flat=True)
    assert {str(pk) for pk in used} == set(trained.descriptor_map["micrographs"])
