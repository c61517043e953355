"""Verdicts become labels, with history, undo and the right permissions."""

import pytest
from django.test import Client

from microdb.accounts.models import User
from microdb.accounts.services import create_api_token
from microdb.errors import MicroDBError
from microdb.micrographs.models import Membership, Micrograph
from microdb.micrographs.services import set_label
from microdb.scoring.models import Score
from microdb.scoring.services import PREDICTED, label_by_scores
from microdb.training.models import ModelVersion
from tests.scoring.verdicts import verdict


@pytest.fixture
def unlabelled(trained: ModelVersion, add_drawn) -> list[Micrograph]:
    added = [add_drawn("ferrite", seed) for seed in (60, 61, 62)]
    set_label(micrographs=added, label="", by=None)
    return added


@pytest.fixture
def scores(trained: ModelVersion, unlabelled) -> list[Score]:
    return [
        verdict(trained, one, said)
        for one, said in zip(unlabelled, ("ferrite", "pearlite", "none-of-these"), strict=True)
    ]


def labels(micrographs: list[Micrograph]) -> list[str]:
    found = {one.pk: one.answer for one in Micrograph.objects.filter(pk__in=[m.pk for m in micrographs])}
    return [found[one.pk] for one in micrographs]


def labeller_of(trained: ModelVersion, stranger: User) -> Client:
    Membership.objects.create(dataset=trained.dataset, user=stranger, role="labeller")
    client = Client()
    client.force_login(stranger)
    return client


def test_each_prediction_becomes_a_label_and_the_history_says_by_whom(trained, unlabelled, scores, owner: User):
    done = label_by_scores(dataset=trained.dataset, scores=[one.pk for one in scores], answer=PREDICTED, by=owner)
    assert labels(unlabelled) == ["ferrite", "pearlite", "none-of-these"]
    assert (done.chosen, done.changed, done.left_out) == (3, 3, 0)
    change = unlabelled[1].changes.filter(field="label").latest("pk")
    assert (change.old, change.new, change.by) == ("", "pearlite", owner)


def test_a_labeller_labels_from_the_page_and_undoes_it(trained, unlabelled, scores, stranger: User):
    client = labeller_of(trained, stranger)
    chosen = {"score": [str(one.pk) for one in scores], "answer": "none-of-these", "back": "/datasets/steels/scores/"}
    page = client.post("/datasets/steels/scores/label/", chosen, follow=True)
    assert labels(unlabelled) == ["none-of-these"] * 3
    assert "3 labels were changed." in page.content.decode()
    client.post("/datasets/steels/bulk/undo/", {"back": "/datasets/steels/scores/"})
    assert labels(unlabelled) == ["", "", ""]


def test_the_page_of_a_score_offers_its_prediction(trained, unlabelled, scores, signed_in: Client):
    path = f"/scores/{scores[1].pk}/"
    assert "Use pearlite as label" in signed_in.get(path).content.decode()
    given = {"score": str(scores[1].pk), "answer": "predicted", "seen": "", "back": path}
    after = signed_in.post("/datasets/steels/scores/label/", given, follow=True).content.decode()
    assert labels(unlabelled) == ["", "pearlite", ""]
    assert "Use pearlite as label" not in after
    assert "Undo" in after
    stale = signed_in.post(
        "/datasets/steels/scores/label/", given | {"answer": "none-of-these"}, follow=True
    ).content.decode()
    assert "Somebody else set" in stale
    assert labels(unlabelled) == ["", "pearlite", ""]


def test_a_file_that_was_only_scored_gets_no_label(trained, unlabelled, scores, signed_in: Client, owner: User):
    Micrograph.objects.filter(pk=unlabelled[0].pk).update(scored_only=True)
    done = label_by_scores(dataset=trained.dataset, scores=[one.pk for one in scores], answer=PREDICTED, by=owner)
    assert (done.chosen, done.left_out) == (2, 1)
    assert labels(unlabelled) == ["", "pearlite", "none-of-these"]
    with pytest.raises(MicroDBError, match="only scored"):
        label_by_scores(dataset=trained.dataset, scores=[scores[0].pk], answer=PREDICTED, by=owner)
    page = signed_in.get(f"/scores/{scores[0].pk}/").content.decode()
    assert "Add it to the dataset" in page
    assert "as label" not in page


def test_of_two_verdicts_on_a_micrograph_the_later_counts(trained, unlabelled, owner: User):
    first = unlabelled[0]
    old = verdict(trained, first, "ferrite")
    Micrograph.objects.filter(pk=first.pk).update(pixels_per_micrometre=20.0)
    first.refresh_from_db()
    new = verdict(trained, first, "pearlite")
    label_by_scores(dataset=trained.dataset, scores=[new.pk, old.pk], answer=PREDICTED, by=owner)
    assert labels([first]) == ["pearlite"]


def test_a_class_that_is_gone_changes_no_label(trained, unlabelled, scores, owner: User):
    Score.objects.filter(pk=scores[0].pk).update(predicted="martensite")
    with pytest.raises(MicroDBError, match="martensite"):
        label_by_scores(dataset=trained.dataset, scores=[one.pk for one in scores], answer=PREDICTED, by=owner)
    assert labels(unlabelled) == ["", "", ""]


def test_the_api_labels_and_a_labeller_undoes_it(trained, unlabelled, scores, client: Client, stranger: User):
    Membership.objects.create(dataset=trained.dataset, user=stranger, role="labeller")
    token = {"authorization": "Token " + create_api_token(user=stranger, scopes=["read", "upload"])[1]}

    def post(path: str, body: dict[str, object]):
        answer = client.post(f"/api/v1/datasets/steels/{path}", body, content_type="application/json", headers=token)
        return answer.status_code, answer.json()

    status, done = post("scores/label/", {"scores": [str(one.pk) for one in scores], "answer": "predicted"})
    assert (status, done["micrographs"], done["changed"], done["left_out"]) == (200, 3, 3, 0)
    assert labels(unlabelled) == ["ferrite", "pearlite", "none-of-these"]
    assert post("bulk/undo/", {"undo": done["undo"]}) == (200, {"micrographs": 3})
    assert labels(unlabelled) == ["", "", ""]
    assert post("scores/label/", {"scores": [str(scores[0].pk)], "answer": "ferrite"})[0] == 400
    assert post("scores/label/", {"scores": [], "answer": "predicted"})[0] == 400


def test_viewers_do_not_label(trained, scores, stranger: User):
    Membership.objects.create(dataset=trained.dataset, user=stranger, role="viewer")
    client = Client()
    client.force_login(stranger)
    given = {"score": str(scores[0].pk), "answer": "predicted"}
    assert client.post("/datasets/steels/scores/label/", given).status_code == 403
    assert "as label" not in client.get(f"/scores/{scores[0].pk}/").content.decode()
