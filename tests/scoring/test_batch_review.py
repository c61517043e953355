"""The page of a batch: errors first, accuracy by specimen, pages that stay in place."""

import numpy as np
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from reportlab.platypus import LongTable, Paragraph

from microdb.micrographs.models import Micrograph
from microdb.micrographs.services import set_label, set_specimen
from microdb.scoring.batch_pdf import story
from microdb.scoring.batch_review import page_of, review
from microdb.scoring.models import Batch, BatchItem
from microdb.scoring.services import BatchInput, create_batch
from microdb.statistics import clustered_interval
from microdb.training.models import ModelVersion
from tests.scoring.batch_api import Api
from tests.scoring.verdicts import verdict

LABELS = ("ferrite", "ferrite", "ferrite", "pearlite", "pearlite", "")
SAID = ("ferrite", "pearlite", "ferrite", "pearlite", "none-of-these", "ferrite")
SPECIMENS = ("a", "a", "b", "c", "c", "d")


@pytest.fixture
def micrographs(trained: ModelVersion) -> list[Micrograph]:
    rows = Micrograph.objects.bulk_create(
        Micrograph(
            dataset=trained.dataset, filename=f"{number}.png", sha256=f"{number:064d}", width=9, height=9, bit_depth=8,
            state=Micrograph.State.READY, pixels_per_micrometre=10.0, scale_source="by_hand", specimen=specimen,
        )
        for number, specimen in enumerate(SPECIMENS)
    )  # fmt: skip
    for one, label in zip(rows, LABELS, strict=True):
        set_label(micrographs=[one], label=label, by=None)
    return rows


@pytest.fixture
def batch(trained: ModelVersion, micrographs: list[Micrograph]) -> Batch:
    for one, said in zip(micrographs, SAID, strict=True):
        verdict(trained, one, said)
    made = create_batch(model_version=trained, items=[BatchInput(one.filename, one) for one in micrographs], by=None)
    BatchItem.objects.create(
        batch=made, position=6, filename="broken.png", error="It is no image.", error_code="refused"
    )
    return counted(made)


def counted(batch: Batch) -> Batch:
    return Batch.objects.with_counts().select_related("model_version__dataset").get(pk=batch.pk)


def names(page) -> list[str]:
    return [item.filename for item in page]


def test_errors_come_first_then_what_has_no_verdict(batch: Batch, signed_in: Client):
    page = signed_in.get(f"/batches/{batch.pk}/")
    assert names(page.context["page"]) == ["1.png", "4.png", "broken.png", "5.png", "0.png", "2.png", "3.png"]
    only = signed_in.get(f"/batches/{batch.pk}/?show=wrong")
    assert names(only.context["page"]) == ["1.png", "4.png"]
    assert names(signed_in.get(f"/batches/{batch.pk}/?show=nonsense").context["page"])[0] == "1.png"


def test_the_accuracy_takes_micrographs_of_a_specimen_for_alike(batch: Batch):
    found = review(batch, batch.model_version.dataset)
    assert (found.accuracy.right, found.accuracy.count) == (3, 5)
    expected = clustered_interval(np.array([1.0, 1.0, 1.0]), np.array([2.0, 1.0, 2.0]))
    assert vars(found.accuracy.interval) == pytest.approx(vars(expected))
    assert {label: (share.right, share.count) for label, share in found.classes.items()} == {
        "ferrite": (2, 3),
        "pearlite": (1, 2),
    }
    assert found.counts == {"wrong": 2, "without": 1, "unlabelled": 1, "right": 3}


def test_what_the_version_was_trained_on_is_left_out_of_the_accuracy(trained: ModelVersion, batch: Batch, micrographs):
    trained.dataset_version.entries.create(micrograph=micrographs[0], split="train", label="ferrite", specimen="a")
    found = review(batch, batch.model_version.dataset)
    assert (found.accuracy.count, found.trained_on, found.known_specimens) == (4, 1, 1)


def test_a_changed_label_or_specimen_changes_the_review(batch: Batch, micrographs):
    dataset = batch.model_version.dataset
    assert review(batch, dataset).counts["wrong"] == 2
    set_label(micrographs=[micrographs[1]], label="pearlite", by=None)
    assert review(batch, dataset).counts["wrong"] == 1
    before = review(batch, dataset).accuracy.interval
    set_specimen(micrographs=micrographs[:2], specimen="e", by=None)
    set_specimen(micrographs=micrographs[2:4], specimen="e", by=None)
    assert review(batch, dataset).accuracy.interval != before


