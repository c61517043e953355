"""The length read at a micron bar: stored by a worker, proposed and compared, and confirmed by a person."""

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from microdb.accounts.models import User
from microdb.celery import app, queue_length
from microdb.errors import MicroDBError
from microdb.micrographs import services, tasks
from microdb.micrographs.gallery.quality_report import quality_report_of
from microdb.micrographs.models import Dataset, Lettering, Micrograph, Reading
from microdb.micrographs.reading.isolation import MasterRead
from microdb.micrographs.reading.lettering import LengthRead
from microdb.micrographs.scale.lettering import length_in
from microdb.micrographs.services import lettering as lettering_service
from microdb.micrographs.services import remeasuring
from tests.micrographs.conftest import encoded, rejected
from tests.micrographs.drawn_bands import draw_band
from tests.workers import celery_worker, wait_until

Add = Callable[..., Micrograph]
API = "/api/v1/datasets/steels/micrographs/"


@pytest.fixture
def barred(dataset: Dataset, owner: User, media: Path) -> Callable[..., Micrograph]:
    """``barred(seed, **given)``: a stored micrograph with a data bar whose lettering waits."""

    def make(seed: int = 0, **given: Any) -> Micrograph:
        pixels = draw_band(seed, "i_beam", labels=["200 nm"]).pixels
        file = io.BytesIO(encoded(pixels, "PNG"))
        return services.add_and_read_micrograph(dataset=dataset, file=file, filename=f"{seed}.png", by=owner, **given)

    return make


@pytest.fixture
def written(barred: Callable[..., Micrograph], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Micrograph]:
    """``written("200 nm", seed, **given)``: one whose lettering was read as this text; empty for none."""

    def make(text: str = "200 nm", seed: int = 0, **given: Any) -> Micrograph:
        micrograph = barred(seed, **given)
        length = length_in(text)
        found = LengthRead(length, text, 0.99) if length else None
        monkeypatch.setattr(lettering_service, "read_length", lambda *given, **options: found)
        tasks.read_lettering(str(micrograph.pk))
        return Micrograph.objects.select_related("lettering", "dataset").get(pk=micrograph.pk)

    return make


def page_of(micrograph: Micrograph) -> str:
    return f"/datasets/steels/micrographs/{micrograph.pk}/"


def test_a_micrograph_with_a_bar_is_ready_while_its_lettering_waits(barred: Callable[..., Micrograph]) -> None:
    one = barred()
    assert (one.state, one.lettering.state) == ("ready", "queued")
    assert one.lettering.pictures


def test_a_micrograph_without_a_bar_has_no_lettering(add: Add) -> None:
    assert not Lettering.objects.filter(pk=add(0).pk).exists()


def test_its_message_goes_to_a_queue_of_its_own(
    barred: Callable[..., Micrograph], django_capture_on_commit_callbacks: Any
) -> None:
    before = queue_length("lettering")
    with django_capture_on_commit_callbacks(execute=True):
        barred()
    assert queue_length("lettering") == before + 1
    assert app.amqp.router.route({}, tasks.read_lettering.name)["queue"].name == "lettering"


def test_the_length_is_stored_and_never_sets_the_scale(written: Callable[..., Micrograph]) -> None:
    one = written("200 nm")
    found = one.lettering
    assert (found.state, found.text, found.amount, found.unit, found.confidence) == ("done", "200 nm", 200, "nm", 0.99)
    assert found.pixels_per_micrometre == pytest.approx((one.bar_pixels or 0) / 0.2)
    assert found.pictures == []
    assert (one.pixels_per_micrometre, one.scale_source) == (None, "")


def test_without_a_certain_length_nothing_is_proposed(written: Callable[..., Micrograph], signed_in: Client) -> None:
    one = written("")
    assert (one.lettering.state, one.lettering.text) == ("done", "")
    form = signed_in.get(page_of(one)).context["bar_form"]
    assert "bar_length" not in form.initial


def test_a_length_that_gives_an_impossible_scale_is_dropped(
    written: Callable[..., Micrograph], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lettering_service, "is_possible_scale", lambda scale: False)
    assert written("200 nm").lettering.text == ""


def test_a_recogniser_that_fails_is_given_up_and_the_micrograph_stays_ready(
    barred: Callable[..., Micrograph], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*given: Any, **options: Any) -> None:
        raise RuntimeError("no answer")

    monkeypatch.setattr(lettering_service, "read_length", fail)
    one = barred()
    tasks.read_lettering(str(one.pk))
    one.lettering.refresh_from_db()
    one.refresh_from_db()
    assert (one.state, one.lettering.state) == ("ready", "failed")


def test_the_length_is_filled_in_beside_the_bar(written: Callable[..., Micrograph], signed_in: Client) -> None:
    one = written("200 nm")
    page = signed_in.get(page_of(one))
    assert page.context["bar_form"].initial == {"bar_pixels": one.bar_pixels, "bar_length": "200", "unit": "nm"}
    assert "“200 nm” was read beside it." in page.text


def test_a_scale_that_differs_is_named_on_page_api_gallery_and_health(
    written: Callable[..., Micrograph], signed_in: Client, dataset: Dataset
) -> None:
    right = written("200 nm", 0)
    services.set_scale(
        micrographs=[right], pixels_per_micrometre=(right.bar_pixels or 0) / 0.2, source="metadata", by=None
    )
    wrong = written("200 nm", 1, pixels_per_micrometre=0.3)
    assert "is labelled “200 nm”" in signed_in.get(page_of(wrong)).text
    assert "is labelled" not in signed_in.get(page_of(right)).text
    rows = {one["filename"]: one["micron_bar"] for one in signed_in.get(API).json()["results"]}
    assert (rows["0.png"]["agrees"], rows["1.png"]["agrees"]) == (True, False)
    assert "0.3 px/µm" in rows["1.png"]["note"]
    assert rows["0.png"]["note"] == ""
    gallery = signed_in.get("/datasets/steels/?warning=other_than_bar").context["page"]
    assert [one.filename for one in gallery] == ["1.png"]
    findings = {one.query: one.count for one in quality_report_of(dataset).findings}
    assert findings["warning=other_than_bar"] == 1


