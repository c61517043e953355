"""The quality report, the split helper, frozen versions and their comparison."""

from collections import defaultdict
from collections.abc import Callable

import numpy as np
import pytest
from django.test import Client

from microdb.accounts.models import User
from microdb.micrographs import services
from microdb.micrographs.curation.split_proposal import propose_split
from microdb.micrographs.models import Dataset, Micrograph, NearDuplicate
from tests.micrographs.test_pages_corrections import add_pixels

Add = Callable[..., Micrograph]


def findings(client: Client) -> dict[str, int]:
    report = client.get("/datasets/steels/health/").context["report"]
    counted = {one.query: one.count for one in report.findings}
    for query, count in counted.items():
        assert client.get(f"/datasets/steels/?{query}").context["page"].paginator.count == count, query
    return counted


def test_every_finding_links_to_exactly_its_micrographs(signed_in: Client, add: Add, dataset: Dataset, owner: User):
    add(0, label="ferrite", pixels_per_micrometre=2, specimen="A", split="train")
    add(1, label="ferrite", pixels_per_micrometre=2, specimen="A", split="quiz")
    add(2, label="pearlite", specimen="B")
    add(3, label="unsure", pixels_per_micrometre=30, specimen="C")
    add(4, pixels_per_micrometre=30)
    add_pixels(dataset, owner, np.full((48, 64), 7, np.uint8), label="none-of-these", specimen="D")
    assert findings(signed_in) == {
        "warning=leak": 2,
        "label=ferrite&split=train": 1,
        "label=pearlite&split=train": 0,
        "missing_scale=1": 2,
        "warning=blank": 1,
        "label=unlabelled": 1,
        "label=unsure": 1,
        "split=neither": 4,
        "specimen=-": 1,
    }


def test_missing_scales_are_no_finding_where_the_dataset_is_scale_free(signed_in: Client, add: Add, dataset: Dataset):
    add(0, label="ferrite", specimen="A")
    assert "missing_scale=1" in findings(signed_in)
    services.update_dataset(dataset=dataset, scale_free=True)
    assert "missing_scale=1" not in findings(signed_in)


def test_classes_are_counted_by_half_decades_of_scale(signed_in: Client, add: Add):
    for seed, (label, scale) in enumerate([("ferrite", 2), ("ferrite", 3), ("ferrite", 5), ("pearlite", 40)]):
        add(seed, label=label, pixels_per_micrometre=scale)
    report = signed_in.get("/datasets/steels/health/").context["report"]
    assert [round(one.low, 1) for one in report.bins] == [1, 3.2, 10, 31.6]
    covered = {row.name: [cell.count for cell in row.covered] for row in report.rows}
    assert covered == {"ferrite": [2, 1, 0, 0], "pearlite": [0, 0, 0, 1]}
    assert {row.name: [cell.shade for cell in row.covered] for row in report.rows}["ferrite"] == [4, 2, 0, 0]
    for row in report.rows:
        for cell in row.covered:
            found = signed_in.get(f"/datasets/steels/?{cell.query}").context["page"].paginator.count
            assert found == cell.count


def test_an_empty_dataset_says_what_to_do(signed_in: Client, dataset: Dataset):
    assert "There is nothing to check yet" in signed_in.get("/datasets/steels/health/").text
    assert "There is nothing to split" in signed_in.get("/datasets/steels/split/?share=25&seed=0").text


@pytest.fixture
def specimens(add: Add) -> dict[str, list[Micrograph]]:
    """Two classes of 24 micrographs on specimens of one to six."""
    made = defaultdict(list)
    seed = 0
    for label in ("ferrite", "pearlite"):
        for specimen, size in enumerate((6, 5, 4, 4, 3, 1, 1)):
            for _ in range(size):
                name = f"{label}-{specimen}"
                made[name].append(add(seed, label=label, specimen=name, pixels_per_micrometre=2))
                seed += 1
    return made


def test_no_specimen_and_no_near_duplicates_are_parted(dataset: Dataset, specimens: dict[str, list[Micrograph]]):
    one, other = specimens["ferrite-0"][0], specimens["ferrite-5"][0]
    NearDuplicate.objects.create(first=one, second=other, kind="near", differing_bits=3)
    for seed in range(8):
        proposal = propose_split(dataset, quiz_share=0.25, seed=seed)
        quiz, train = set(proposal.quiz), set(proposal.train)
        assert not quiz & train
        assert len(quiz | train) == 48
        for group in specimens.values():
            assert len({micrograph.pk in quiz for micrograph in group}) == 1
        assert (one.pk in quiz) == (other.pk in quiz)


