"""Corrections of one micrograph: data bar, history, near-duplicates; warnings on its page and in the gallery."""

import io
from collections.abc import Callable
from uuid import uuid4

import numpy as np
import pytest
from django.test import Client

from microdb.accounts.models import User
from microdb.micrographs import services
from microdb.micrographs.gallery.warnings import Fences, scale_fences
from microdb.micrographs.models import Dataset, Micrograph, NearDuplicate
from tests.micrographs.conftest import encoded
from tests.micrographs.test_data_bar import burnt_in, fei, picture

Add = Callable[..., Micrograph]


def add_pixels(dataset: Dataset, by: User, pixels: np.ndarray, name: str = "a.png", **given) -> Micrograph:
    kind = "TIFF" if name.endswith("tif") else "PNG"
    file = io.BytesIO(encoded(pixels, kind))
    return services.add_and_read_micrograph(dataset=dataset, file=file, filename=name, by=by, **given)


def page_of(micrograph: Micrograph) -> str:
    return f"/datasets/steels/micrographs/{micrograph.pk}/"


def shown(client: Client, query: str) -> set[str]:
    return {one.filename for one in client.get(f"/datasets/steels/?{query}").context["page"]}


def test_a_found_data_bar_is_shown_and_its_bar_proposed(signed_in: Client, dataset: Dataset, owner: User, media):
    pixels, top, length = burnt_in(fei)
    one = add_pixels(dataset, owner, pixels)
    page = signed_in.get(page_of(one))
    assert f'data-bar-top="{top}"' in page.text
    assert page.context["bar_form"].initial["bar_pixels"] == pytest.approx(length, abs=3)


def test_a_found_bar_shows_its_length_by_the_scale_on_record(signed_in: Client, dataset: Dataset, owner: User, media):
    pixels, _top, length = burnt_in(fei)
    one = add_pixels(dataset, owner, pixels)
    assert "it stands for" not in signed_in.get(page_of(one)).text
    services.set_scale(micrographs=[one], pixels_per_micrometre=length / 20, source="metadata", by=owner)
    assert "By the scale on record it stands for 20 µm." in signed_in.get(page_of(one)).text


@pytest.mark.parametrize(("bar_length", "warned"), [("2", False), ("1.95", False), ("1", True), ("2.1", True)])
def test_a_bar_that_contradicts_the_scale_on_record_is_taken_with_a_warning(
    signed_in: Client, add: Add, bar_length: str, warned: bool
):
    one = add(0, pixels_per_micrometre=100, scale_source="metadata")
    bar = {"bar_pixels": "200", "bar_length": bar_length, "unit": "µm"}
    page = signed_in.post(page_of(one) + "micron-bar/", bar, follow=True)
    assert ("the scale until now was 100 (the file&#x27;s metadata)" in page.text) is warned
    one.refresh_from_db()
    assert one.pixels_per_micrometre == pytest.approx(200 / float(bar_length), rel=1e-4)


def test_the_edge_is_moved_taken_away_and_put_back(signed_in: Client, add: Add):
    one = add(0)
    signed_in.post(page_of(one) + "data-bar/", {"data_bar_top": "40"})
    one.refresh_from_db()
    assert one.data_bar_top == 40
    signed_in.post(page_of(one) + "data-bar/", {"none": "1", "data_bar_top": "40"})
    one.refresh_from_db()
    assert one.data_bar_top is None
    signed_in.post(f"/datasets/steels/changes/{one.changes.first().pk}/revert/")
    one.refresh_from_db()
    assert one.data_bar_top == 40


@pytest.mark.parametrize("row", ["0", "-3", "48", "1e9", "words"])
def test_an_edge_outside_the_image_is_refused_in_words(signed_in: Client, add: Add, row: str):
    one = add(0)
    page = signed_in.post(page_of(one) + "data-bar/", {"data_bar_top": row}, follow=True)
    assert "row" in page.text
    one.refresh_from_db()
    assert one.data_bar_top is None