def test_the_api_has_the_bar_with_its_length(written: Callable[..., Micrograph], signed_in: Client, add: Add) -> None:
    one = written("200 nm")
    none = add(7)
    found = signed_in.get(f"{API}{one.pk}/").json()["micron_bar"]
    assert found == {
        "pixels": one.bar_pixels,
        "text": "200 nm",
        "length": 200,
        "unit": "nm",
        "confidence": 0.99,
        "pixels_per_micrometre": pytest.approx((one.bar_pixels or 0) / 0.2),
        "agrees": None,
        "note": "",
    }
    assert signed_in.get(f"{API}{none.pk}/").json()["micron_bar"] is None


def test_proposed_scales_are_confirmed_together_and_undone(
    written: Callable[..., Micrograph], signed_in: Client, dataset: Dataset
) -> None:
    one = written("200 nm", 0)
    known = written("200 nm", 1, pixels_per_micrometre=3)
    gallery = signed_in.get("/datasets/steels/?warning=scale_to_confirm")
    assert [shown.filename for shown in gallery.context["page"]] == ["0.png"]
    assert "bar: 200 nm" in gallery.text
    findings = {found.query: found.count for found in quality_report_of(dataset).findings}
    assert findings["warning=scale_to_confirm"] == 1
    chosen = {"action": "bar_scale", "micrograph": [str(one.pk), str(known.pk)]}
    signed_in.post("/datasets/steels/bulk/", chosen)
    one.refresh_from_db()
    known.refresh_from_db()
    assert one.pixels_per_micrometre == pytest.approx((one.bar_pixels or 0) / 0.2, rel=1e-4)
    assert (one.scale_source, known.pixels_per_micrometre) == ("micron_bar", 3)
    assert "200 nm on" in one.scale_note
    signed_in.post("/datasets/steels/bulk/undo/")
    one.refresh_from_db()
    assert (one.pixels_per_micrometre, one.scale_source) == (None, "")


def test_confirming_where_nothing_is_proposed_says_so(add: Add, owner: User) -> None:
    assert rejected(lambda: services.confirm_bar_scales(micrographs=[add(0)], by=owner))
    with pytest.raises(MicroDBError, match="has a micron bar whose length was read"):
        services.confirm_bar_scales(micrographs=[], by=owner)


@pytest.mark.django_db(transaction=True)
def test_a_worker_reads_the_length(
    dataset: Dataset, owner: User, media: Path, case_files: Path, tmp_path: Path
) -> None:
    image = case_files / "bar_short_ibeam_27px.jpg"
    log = tmp_path / "worker.log"
    with celery_worker("lettering", log), image.open("rb") as file:
        one = services.add_and_read_micrograph(dataset=dataset, file=file, filename=image.name, by=owner)
        wait_until(lambda: Lettering.objects.filter(pk=one.pk, state="done").exists(), seconds=120, log=log)
    assert Lettering.objects.get(pk=one.pk).text == "200 nm"


@pytest.fixture
def old(barred: Callable[..., Micrograph], monkeypatch: pytest.MonkeyPatch) -> Micrograph:
    """A micrograph with lettering and a box, as an earlier release left it."""
    one = barred()
    Micrograph.objects.filter(pk=one.pk).update(bar_pixels=None, masked=[])
    Lettering.objects.all().delete()
    Reading.objects.update(measures=0)
    read = remeasuring.read_isolated
    monkeypatch.setattr(remeasuring, "read_isolated", lambda master: _with_box(read(master)))
    return one


def _with_box(found: MasterRead) -> MasterRead:
    return replace(found, measured=replace(found.measured, masked=[BOX]))


BOX = {"x": 4, "y": 4, "width": 60, "height": 20}


def test_old_micrographs_are_searched_for_boxes_and_lettering_once(old: Micrograph) -> None:
    out = io.StringIO()
    call_command("backfill_measurements", stdout=out)
    assert out.getvalue().startswith("1 micrographs searched: 1 boxes masked, 1 micron bars")
    one = Micrograph.objects.get(pk=old.pk)
    assert one.masked == [{**BOX, "source": "found"}]
    assert one.bar_pixels
    assert (one.lettering.state, one.changes.filter(field="masked").count()) == ("queued", 1)
    assert list(services.remeasure()) == []


def test_where_somebody_unmasked_a_box_it_stays_unmasked(old: Micrograph, owner: User) -> None:
    services.set_masked(micrographs=[old], masked=[BOX], by=owner)
    services.set_masked(micrographs=[old], masked=[], by=owner)
    (found,) = services.remeasure()
    assert (found.boxes, found.lettering) == (0, True)
    assert Micrograph.objects.get(pk=old.pk).masked == []


def test_an_old_file_that_is_gone_is_named_and_searched_later(old: Micrograph) -> None:
    old.master.storage.delete(str(old.master.name))
    with pytest.raises(CommandError, match=r"0 micrographs searched: .* 1 could not be read"):
        call_command("backfill_measurements", stderr=io.StringIO())
    assert Reading.objects.get(pk=old.pk).measures == 0


def test_a_picture_is_small(barred: Callable[..., Micrograph]) -> None:
    """Of a picture of a thousand pixels only the texts at the bar are kept, for a moment."""
    assert sum(map(len, barred().lettering.pictures)) < 20_000
