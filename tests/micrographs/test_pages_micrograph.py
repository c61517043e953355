"""The pages of one micrograph: its files, its form, its micron bar, its neighbours, and labelling."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.test import Client

from microdb.micrographs import services
from microdb.micrographs.models import Change, Micrograph, ScaleSource

Add = Callable[..., Micrograph]


def page_of(one: Micrograph) -> str:
    return f"/datasets/steels/micrographs/{one.pk}/"


@pytest.mark.parametrize(("what", "kind"), [("image", "image/png"), ("thumbnail", "image/webp")])
def test_shown_images_are_private_and_cached_by_their_key(signed_in: Client, add: Add, what: str, kind: str) -> None:
    url = f"/micrographs/{add(0).pk}/{what}/"
    response = signed_in.get(url)
    assert response.headers["Content-Type"] == kind
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "private" in response.headers["Cache-Control"]
    assert "immutable" in response.headers["Cache-Control"]
    again = signed_in.get(url, headers={"if-none-match": response.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_the_master_comes_only_as_a_download_of_the_same_bytes(
    signed_in: Client, add: Add, png: Callable[..., bytes]
) -> None:
    response = signed_in.get(f"/micrographs/{add(0, filename='a.html').pk}/master/")
    assert response.headers["Content-Type"] == "application/octet-stream"
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert b"".join(response.streaming_content) == png(0)


def test_a_file_that_is_not_there_is_not_found(signed_in: Client, add: Add) -> None:
    one = add(0)
    one.thumbnail.storage.delete(one.thumbnail.name)
    assert signed_in.get(f"/micrographs/{one.pk}/thumbnail/").status_code == 404
    assert signed_in.get(f"/micrographs/{uuid4()}/image/").status_code == 404


def test_what_the_form_changes_is_in_the_history_and_nothing_else(signed_in: Client, add: Add) -> None:
    one = add(0, label="ferrite", specimen="A", pixels_per_micrometre=2, scale_source=ScaleSource.METADATA)
    before = Change.objects.count()
    fields = {"label": "pearlite", "specimen": "A", "pixels_per_micrometre": "2.0", "modality": "", "split": ""}
    assert signed_in.post(page_of(one), fields).status_code == 302
    one.refresh_from_db()
    assert (one.label, one.scale_source) == ("pearlite", ScaleSource.METADATA)
    assert Change.objects.count() == before + 1
    page = signed_in.get(page_of(one)).text
    assert "pearlite" in page
    assert one.sha256 in page


def test_a_form_mistake_is_said_on_the_page(signed_in: Client, add: Add) -> None:
    response = signed_in.post(page_of(add(0)), {"pixels_per_micrometre": "-2"})
    assert response.status_code == 400
    assert "must be from 0.000001" in response.text


@pytest.mark.parametrize(
    ("length", "unit", "scale"), [("50", "µm", 4), ("500", "nm", 400), ("2", "mm", 0.1), ("3", "µm", 66.667)]
)
def test_the_micron_bar_gives_the_scale(signed_in: Client, add: Add, length: str, unit: str, scale: float) -> None:
    one = add(0)
    signed_in.post(page_of(one) + "micron-bar/", {"bar_pixels": "200", "bar_length": length, "unit": unit})
    one.refresh_from_db()
    assert (one.pixels_per_micrometre, one.scale_source) == (scale, ScaleSource.MICRON_BAR)


@pytest.mark.parametrize("fields", [{}, {"bar_pixels": "0", "bar_length": "1", "unit": "µm"}, {"bar_pixels": "9"}])
def test_half_a_micron_bar_sets_nothing(signed_in: Client, add: Add, fields: dict[str, str]) -> None:
    one = add(0)
    page = signed_in.post(page_of(one) + "micron-bar/", fields, follow=True)
    one.refresh_from_db()
    assert one.pixels_per_micrometre is None
    assert "notice error" in page.text


def test_the_neighbours_follow_the_filters_and_the_order(signed_in: Client, add: Add) -> None:
    a, b, c = add(0, label="ferrite"), add(1), add(2, label="ferrite")
    context = signed_in.get(page_of(a)).context
    assert (context["before"], context["after"]) == ("", page_of(b))
    context = signed_in.get(page_of(a) + "?label=ferrite").context
    assert (context["before"], context["after"]) == ("", page_of(c) + "?label=ferrite")
    context = signed_in.get(page_of(b) + "?sort=newest").context
    assert (context["before"], context["after"]) == (page_of(c) + "?sort=newest", page_of(a) + "?sort=newest")


def test_without_a_scale_the_viewer_calls_for_one(signed_in: Client, add: Add) -> None:
    assert 'href="#set-scale"' in signed_in.get(page_of(add(0))).text
    page = signed_in.get(page_of(add(1, pixels_per_micrometre=0.1))).text
    assert 'data-pixels-per-micrometre="0.1"' in page
    assert 'href="#set-scale"' not in page


def test_the_scale_in_the_page_does_not_follow_the_language(signed_in: Client, add: Add, settings) -> None:
    settings.LANGUAGE_CODE = "de"
    assert 'data-pixels-per-micrometre="0.5"' in signed_in.get(page_of(add(0, pixels_per_micrometre=0.5))).text


def test_labelling_begins_with_what_has_no_label(signed_in: Client, add: Add) -> None:
    add(0, label="ferrite")
    b, c = add(1), add(2)
    first = signed_in.get("/datasets/steels/label/").context["first"]
    assert [item["id"] for item in first] == [str(b.pk), str(c.pk)]
    rest = signed_in.get("/datasets/steels/label/queue/", {"after": str(b.pk)}).json()["items"]
    assert [item["id"] for item in rest] == [str(c.pk)]
    everything = signed_in.get("/datasets/steels/label/?all=1").context["first"]
    assert len(everything) == 3
    ferrite = signed_in.get("/datasets/steels/label/queue/?label=ferrite").json()["items"]
    assert [item["label"] for item in ferrite] == ["ferrite"]


@pytest.mark.parametrize("after", ["nonsense", "00000000-0000-0000-0000-000000000000"])
def test_a_queue_after_nothing_is_not_found(signed_in: Client, add: Add, after: str) -> None:
    add(0)
    assert signed_in.get("/datasets/steels/label/queue/", {"after": after}).status_code == 404


def test_a_label_is_acknowledged_with_the_progress(signed_in: Client, add: Add) -> None:
    one = add(0)
    add(1)
    url = f"/datasets/steels/label/{one.pk}/"
    answer = signed_in.post(url, {"label": "none-of-these"}).json()
    assert answer == {"id": str(one.pk), "label": "none-of-these", "labelled": 1, "total": 2}
    assert signed_in.post(url, {"label": ""}).json()["labelled"] == 0


def test_a_label_that_is_no_class_is_refused_with_a_sentence(signed_in: Client, add: Add) -> None:
    answer = signed_in.post(f"/datasets/steels/label/{add(0).pk}/", {"label": "bainite"})
    assert (answer.status_code, answer.json()["code"]) == (400, "unknown_class")
    assert "bainite" in answer.json()["message"]


def test_exemplars_are_of_their_class(signed_in: Client, add: Add) -> None:
    one = add(0, label="pearlite", pixels_per_micrometre=3)
    services.trash_micrographs(micrographs=[add(1, label="ferrite")], by=None)
    context = signed_in.get("/datasets/steels/label/").context
    assert [c.key for c in context["classes"]] == [1, 2]
    thumbnail = f"/micrographs/{one.pk}/thumbnail/"
    assert context["exemplars"] == {"ferrite": [], "pearlite": [{"src": thumbnail, "scale": 3.0}]}