def test_every_kind_of_change_can_be_reverted(signed_in: Client, add: Add, owner: User):
    one = add(0, label="ferrite", pixels_per_micrometre=2, scale_source="metadata", specimen="A", modality="SEM")
    about = {"micrographs": [one], "by": owner}
    services.set_label(label="unsure", **about)
    services.set_scale(pixels_per_micrometre=4.5, source="micron_bar", **about)
    services.set_specimen(specimen="B", **about)
    services.set_modality(modality="optical", **about)
    services.set_split(split="quiz", **about)
    for change in one.changes.filter(old__gt="") | one.changes.filter(field="split"):
        signed_in.post(f"/datasets/steels/changes/{change.pk}/revert/")
    one.refresh_from_db()
    now = (one.answer, one.pixels_per_micrometre, one.scale_source, one.specimen, one.modality, one.split)
    assert now == ("ferrite", 2, "metadata", "A", "SEM", "")


def test_a_labeller_reverts_labels_but_not_splits(people: dict[str, User], add: Add, owner: User):
    one = add(0, label="ferrite")
    services.set_split(micrographs=[one], split="quiz", by=owner)
    client = Client()
    client.force_login(people["labeller"])
    codes = [client.post(f"/datasets/steels/changes/{c.pk}/revert/").status_code for c in one.changes.all()]
    assert codes == [403, 302]


def test_a_change_of_another_dataset_is_not_found(signed_in: Client, add: Add, stranger: User):
    foreign = services.create_dataset(name="Foreign", by=stranger, class_names=["ferrite"])
    change = add(0, dataset=foreign, label="ferrite").changes.get()
    assert signed_in.post(f"/datasets/steels/changes/{change.pk}/revert/").status_code == 404


def test_duplicates_warn_until_somebody_says_that_they_differ(signed_in: Client, dataset: Dataset, owner: User, media):
    one, other = (add_pixels(dataset, owner, picture(), name) for name in ("a.png", "a.tif"))
    assert "has a near-duplicate" in signed_in.get(page_of(one)).text
    assert shown(signed_in, "warning=twin") == {"a.png", "a.tif"}
    pair = NearDuplicate.objects.get()
    answer = signed_in.post(f"/datasets/steels/near-duplicates/{pair.pk}/dismiss/", {"shown": str(other.pk)})
    assert answer.url == page_of(other)
    assert "has a near-duplicate" not in signed_in.get(page_of(one)).text
    assert shown(signed_in, "warning=twin") == set()
    assert signed_in.post(f"/datasets/steels/near-duplicates/{pair.pk}/dismiss/", {"shown": "nonsense"}).url == page_of(
        pair.first
    )


def test_a_near_duplicate_or_a_specimen_across_train_and_quiz_is_a_leak(
    signed_in: Client, add: Add, dataset: Dataset, owner: User
):
    add_pixels(dataset, owner, picture(), "a.png", split="train")
    add_pixels(dataset, owner, picture(), "a.tif", split="quiz")
    add(1, split="train", specimen="S")
    add(2, split="quiz", specimen="S")
    add(3, specimen="S")
    add(4, split="train", specimen="T")
    add(5, split="quiz", specimen="")
    assert shown(signed_in, "warning=leak") == {"a.png", "a.tif", "1.png", "2.png"}
    leaks = {one.filename for one in signed_in.get("/datasets/steels/").context["page"] if one.leaks}
    assert leaks == {"a.png", "a.tif", "1.png", "2.png"}


