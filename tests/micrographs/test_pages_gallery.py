"""The gallery: filters in the address, facets, bulk actions and their undo."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from microdb.accounts.models import User
from microdb.micrographs import services
from microdb.micrographs.models import NONE_OF_THESE, Change, Dataset, Micrograph, ScaleSource

Add = Callable[..., Micrograph]


def names(client: Client, query: str = "") -> list[str]:
    response = client.get(f"/datasets/steels/{query}")
    assert response.status_code == 200
    return [micrograph.filename for micrograph in response.context["page"]]


def bulk(client: Client, micrographs: list[Micrograph], action: str, **given: str):
    fields = {"micrograph": [str(one.pk) for one in micrographs], "action": action, **given}
    return client.post(reverse("micrographs:bulk_change", args=["steels"]), fields, follow=True)


@pytest.fixture
def varied(add: Add) -> list[Micrograph]:
    return [
        add(0, label="ferrite", pixels_per_micrometre=2, specimen="A", split="train"),
        add(1, label="pearlite", pixels_per_micrometre=1, specimen="B", modality="SEM", split="quiz"),
        add(2, label=NONE_OF_THESE, specimen="B"),
        add(3, filename="Übersicht.png"),
    ]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["0.png", "1.png", "2.png", "Übersicht.png"]),
        ("?label=ferrite", ["0.png"]),
        ("?label=none-of-these", ["2.png"]),
        ("?label=unlabelled", ["Übersicht.png"]),
        ("?label=no-such-class", []),
        ("?split=quiz", ["1.png"]),
        ("?split=neither", ["2.png", "Übersicht.png"]),
        ("?specimen=B", ["1.png", "2.png"]),
        ("?specimen=B&modality=SEM", ["1.png"]),
        ("?missing_scale=1", ["2.png", "Übersicht.png"]),
        ("?search=über", ["Übersicht.png"]),
        ("?sort=newest", ["Übersicht.png", "2.png", "1.png", "0.png"]),
        ("?sort=filename&missing_scale=", ["0.png", "1.png", "2.png", "Übersicht.png"]),
        ("?sort=scale", ["2.png", "Übersicht.png", "1.png", "0.png"]),
    ],
)
def test_the_address_filters_and_orders(
    signed_in: Client, varied: list[Micrograph], query: str, found: list[str]
) -> None:
    assert names(signed_in, query) == found


@pytest.mark.parametrize("query", ["?sort=password", "?dataset__created_by__password=x", "?page=-1", "?page=zz"])
def test_an_address_that_makes_no_sense_shows_the_gallery(
    signed_in: Client, varied: list[Micrograph], query: str
) -> None:
    assert len(names(signed_in, query)) == 4


def test_a_nul_in_the_address_is_dropped(signed_in: Client, varied: list[Micrograph]) -> None:
    assert names(signed_in, "?search=0%00.png") == ["0.png"]


def test_each_facet_counts_under_the_other_filters(signed_in: Client, varied: list[Micrograph]) -> None:
    response = signed_in.get("/datasets/steels/?specimen=B&label=pearlite")
    facets = {facet.name: {o.text: o.count for o in facet.options} for facet in response.context["facets"]}
    assert facets["label"] == {"ferrite": 0, "pearlite": 1, "None of these": 1, "unlabelled": 0}
    assert facets["split"] == {"quiz": 1}


def test_the_specimens_are_counted_under_the_other_filters_when_their_facet_is_opened(
    signed_in: Client, varied: list[Micrograph]
) -> None:
    page = signed_in.get("/datasets/steels/?specimen=B&label=pearlite").content.decode()
    assert 'hx-get="/datasets/steels/facets/specimen/?label=pearlite&amp;specimen=B"' in page
    response = signed_in.get("/datasets/steels/facets/specimen/?specimen=B&label=pearlite")
    assert {o.text: o.count for o in response.context["facet"].options} == {"B": 1}
    assert 'href="/datasets/steels/?label=pearlite" aria-current="true"' in " ".join(response.content.decode().split())
    everything = signed_in.get("/datasets/steels/facets/specimen/").context["facet"]
    assert {o.text: o.count for o in everything.options} == {"A": 1, "B": 2}


def test_a_chosen_facet_leads_back_to_without_it(signed_in: Client, varied: list[Micrograph]) -> None:
    response = signed_in.get("/datasets/steels/?specimen=B&label=pearlite")
    (chosen,) = [
        o for facet in response.context["facets"] for o in facet.options if o.selected and facet.name == "label"
    ]
    assert chosen.query == "specimen=B"


def test_the_gallery_has_pages_of_sixty(signed_in: Client, dataset: Dataset) -> None:
    rows = [
        Micrograph(dataset=dataset, filename=f"{n}", width=1, height=1, bit_depth=8, sha256=f"{n}") for n in range(70)
    ]
    Micrograph.objects.bulk_create(rows)
    assert len(names(signed_in)) == 60
    assert len(names(signed_in, "?page=2")) == 10


@pytest.mark.parametrize(
    "path",
    [
        "/datasets/",
        "/datasets/steels/",
        "/datasets/steels/facets/specimen/",
        "/datasets/steels/label/",
        "/datasets/steels/trash/",
        "/datasets/steels/health/",
    ],
)
def test_queries_stay_the_same_with_more_micrographs(
    signed_in: Client, add: Add, path: str, owner: User, django_assert_num_queries
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def fill(seeds: range) -> None:
        added = [add(seed, label="ferrite" if seed % 2 else "", specimen=f"S{seed}") for seed in seeds]
        if "trash" in path:
            services.trash_micrographs(micrographs=added, by=owner)

    fill(range(5))
    signed_in.get(path)
    cache.clear()  # counts that are kept for seconds
    with CaptureQueriesContext(connection) as few:
        signed_in.get(path)
    fill(range(5, 50))
    cache.clear()
    with django_assert_num_queries(len(few)):
        signed_in.get(path)


def test_a_bulk_label_is_undone_to_each_old_label(signed_in: Client, varied: list[Micrograph]) -> None:
    response = bulk(signed_in, varied, "label", label="ferrite")
    assert "3 micrographs: ferrite." in response.text
    assert {one.label for one in Micrograph.objects.all()} == {"ferrite"}
    undone = signed_in.post(reverse("micrographs:bulk_undo", args=["steels"]), follow=True)
    assert "3 micrographs are as before." in undone.text
    assert [one.label for one in Micrograph.objects.all()] == ["ferrite", "pearlite", NONE_OF_THESE, ""]


def test_a_bulk_scale_is_by_hand_and_its_undo_brings_the_source_back(signed_in: Client, add: Add) -> None:
    one = add(0, pixels_per_micrometre=4, scale_source=ScaleSource.SIDECAR)
    bulk(signed_in, [one], "scale", scale="2,5")
    one.refresh_from_db()
    assert (one.pixels_per_micrometre, one.scale_source) == (2.5, ScaleSource.BY_HAND)
    signed_in.post(reverse("micrographs:bulk_undo", args=["steels"]))
    one.refresh_from_db()
    assert (one.pixels_per_micrometre, one.scale_source) == (4, ScaleSource.SIDECAR)


def test_trash_is_undone_from_the_next_page_and_from_the_trash(signed_in: Client, varied: list[Micrograph]) -> None:
    response = bulk(signed_in, varied[:2], "trash")
    assert "2 micrographs are in the trash" in response.text
    assert reverse("micrographs:bulk_undo", args=["steels"]) in response.text
    assert names(signed_in) == ["2.png", "Übersicht.png"]
    signed_in.post(reverse("micrographs:bulk_undo", args=["steels"]))
    assert len(names(signed_in)) == 4
    bulk(signed_in, varied[:1], "trash")
    assert "0.png" in signed_in.get("/datasets/steels/trash/").text
    bulk(signed_in, varied[:1], "restore")
    assert len(names(signed_in)) == 4


def test_an_undo_happens_once(signed_in: Client, varied: list[Micrograph]) -> None:
    bulk(signed_in, varied, "split", split="quiz")
    signed_in.post(reverse("micrographs:bulk_undo", args=["steels"]))
    again = signed_in.post(reverse("micrographs:bulk_undo", args=["steels"]), follow=True)
    assert "There is nothing left to undo." in again.text


def test_everything_under_the_filters_is_changed_at_once(signed_in: Client, varied: list[Micrograph]) -> None:
    bulk(signed_in, [], "specimen", everything="1", query="specimen=B", specimen="C")
    assert Micrograph.objects.filter(specimen="C").count() == 2
    assert Change.objects.filter(field=Change.Field.SPECIMEN).count() == 2


@pytest.mark.parametrize(
    ("action", "given", "sentence"),
    [
        ("scale", {"scale": "wide"}, "“wide” was given"),
        ("scale", {"scale": "-3"}, "must be from 0.000001"),
        ("scale", {"scale": "nan"}, "must be from 0.000001"),
        ("label", {"label": "bainite"}, "is no class of"),
        ("split", {"split": "test"}, "A split is train, quiz or empty"),
        ("explode", {}, "“explode” is no action"),
    ],
)
def test_a_bulk_mistake_is_said_and_changes_nothing(
    signed_in: Client, varied: list[Micrograph], action: str, given: dict[str, str], sentence: str
) -> None:
    before = Change.objects.count()
    assert sentence in bulk(signed_in, varied, action, **given).text
    assert Change.objects.count() == before


def test_no_selection_is_said(signed_in: Client, varied: list[Micrograph]) -> None:
    assert "Choose at least one micrograph" in bulk(signed_in, [], "trash").text


def test_micrographs_of_another_dataset_are_left_alone(signed_in: Client, add: Add, stranger: User) -> None:
    foreign = services.create_dataset(name="Foreign", by=stranger)
    one = add(9, dataset=foreign)
    assert "Choose at least one micrograph" in bulk(signed_in, [one], "trash").text
    fields = {"micrograph": [str(uuid4()), "nonsense"], "action": "trash"}
    assert signed_in.post(reverse("micrographs:bulk_change", args=["steels"]), fields).status_code == 302
    one.refresh_from_db()
    assert one.trashed_at is None


def test_after_an_action_one_never_lands_on_another_site(signed_in: Client, varied: list[Micrograph]) -> None:
    url = reverse("micrographs:bulk_change", args=["steels"])
    for target in ("https://evil.example/", "//evil.example/", "javascript:alert(1)"):
        response = signed_in.post(
            url, {"micrograph": str(varied[0].pk), "action": "split", "split": "quiz", "back": target}
        )
        assert response.url == "/datasets/steels/"


def test_hostile_text_is_escaped(signed_in: Client, add: Add) -> None:
    add(0, filename="<script>alert(1)</script>.png", specimen='"><img src=x onerror=alert(1)>')
    page = signed_in.get("/datasets/steels/").text
    assert "<script>alert(1)" not in page
    assert "<img src=x" not in page


def test_an_empty_gallery_says_what_to_do(signed_in: Client, dataset: Dataset) -> None:
    page = signed_in.get("/datasets/steels/").text
    assert "No micrographs yet" in page
    assert "manage.py" not in page
    assert reverse("guide") in page
    assert reverse("micrographs:upload", args=["steels"]) in page
