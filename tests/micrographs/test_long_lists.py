"""Numbered pages of a long list, and counts that the database keeps, equal the slow way."""

import random

import pytest
from django.test import Client

from microdb.accounts.models import User
from microdb.accounts.services import create_api_token
from microdb.micrographs.gallery import facets
from microdb.micrographs.models import Acquisition, Dataset, Micrograph
from microdb.micrographs.services import set_label
from microdb.paging import LongPaginator

COUNT = 23
FILTERS = (
    *("", "label=ferrite", "label=none-of-these", "label=nothing", "labelled=true", "labelled=false", "has_scale=true"),
    *("has_scale=false", "scale_source=by_hand", "specimen=S1", "modality=SEM", "split=train", "split=neither"),
    *("state=ready", "state=needs_scale", "state=reading", "filename=1", "instrument=A", "label=ferrite&split=quiz"),
    *("state=ready&labelled=true&modality=SEM", "filename=2&label=pearlite"),
)


@pytest.fixture
def many(dataset: Dataset) -> list[Micrograph]:
    chance = random.Random(3)
    rows = []
    for number in range(COUNT):
        scale = chance.choice([None, 3.0, 40.0])
        rows.append(
            Micrograph(
                dataset=dataset, filename=f"{number}.png", sha256=f"{number:064d}", width=1, height=1, bit_depth=8,
                pixels_per_micrometre=scale, scale_source="by_hand" if scale else "", specimen=f"S{number % 3}",
                modality=chance.choice(["SEM", ""]), split=chance.choice(["train", "quiz", ""]),
                state=chance.choice(["ready", "ready", "reading"]),
            )
        )  # fmt: skip
    Micrograph.objects.bulk_create(rows)
    for one in rows:
        set_label(micrographs=[one], label=chance.choice(["ferrite", "pearlite", "none-of-these", ""]), by=None)
    Acquisition.objects.bulk_create(Acquisition(micrograph=one, instrument="A") for one in rows[::2])
    return rows


@pytest.fixture
def api(owner: User) -> Client:
    return Client(headers={"authorization": f"Token {create_api_token(user=owner, scopes=['read'])[1]}"})


@pytest.mark.parametrize("size", [1, 4, 5, 23, 50])
def test_pages_of_both_halves_of_a_list_are_those_of_a_plain_paginator(size: int, many, dataset: Dataset):
    rows = dataset.micrographs.order_by("filename", "id")
    pages = LongPaginator(rows, size, rows=rows, count=COUNT)
    assert [one for number in pages.page_range for one in pages.page(number)] == list(rows)


@pytest.mark.parametrize("scale_free", [False, True])
@pytest.mark.parametrize("query", FILTERS)
def test_the_count_of_the_api_is_that_of_all_its_pages(
    query: str, scale_free: bool, many, dataset: Dataset, api: Client
):
    Dataset.objects.filter(pk=dataset.pk).update(scale_free=scale_free)
    address = f"/api/v1/datasets/steels/micrographs/?page_size=4&{query}"
    first = page = api.get(address).json()
    shown = [one["id"] for one in page["results"]]
    while page["next"]:
        page = api.get(page["next"]).json()
        shown += [one["id"] for one in page["results"]]
    assert first["count"] == len(shown) == len(set(shown))
    by_cursor, address = [], f"{address}&cursor="
    while address:
        page = api.get(address).json()
        by_cursor += [one["id"] for one in page["results"]]
        address = page["next"]
    assert by_cursor == shown
    assert "count" not in page


def test_a_page_beyond_the_end_and_a_wrong_cursor_are_not_found(many, api: Client):
    for query in ("page=99", "cursor=nonsense"):
        answer = api.get(f"/api/v1/datasets/steels/micrographs/?{query}")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_a_gallery_counts_no_further_than_it_must(many, signed_in: Client, monkeypatch):
    monkeypatch.setattr(facets, "MOST_COUNTED", 5)
    page = signed_in.get("/datasets/steels/?search=png")
    assert page.context["page"].paginator.count == 5
    assert "More than 5 micrographs match the filters" in page.text
    labels = page.context["facets"][0]
    assert {option.count for option in labels.options} == {None}
    few = signed_in.get("/datasets/steels/?search=11")
    assert few.context["page"].paginator.count == 1
    assert "More than" not in few.text
    assert signed_in.get("/datasets/steels/").context["page"].paginator.count == COUNT