def test_the_quiz_gets_about_its_share_of_each_class_and_a_seed_settles_which(
    dataset: Dataset, specimens: dict[str, list[Micrograph]]
):
    seen = set()
    for seed in range(5):
        proposal = propose_split(dataset, quiz_share=0.25, seed=seed)
        assert proposal == propose_split(dataset, quiz_share=0.25, seed=seed)
        assert [(label, quiz.micrographs) for label, _train, quiz in proposal.rows] == [("ferrite", 6), ("pearlite", 6)]
        seen.add(frozenset(proposal.quiz))
    assert len(seen) > 1


def test_none_of_these_goes_into_the_quiz(dataset: Dataset, add: Add):
    other = add(0, label="none-of-these", pixels_per_micrometre=2)
    known = add(1, label="ferrite", pixels_per_micrometre=2)
    proposal = propose_split(dataset, quiz_share=0.25, seed=0)
    assert (proposal.quiz, proposal.train) == ([other.pk], [known.pk])


def test_a_proposal_is_applied_and_undone(signed_in: Client, dataset: Dataset, specimens: dict[str, list[Micrograph]]):
    page = signed_in.get("/datasets/steels/split/?share=25&seed=1")
    assert dataset.micrographs.filter(split="").count() == 48
    assert len(page.context["proposal"].quiz) == 12
    page = signed_in.post("/datasets/steels/split/", {"share": "25", "seed": "1"}, follow=True)
    assert "36 micrographs to train on, 12 for the quiz" in page.text
    assert dataset.micrographs.filter(split="quiz").count() == 12
    signed_in.post("/datasets/steels/bulk/undo/")
    assert dataset.micrographs.filter(split="").count() == 48


@pytest.mark.parametrize("given", ["share=0&seed=0", "share=200&seed=0", "share=25&seed=-1", "share=x&seed=0"])
def test_a_bad_share_is_said(signed_in: Client, dataset: Dataset, given: str):
    page = signed_in.get(f"/datasets/steels/split/?{given}")
    assert page.context["proposal"] is None
    assert "notice error" in page.text


def test_versions_are_frozen_listed_and_compared(signed_in: Client, add: Add, dataset: Dataset, owner: User):
    kept, changed, gone = (add(seed, label="ferrite", pixels_per_micrometre=2) for seed in range(3))
    signed_in.post("/datasets/steels/versions/freeze/", {"note": "before the clean-up"})
    services.set_label(micrographs=[changed], label="pearlite", by=owner)
    services.set_scale(micrographs=[changed], pixels_per_micrometre=4, source="by_hand", by=owner)
    services.trash_micrographs(micrographs=[gone], by=owner)
    new = add(3)
    signed_in.post("/datasets/steels/versions/freeze/", {})
    page = signed_in.get("/datasets/steels/versions/")
    assert [(one.number, one.size, one.note) for one in page.context["page"]] == [
        (2, 3, ""),
        (1, 3, "before the clean-up"),
    ]
    compared = signed_in.get("/datasets/steels/versions/compare/?before=2&after=1").context["comparison"]
    assert [entry.micrograph_id for entry in compared.added] == [new.pk]
    assert [entry.micrograph_id for entry in compared.removed] == [gone.pk]
    assert [(one.entry.micrograph_id, one.differences) for one in compared.changed] == [
        (changed.pk, [("label", "ferrite", "pearlite"), ("pixels per micrometre", "2", "4")])
    ]
    assert compared.same_count == 1
    assert kept.filename not in [entry.micrograph.filename for entry in compared.added]
    again = signed_in.post("/datasets/steels/versions/freeze/", {}, follow=True)
    assert "Nothing has changed since version 2" in again.text


@pytest.mark.parametrize("query", ["", "?before=1", "?before=x&after=1", "?before=1&after=99999999999"])
def test_two_versions_are_asked_for_in_words(signed_in: Client, dataset: Dataset, query: str):
    page = signed_in.get(f"/datasets/steels/versions/compare/{query}", follow=True)
    assert "Choose two versions" in page.text
    assert signed_in.get("/datasets/steels/versions/compare/?before=1&after=2").status_code == 404
