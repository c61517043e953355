"""Two versions on the micrographs that both held out."""

from collections import Counter

import pytest
from django.test import Client

from microdb.accounts.models import User
from microdb.jobs import Job
from microdb.micrographs.services import freeze_dataset, set_label
from microdb.training.comparison import GAINED, LOST, OTHER, compare_model_versions, flipped
from microdb.training.models import ModelVersion, OutOfFold

PAGE = "/datasets/steels/training/compare/"
ANSWERS = ("ferrite", "pearlite", "none-of-these")


def answers(version: ModelVersion, predicted: dict[str, str]) -> None:
    """Replace the version's out-of-fold answers; ``predicted`` by file name."""
    version.out_of_fold.all().delete()
    for entry in version.dataset_version.entries.filter(split="train").select_related("micrograph"):
        if name := predicted.get(entry.micrograph.filename):
            shares = {one: 0.8 if one == name else 0.1 for one in ANSWERS}
            OutOfFold.answered(version, entry.micrograph_id, entry.label, shares).save()


def another(version: ModelVersion, **changed: object) -> ModelVersion:
    """A later version with the same micrographs and settings."""
    fields = {"classes": version.classes, "metrics": version.metrics, "config": version.config} | changed
    frozen = freeze_dataset(dataset=version.dataset)
    return ModelVersion.objects.create(
        dataset=version.dataset, dataset_version=frozen, number=2, state=Job.State.DONE, progress=1, **fields
    )


@pytest.fixture
def two(trained: ModelVersion) -> tuple[ModelVersion, ModelVersion]:
    """The later recognises one more, loses one, and is wrong about one in another way."""
    before = {"ferrite-0.png": "ferrite", "ferrite-1.png": "pearlite", "ferrite-2.png": "pearlite"}
    before |= {"pearlite-0.png": "pearlite", "pearlite-1.png": "ferrite", "pearlite-2.png": "pearlite"}
    after = before | {"ferrite-1.png": "ferrite", "pearlite-1.png": "none-of-these", "pearlite-2.png": "ferrite"}
    later = another(trained)
    answers(trained, before)
    answers(later, after)
    return trained, later


def test_the_paired_table_counts_each_micrograph_once(two: tuple[ModelVersion, ModelVersion]):
    found = compare_model_versions(*two)
    assert (found.both, found.only_before, found.only_after, found.neither) == (2, 1, 1, 2)
    assert found.count == 6
    assert found.before is not None
    assert found.after is not None
    assert (found.before.right, found.after.right) == (3, 3)
    assert found.difference is not None
    assert found.difference.difference == 0
    assert found.mcnemar == 1
    assert found.flips == {GAINED: 1, LOST: 1, OTHER: 1}
    assert not found.other_folds
    assert found.settings == []


def test_flipped_predictions_are_listed_by_what_happened(two: tuple[ModelVersion, ModelVersion]):
    rows = {one.micrograph.filename: (one.flip, one.predicted_before) for one in flipped(*two)}
    assert rows == {
        "ferrite-1.png": (GAINED, "pearlite"),
        "pearlite-2.png": (LOST, "pearlite"),
        "pearlite-1.png": (OTHER, "ferrite"),
    }
    assert [one.micrograph.filename for one in flipped(*two, LOST)] == ["pearlite-2.png"]


def test_a_micrograph_with_another_label_is_left_out_and_the_folds_differ(trained: ModelVersion, owner: User):
    answers(trained, dict.fromkeys(("ferrite-0.png", "pearlite-0.png"), "ferrite"))
    changed = trained.dataset.micrographs.get(filename="ferrite-0.png")
    set_label(micrographs=[changed], label="pearlite", by=owner)
    later = another(trained)
    answers(later, dict.fromkeys(("ferrite-0.png", "pearlite-0.png"), "pearlite"))
    found = compare_model_versions(trained, later)
    assert (found.count, found.only_after) == (1, 1)
    assert found.other_folds


@pytest.mark.parametrize("changed", [{"seed": 7}, {"config": {"recipe": "other"}}])
def test_another_seed_or_recipe_makes_other_folds(trained: ModelVersion, changed: dict[str, object]):
    found = compare_model_versions(trained, another(trained, **changed))
    assert found.other_folds
    assert found.count == 0
    assert found.difference is None


def test_settings_that_differ_are_listed_with_their_sections(trained: ModelVersion):
    config = {**trained.config, "mixture": {**trained.config["mixture"], "false_rejection": 0.5}}
    before = trained.config["mixture"]["false_rejection"]
    found = compare_model_versions(trained, another(trained, config=config))
    assert found.settings == [("mixture.false_rejection", before, 0.5)]


def test_the_page_shows_table_difference_and_flips(signed_in: Client, two: tuple[ModelVersion, ModelVersion]):
    page = signed_in.get(f"{PAGE}?before=1&after=2")
    assert page.status_code == 200
    for text in ("Version 2 compared with version 1", "+0 points", "became right (1)", "became wrong (1)"):
        assert text in page.text
    assert Counter(answer.flip for answer in page.context["page"]) == {GAINED: 1, LOST: 1, OTHER: 1}
    lost = signed_in.get(f"{PAGE}?before=1&after=2&flip=lost").context["page"]
    assert [answer.micrograph.filename for answer in lost] == ["pearlite-2.png"]


@pytest.mark.parametrize("query", ["", "before=1", "before=1&after=9", "before=x&after=2"])
def test_without_two_trained_versions_the_list_asks_for_them(
    signed_in: Client, two: tuple[ModelVersion, ModelVersion], query: str
):
    page = signed_in.get(f"{PAGE}?{query}", follow=True)
    assert "Choose two trained versions to compare." in page.text


def test_the_list_offers_a_comparison_once_there_are_two(signed_in: Client, trained: ModelVersion):
    address = "/datasets/steels/training/"
    assert "Compare" not in signed_in.get(address).text
    another(trained)
    page = signed_in.get(address).text
    assert '<option value="1" selected>Version 1</option>' in page
    assert '<option value="2" selected>Version 2</option>' in page


def test_the_api_tells_what_the_page_shows(signed_in: Client, two: tuple[ModelVersion, ModelVersion]):
    address = "/api/v1/datasets/steels/model-versions/compare/"
    found = signed_in.get(f"{address}?before=1&after=2").json()
    assert (found["both"], found["only_before"], found["only_after"], found["neither"]) == (2, 1, 1, 2)
    assert found["difference"]["interval"]["low"] < 0 < found["difference"]["interval"]["high"]
    flips = signed_in.get(f"{address}flipped/?before=1&after=2&flip=gained").json()["results"]
    assert [(one["filename"], one["predicted_before"]) for one in flips] == [("ferrite-1.png", "pearlite")]
    assert signed_in.get(f"{address}?before=1&after=9").status_code == 404
    assert signed_in.get(f"{address}?before=1").status_code == 400
