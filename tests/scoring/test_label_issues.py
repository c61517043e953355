"""Active learning and label issues."""

import pytest
from django.test import Client

from microdb.accounts.models import User
from microdb.jobs import Job
from microdb.micrographs.models import Micrograph
from microdb.micrographs.services import set_label
from microdb.scoring.active_learning import PLACES, next_to_label
from microdb.scoring.label_issues import label_issues
from microdb.scoring.models import Batch, Score
from microdb.training.models import ModelVersion, OutOfFold


def scored(version: ModelVersion, micrograph: Micrograph, ferrite: float, pearlite: float, none: float) -> Score:
    shares = {"ferrite": ferrite, "pearlite": pearlite, "none-of-these": none}
    predicted = max(shares, key=shares.__getitem__)
    return Score.objects.create(
        model_version=version,
        micrograph=micrograph,
        pixels_per_micrometre=10.0,
        state=Job.State.DONE,
        predicted=predicted,
        probability=shares[predicted],
        none_of_these=none,
        probabilities={"ferrite": ferrite, "pearlite": pearlite},
    )


@pytest.fixture
def unlabelled(trained: ModelVersion, add_drawn) -> list[Micrograph]:
    added = [add_drawn("ferrite", seed) for seed in (40, 41, 42, 43)]
    set_label(micrographs=added, label="", by=None)
    return added


def test_each_order_puts_another_doubt_first(trained: ModelVersion, unlabelled: list[Micrograph]):
    sure, close, strange, torn = unlabelled
    scored(trained, sure, 0.9, 0.1, 0.0)
    scored(trained, close, 0.5, 0.48, 0.02)
    scored(trained, strange, 0.1, 0.2, 0.7)
    scored(trained, torn, 0.4, 0.2, 0.4)
    names = {one.pk: name for one, name in zip(unlabelled, ("sure", "close", "strange", "torn"), strict=True)}

    def order(by: str) -> list[str]:
        found = PLACES[by].ordered(next_to_label(trained.dataset, trained))
        return [names[score.micrograph_id] for score in found]

    assert order("uncertainty") == ["torn", "close", "strange", "sure"]
    assert order("margin") == ["torn", "close", "strange", "sure"]
    assert order("unknown") == ["strange", "torn", "close", "sure"]


def test_the_labelling_page_follows_the_order_and_drops_what_is_labelled(
    trained: ModelVersion, unlabelled: list[Micrograph], signed_in: Client
):
    for one, share in zip(unlabelled, (0.9, 0.5, 0.7, 0.6), strict=True):
        scored(trained, one, share, 1 - share, 0.0)
    page = signed_in.get("/datasets/steels/next/label/?order=uncertainty")
    keys = [item["id"] for item in page.context["first"]]
    assert keys == [str(unlabelled[index].pk) for index in (1, 3, 2, 0)]
    signed_in.post(f"/datasets/steels/label/{keys[0]}/", {"label": "ferrite"})
    rest = signed_in.get(f"/datasets/steels/next/queue/?order=uncertainty&after={keys[1]}").json()["items"]
    assert [item["id"] for item in rest] == keys[2:]
    assert len(signed_in.get("/datasets/steels/next/").context["page"]) == 3


def test_what_has_no_score_is_offered_for_scoring(
    trained: ModelVersion, unlabelled: list[Micrograph], signed_in: Client, django_capture_on_commit_callbacks
):
    assert signed_in.get("/datasets/steels/next/").context["unscored"] == 4
    signed_in.post("/datasets/steels/next/score/")
    assert Batch.objects.get().items.count() == 4
    assert signed_in.get("/datasets/steels/next/").context["unscored"] == 0


def test_only_labels_that_the_version_was_not_trained_on_are_suspect(
    trained: ModelVersion, add_drawn, signed_in: Client
):
    in_training = trained.dataset_version.entries.filter(split="train", label="ferrite").first().micrograph
    held_out = trained.dataset_version.entries.filter(split="quiz", label="ferrite").first().micrograph
    right = trained.dataset_version.entries.filter(split="quiz", label="pearlite").first().micrograph
    trained.out_of_fold.all().delete()
    scored(trained, in_training, 0.1, 0.9, 0.0)
    scored(trained, held_out, 0.1, 0.9, 0.0)
    scored(trained, right, 0.1, 0.9, 0.0)
    none = add_drawn("ferrite", 50)
    set_label(micrographs=[none], label="none-of-these", by=None)
    scored(trained, none, 0.6, 0.1, 0.3)
    found = label_issues(trained.dataset)
    assert [(one.score.micrograph_id, one.label, one.for_label) for one in found] == [
        (held_out.pk, "ferrite", 0.1),
        (none.pk, "none-of-these", 0.3),
    ]
    page = signed_in.get("/datasets/steels/suspects/")
    assert [one.score.micrograph_id for one in page.context["page"]] == [held_out.pk, none.pk]


def test_of_what_was_trained_on_the_part_that_never_saw_it_speaks(trained: ModelVersion, signed_in: Client):
    trained.out_of_fold.all().delete()
    rows = trained.dataset_version.entries.filter(split="train", label="ferrite").select_related("micrograph")
    wrong, right, unlabelled = (entry.micrograph for entry in rows[:3])
    contradicts = {"ferrite": 0.2, "pearlite": 0.7, "none-of-these": 0.1}
    for one, said in ((wrong, contradicts), (right, {**contradicts, "ferrite": 0.9}), (unlabelled, contradicts)):
        OutOfFold.answered(trained, one.pk, "ferrite", said).save()
    set_label(micrographs=[unlabelled], label="", by=None)
    (found,) = label_issues(trained.dataset)
    assert (found.micrograph, found.label, found.predicted, found.for_label) == (wrong, "ferrite", "pearlite", 0.2)
    assert (
        "by the part of the model that was not trained on its specimen"
        in signed_in.get("/datasets/steels/suspects/").text
    )
    set_label(micrographs=[wrong], label="pearlite", by=None)
    assert not label_issues(trained.dataset)


def test_without_a_model_the_page_says_what_to_do(signed_in: Client, dataset):
    assert "No model has been trained yet" in signed_in.get("/datasets/steels/next/").text
    assert "There are no label issues: no model" in signed_in.get("/datasets/steels/suspects/").text
    assert signed_in.get("/datasets/steels/next/label/").status_code == 200
    assert signed_in.post("/datasets/steels/next/score/").status_code == 302


def test_strangers_see_nothing(trained: ModelVersion, stranger: User):
    client = Client()
    client.force_login(stranger)
    for path in ("next/", "next/label/", "next/queue/", "suspects/"):
        assert client.get(f"/datasets/steels/{path}").status_code == 404
