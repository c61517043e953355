"""Masked rectangles: checked, kept in history, versions and exports, changed by page and API."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.test import Client

from microdb.accounts.models import User
from microdb.micrographs import services
from microdb.micrographs.curation.version_comparison import compare_versions
from microdb.micrographs.models import Dataset, Micrograph
from microdb.micrographs.validation.masked import masked_from_text, masked_text
from tests.micrographs.conftest import rejected
from tests.micrographs.drawn_boxes import draw_boxed
from tests.micrographs.test_export import exported
from tests.micrographs.test_pages_corrections import add_pixels, page_of

Add = Callable[..., Micrograph]
CORNER = {"x": 0, "y": 40, "width": 30, "height": 8}
UPPER = {"x": 50, "y": 2, "width": 10, "height": 6}


def by_hand(*places: dict[str, int]) -> list[dict[str, object]]:
    return [{**place, "source": "by_hand"} for place in places]


def mask(micrograph: Micrograph, *places: dict[str, object], by: User | None = None) -> Micrograph:
    services.set_masked(micrographs=[micrograph], masked=places, by=by)
    micrograph.refresh_from_db()
    return micrograph


def test_rectangles_are_kept_in_the_order_of_their_place_and_once(add: Add):
    assert mask(add(0), CORNER, UPPER, CORNER).masked == by_hand(UPPER, CORNER)


@pytest.mark.parametrize(
    "place",
    [
        {**CORNER, "width": 65},
        {**CORNER, "height": 9},
        {**CORNER, "x": -1},
        {**CORNER, "width": 0},
        {**CORNER, "x": 1.5},
        {**CORNER, "x": True},
        {"x": 0, "y": 0},
        {**CORNER, "source": "guessed"},
        {"x": 0, "y": 0, "width": 64, "height": 30},
    ],
)
def test_an_impossible_rectangle_is_refused_in_words(add: Add, place: dict[str, object]):
    one = add(0)
    assert rejected(lambda: mask(one, place)) == "bad_mask"
    one.refresh_from_db()
    assert one.masked == []


def test_half_of_the_picture_may_be_masked_counted_once_where_rectangles_overlap(add: Add):
    half = {"x": 0, "y": 0, "width": 64, "height": 24}
    assert len(mask(add(0), half, {**half, "height": 20}, {**half, "width": 9}).masked) == 3


def test_more_than_eight_rectangles_are_refused(add: Add):
    dots = [{"x": 2 * number, "y": 0, "width": 1, "height": 1} for number in range(9)]
    one = mask(add(0), *dots[:8])
    assert rejected(lambda: services.add_masked(micrographs=[one], rectangle=dots[8], by=None)) == "bad_mask"


@pytest.mark.parametrize(
    "masked", [by_hand({**CORNER, "y": 41}), by_hand({"x": 0, "y": 0}), [3], by_hand(*[CORNER] * 9)]
)
def test_the_database_refuses_what_the_services_would_not_write(add: Add, masked: list[object]):
    one = add(0)
    with pytest.raises(IntegrityError), transaction.atomic():
        Micrograph.objects.filter(pk=one.pk).update(masked=masked)


def test_a_change_is_in_the_history_and_can_be_undone(signed_in: Client, add: Add, owner: User):
    one = add(0)
    Micrograph.objects.filter(pk=one.pk).update(masked=[{**CORNER, "source": "found"}])
    services.remove_masked(micrographs=[one], rectangle=CORNER, by=owner)
    services.add_masked(micrographs=[one], rectangle=UPPER, by=owner)
    added, removed = one.changes.all()
    assert (removed.old, removed.new, added.new) == ("0,40,30×8 found", "", "50,2,10×6")
    signed_in.post(f"/datasets/steels/changes/{removed.pk}/revert/")
    one.refresh_from_db()
    assert one.masked == [{**CORNER, "source": "found"}]


def test_the_longest_list_fits_into_the_history():
    huge = [{"x": 88888, "y": 88888, "width": 10000 + n, "height": 10000, "source": "found"} for n in range(8)]
    assert len(masked_text(huge)) <= 255
    assert masked_from_text(masked_text(huge)) == huge


def test_a_version_freezes_the_masks_and_its_comparison_shows_them(dataset: Dataset, add: Add):
    one = add(0)
    before = services.freeze_dataset(dataset=dataset)
    mask(one, CORNER)
    after = services.freeze_dataset(dataset=dataset)
    assert after.number == before.number + 1
    assert after.entries.get().masked == [CORNER]
    (changed,) = compare_versions(before, after).changed
    assert changed.differences == [("masked rectangles", "", "0,40,30×8")]


def test_a_version_without_masks_has_the_hash_that_it_always_had(dataset: Dataset, add: Add):
    one = add(0, label="ferrite", pixels_per_micrometre=2.5, specimen="A", split="train")
    line = json.dumps([str(one.pk), one.sha256, "ferrite", 2.5, "A", "train", None]).encode() + b"\n"
    version = services.freeze_dataset(dataset=dataset)
    assert version.sha256 == hashlib.sha256(line).hexdigest()
    mask(one, CORNER)
    mask(one)
    assert services.freeze_dataset(dataset=dataset) == version


def test_the_source_of_a_mask_changes_no_version(dataset: Dataset, add: Add):
    one = mask(add(0), CORNER)
    version = services.freeze_dataset(dataset=dataset)
    Micrograph.objects.filter(pk=one.pk).update(masked=[{**CORNER, "source": "found"}])
    assert services.freeze_dataset(dataset=dataset) == version


def test_a_found_box_is_masked_at_reading_and_stays_found_until_it_is_moved(dataset: Dataset, owner: User, media: Path):
    drawn = draw_boxed(3, "corner")
    one = add_pixels(dataset, owner, drawn.pixels)
    (found,) = one.masked
    assert found["source"] == "found"
    np.testing.assert_allclose([found[name] for name in ("x", "y", "width", "height")], drawn.box, atol=4)
    place = {name: found[name] for name in ("x", "y", "width", "height")}
    assert mask(one, place, UPPER).masked == [*by_hand(UPPER), found]
    assert mask(one, {**place, "width": place["width"] - 1}).masked[0]["source"] == "by_hand"


def test_an_export_brings_masks_back_also_where_a_found_box_was_unmasked(
    signed_in: Client, dataset: Dataset, owner: User, add: Add, media: Path, tmp_path: Path
):
    mask(add(0), CORNER, UPPER)
    found = add_pixels(dataset, owner, draw_boxed(3, "corner").pixels, "found.png")
    unmasked = mask(add_pixels(dataset, owner, draw_boxed(4, "inset").pixels, "unmasked.png"))
    packed = tmp_path / "steels.zip"
    packed.write_bytes(exported(signed_in))
    call_command("import_dataset", str(packed), name="Copy", owner="owner")
    copies = {one.filename: one.masked for one in Dataset.objects.get(slug="copy").micrographs.all()}
    assert copies == {"0.png": by_hand(UPPER, CORNER), "found.png": found.masked, "unmasked.png": unmasked.masked}
    assert found.masked
    assert not unmasked.masked


def test_a_person_masks_and_unmasks_on_the_page(signed_in: Client, add: Add):
    one = add(0)
    page = signed_in.post(page_of(one) + "masked/", CORNER, follow=True)
    assert "30 × 8 px at 0, 40" in page.text
    assert 'class="masked"' in page.text
    one.refresh_from_db()
    assert one.masked == by_hand(CORNER)
    signed_in.post(page_of(one) + "masked/", {**CORNER, "remove": "1"})
    one.refresh_from_db()
    assert one.masked == []


@pytest.mark.parametrize("field", [{"x": "60"}, {"y": "-1"}, {"height": "0"}, {"width": "words"}, {"x": ""}])
def test_a_rectangle_outside_the_picture_is_refused_on_the_page(signed_in: Client, add: Add, field: dict[str, str]):
    one = add(0)
    page = signed_in.post(page_of(one) + "masked/", {**CORNER, **field}, follow=True)
    assert "notice error" in page.text or "message error" in page.text
    one.refresh_from_db()
    assert one.masked == []


def test_a_viewer_masks_nothing(people: dict[str, User], add: Add):
    one, client = add(0), Client()
    client.force_login(people["viewer"])
    assert client.post(page_of(one) + "masked/", CORNER).status_code == 403
    assert "masked-form" not in client.get(page_of(one)).text


def test_the_api_reads_and_writes_masks(client: Client, people: dict[str, User], token, add: Add):
    one = add(0)
    address = f"/api/v1/datasets/steels/micrographs/{one.pk}/"
    headers = token(people["labeller"])

    def patch(masked: object):
        return client.patch(address, json.dumps({"masked": masked}), "application/json", headers=headers)

    answer = patch([CORNER, UPPER])
    assert answer.status_code == 200
    assert answer.json()["masked"] == by_hand(UPPER, CORNER)
    refused = patch([{**CORNER, "y": 41}])
    assert (refused.status_code, refused.json()["code"]) == (400, "bad_mask")
    assert patch([{"x": 1}]).status_code == 400
    assert client.get(address, headers=headers).json()["masked"] == by_hand(UPPER, CORNER)
    assert patch([]).json()["masked"] == []


def test_an_administrator_changes_masks_with_their_history(admin_client: Client, add: Add):
    one = mask(add(0), CORNER)
    form = {"masked": json.dumps([CORNER, UPPER]), "changes-TOTAL_FORMS": "0", "changes-INITIAL_FORMS": "0"}
    address = f"/admin/micrographs/micrograph/{one.pk}/change/"
    assert admin_client.post(address, form).status_code == 302
    one.refresh_from_db()
    assert one.masked == by_hand(UPPER, CORNER)
    assert one.changes.count() == 2
    for wrong in ([{**CORNER, "y": 44}], {"x": 3}, [3]):
        answer = admin_client.post(address, {**form, "masked": json.dumps(wrong)})
        assert answer.status_code == 200
        assert "errorlist" in answer.text


@pytest.mark.parametrize("masked", ['"x"', "[3]", '{"x": 0}', "null"])
def test_a_forged_list_in_an_export_is_refused(owner: User, tmp_path: Path, png, masked: str):
    (tmp_path / "a.png").write_bytes(png())
    (tmp_path / "micrographs.csv").write_text("filename\na.png\n")
    (tmp_path / "dataset.json").write_text(f'{{"micrographs": {{"a.png": {{"masked": {masked}}}}}}}')
    with pytest.raises(CommandError, match="not as MicroDB exports it"):
        call_command("import_dataset", str(tmp_path), name="Forged", owner="owner")