def test_pages_go_on_after_a_place_whatever_became_of_it(batch: Batch, micrographs):
    dataset, items = batch.model_version.dataset, batch.items.all()
    first = page_of(review(batch, dataset).places, items, {}, 3)
    assert (names(first), first.before) == (["1.png", "4.png", "broken.png"], "")
    set_label(micrographs=[micrographs[4]], label="none-of-these", by=None)
    places = review(batch, dataset).places
    second = page_of(places, items, {"after": first.after}, 3)
    assert names(second) == ["5.png", "0.png", "2.png"]
    assert names(page_of(places, items, {"before": second.before}, 3)) == ["1.png", "broken.png", "5.png"]
    assert names(page_of(places, items, {"after": "9999999"}, 3)) == ["4.png"]
    assert names(page_of(places, items, {"after": "x-1"}, 3))[0] == "1.png"


def test_while_a_batch_runs_its_items_stay_in_their_order(trained: ModelVersion, micrographs, signed_in: Client):
    verdict(trained, micrographs[1], "pearlite")
    made = create_batch(model_version=trained, items=[BatchInput(one.filename, one) for one in micrographs], by=None)
    page = signed_in.get(f"/batches/{made.pk}/")
    assert page.context["review"] is None
    assert names(page.context["page"]) == [one.filename for one in micrographs]


def test_a_page_of_a_batch_makes_as_many_queries_with_more_items(
    trained: ModelVersion, batch: Batch, micrographs, signed_in: Client
):
    items = [BatchInput(one.filename, one) for one in micrographs[:2]]
    short = create_batch(model_version=trained, items=items, by=None)

    def queries(one: Batch) -> int:
        with CaptureQueriesContext(connection) as asked:
            signed_in.get(f"/batches/{one.pk}/")
        return len(asked)

    queries(batch)  # fills the caches of the process
    assert queries(short) - queries(batch) in (0, 4)  # the longer one has been reviewed


def words(batch: Batch) -> str:
    """What the PDF says, from its first line to its last."""
    said = []
    for part in story(batch, batch.model_version.dataset, "Batch"):
        cells = [cell for row in part._cellvalues for cell in row] if isinstance(part, LongTable) else [part]
        said += [cell.getPlainText() for cell in cells if isinstance(cell, Paragraph)]
    return " ".join(said)


def test_the_pdf_has_the_accuracy_and_the_errors_first(batch: Batch, signed_in: Client):
    answer = signed_in.get(f"/batches/{batch.pk}/results.pdf")
    assert (answer["Content-Type"], answer.content[:4]) == ("application/pdf", b"%PDF")
    found = words(batch)
    assert "3 of 5 labelled micrographs are predicted as labelled" in found
    assert found.index("1.png") < found.index("broken.png") < found.index("0.png")


def test_a_long_batch_has_a_short_pdf(batch: Batch, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("microdb.scoring.batch_pdf.MOST_ROWS", 2)
    found = words(batch)
    assert "The first 2 of 7" in found
    assert "0.png" not in found


def test_the_pdf_shows_the_thumbnails_that_there_are(trained: ModelVersion, add_drawn, signed_in: Client):
    with_picture, without = add_drawn("ferrite", 80), add_drawn("ferrite", 81)
    Micrograph.objects.filter(pk=without.pk).update(thumbnail="thumbnails/gone.webp")
    items = [BatchInput(one.filename, one) for one in (with_picture, without)]
    made = create_batch(model_version=trained, items=items, by=None)
    assert signed_in.get(f"/batches/{made.pk}/results.pdf").content.count(b"/Subtype /Image") == 1


def test_the_api_has_the_same_review_and_pdf(trained: ModelVersion, batch: Batch, micrographs, api: Api):
    found = api.get(f"{batch.pk}/review/").json()
    assert (found["accuracy"]["right"], found["accuracy"]["count"]) == (3, 5)
    assert found["counts"]["wrong"] == 2
    assert [(one["label"], one["right"]) for one in found["classes"]] == [("ferrite", 2), ("pearlite", 1)]
    assert api.get(f"{batch.pk}/pdf/").content[:4] == b"%PDF"
    Micrograph.objects.filter(pk=micrographs[0].pk).update(pixels_per_micrometre=20.0)
    micrographs[0].refresh_from_db()
    running = create_batch(model_version=trained, items=[BatchInput("0.png", micrographs[0])], by=None)
    assert api.get(f"{running.pk}/review/", status=409).json()["code"] == "not_ended"