def test_blank_and_odd_micrographs_are_found_by_their_warnings(signed_in: Client, dataset: Dataset, owner: User, media):
    add_pixels(dataset, owner, np.full((48, 64), 7, np.uint8), "blank.png", pixels_per_micrometre=5)
    for seed in range(8):
        add_pixels(dataset, owner, picture(seed)[:48, :64], f"{seed}.png", pixels_per_micrometre=4 + seed / 4)
    odd = add_pixels(dataset, owner, picture(9)[:48, :64], "odd.png", pixels_per_micrometre=5000)
    assert shown(signed_in, "warning=blank") == {"blank.png"}
    assert shown(signed_in, "warning=odd_scale") == {"odd.png"}
    assert "far from the rest of the dataset" in signed_in.get(page_of(odd)).text


def test_a_few_scales_are_never_odd(add: Add, dataset: Dataset):
    for seed, scale in enumerate((1, 1, 1, 1, 1, 1, 900)):
        add(seed, pixels_per_micrometre=scale)
    assert scale_fences(dataset) == Fences()


def test_the_gallery_filters_by_scale_date_and_uploader(signed_in: Client, add: Add, stranger: User):
    add(0, pixels_per_micrometre=2)
    add(1, pixels_per_micrometre=20, by=stranger)
    add(2)
    assert shown(signed_in, "scale_min=3&scale_max=30") == {"1.png"}
    assert shown(signed_in, "scale_max=3") == {"0.png"}
    assert shown(signed_in, "uploader=stranger") == {"1.png"}
    assert shown(signed_in, "until=2001-01-01") == set()
    assert shown(signed_in, "since=2001-01-01") == {"0.png", "1.png", "2.png"}
    for ignored in ("scale_min=nan", "scale_min=words", "since=yesterday", "warning=", "until=2001-13-45"):
        assert len(shown(signed_in, ignored)) == 3
    assert shown(signed_in, "warning=unknown") == set()


@pytest.mark.parametrize("sort", ["oldest", "newest", "filename", "scale", "specimen"])
def test_the_neighbours_are_those_of_the_gallerys_order(signed_in: Client, add: Add, sort: str):
    for seed, scale in enumerate((5, None, 5, 2, None)):
        add(seed, pixels_per_micrometre=scale, specimen="ABA"[seed % 3])
    order = list(signed_in.get(f"/datasets/steels/?sort={sort}").context["page"])
    for before, one, after in zip([None, *order], order, [*order[1:], None], strict=False):
        context = signed_in.get(f"{page_of(one)}?sort={sort}").context
        for side, neighbour in (("before", before), ("after", after)):
            assert context[side].split("?")[0] == (page_of(neighbour) if neighbour else "")


def test_trash_says_what_depends_on_a_micrograph(signed_in: Client, add: Add, dataset: Dataset):
    one = add(0)
    services.freeze_dataset(dataset=dataset)
    assert "1 entries of frozen versions" in signed_in.get(page_of(one)).text
    page = signed_in.post("/datasets/steels/bulk/", {"micrograph": str(one.pk), "action": "trash"}, follow=True)
    assert "stay unchanged" in page.text


def test_unsure_is_an_answer_but_no_label(signed_in: Client, add: Add, owner: User):
    one = add(0, label="ferrite")
    saved = signed_in.post(f"/datasets/steels/label/{one.pk}/", {"label": "unsure"})
    assert saved.json()["labelled"] == 0
    one.refresh_from_db()
    assert (one.label, one.answer) == ("", "unsure")
    assert shown(signed_in, "label=unsure") == {"0.png"}
    assert shown(signed_in, "label=unlabelled") == set()
    assert signed_in.get("/datasets/steels/label/queue/").json()["items"] == []
    assert [c.new for c in one.changes.all()] == ["unsure", "ferrite"]
    services.set_label(micrographs=[one], label="none-of-these", by=owner)
    one.refresh_from_db()
    assert (one.answer, one.unsure) == ("none-of-these", False)


def test_an_unknown_near_duplicate_is_not_found(signed_in: Client, dataset: Dataset):
    assert signed_in.post("/datasets/steels/near-duplicates/12345/dismiss/").status_code == 404
    assert signed_in.get(f"/datasets/steels/micrographs/{uuid4()}/").status_code == 404
