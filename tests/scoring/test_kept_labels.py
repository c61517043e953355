"""A label that a person keeps leaves the list until it or the evidence changes."""

import json

import pytest
from django.test import Client

from microdb.accounts.models import User
from microdb.accounts.services import create_api_token
from microdb.audit_log.models import Entry
from microdb.errors import MicroDBError
from microdb.jobs import Job
from microdb.micrographs.models import Micrograph
from microdb.micrographs.services import set_label, set_modality
from microdb.scoring.label_issues import IssueCounts, count_issues, label_issues
from microdb.scoring.services import keep_label
from microdb.training.models import ModelVersion, OutOfFold

SAID = {"ferrite": 0.2, "pearlite": 0.7, "none-of-these": 0.1}


@pytest.fixture
def contradicted(trained: ModelVersion) -> list[Micrograph]:
    """Three micrographs of ferrite that the version predicts as pearlite."""
    trained.out_of_fold.all().delete()
    rows = trained.dataset_version.entries.filter(split="train", label="ferrite").select_related("micrograph")
    found = [entry.micrograph for entry in rows[:3]]
    for place, one in enumerate(found):
        OutOfFold.answered(trained, one.pk, "ferrite", {**SAID, "pearlite": 0.7 + 0.05 * place}).save()
    return found


def issues(trained: ModelVersion, *, kept: bool = False) -> set[str]:
    return {str(one.pk) for one in label_issues(trained.dataset, kept=kept)}


def test_a_kept_label_leaves_the_list_and_can_be_put_back(trained: ModelVersion, contradicted, owner: User):
    first = contradicted[0]
    keep_label(dataset=trained.dataset, micrograph=first.pk, kept=True)
    assert str(first.pk) not in issues(trained)
    assert issues(trained, kept=True) == {str(first.pk)}
    assert count_issues(trained.dataset) == IssueCounts(open=2, kept=1)
    keep_label(dataset=trained.dataset, micrograph=first.pk, kept=False)
    assert len(issues(trained)) == 3
    assert {entry.verb for entry in Entry.objects.filter(verb__startswith="score.label")} == {
        "score.label_kept",
        "score.label_not_kept",
    }


def test_it_comes_back_with_a_new_version(trained: ModelVersion, contradicted):
    for one in contradicted:
        keep_label(dataset=trained.dataset, micrograph=one.pk, kept=True)
    new = ModelVersion.objects.create(
        dataset=trained.dataset, dataset_version=trained.dataset_version, number=trained.number + 1, state="running"
    )
    OutOfFold.answered(new, contradicted[0].pk, "ferrite", SAID).save()
    assert not issues(trained)
    ModelVersion.objects.filter(pk=new.pk).update(state=Job.State.DONE)
    assert issues(trained) == {str(contradicted[0].pk)}


def test_it_comes_back_when_the_label_changes_but_not_for_another_change(trained: ModelVersion, contradicted):
    first, second, _third = contradicted
    for one in (first, second):
        keep_label(dataset=trained.dataset, micrograph=one.pk, kept=True)
    set_modality(micrographs=[first], modality="SEM", by=None)
    set_label(micrographs=[second], label="unsure", by=None)
    set_label(micrographs=[second], label="ferrite", by=None)
    assert issues(trained, kept=True) == {str(first.pk)}
    assert str(second.pk) in issues(trained)


def test_a_label_that_changed_meanwhile_is_not_kept(trained: ModelVersion, contradicted):
    first = contradicted[0]
    with pytest.raises(MicroDBError, match="Somebody else"):
        keep_label(dataset=trained.dataset, micrograph=first.pk, kept=True, seen="pearlite")
    set_label(micrographs=[first], label="pearlite", by=None)
    with pytest.raises(MicroDBError, match="No prediction"):
        keep_label(dataset=trained.dataset, micrograph=first.pk, kept=True)


def test_the_queue_is_worked_off_from_place_to_place(trained: ModelVersion, contradicted, signed_in: Client):
    page = signed_in.get("/datasets/steels/suspects/review/")
    items = page.context["first"]
    assert [item["id"] for item in items] == [str(one.pk) for one in contradicted[::-1]]
    assert page.context["progress"] == {"labelled": 0, "total": 3}
    assert (items[0]["predicted"], items[0]["label"]) == ("pearlite", "ferrite")
    assert signed_in.post(items[0]["keep"], {"kept": "1", "seen": "ferrite"}).json()["kept"]
    signed_in.post(items[1]["save"], {"label": "pearlite", "seen": "ferrite"})
    rest = signed_in.get("/datasets/steels/suspects/queue/", {"after": items[1]["place"]}).json()["items"]
    assert [item["id"] for item in rest] == [items[2]["id"]]
    refused = signed_in.post(items[2]["keep"], {"kept": "1", "seen": "pearlite"})
    assert (refused.status_code, refused.json()["code"]) == (409, "changed")
    assert "1 label was kept" in signed_in.get("/datasets/steels/suspects/").text
    assert [one.pk for one in signed_in.get("/datasets/steels/suspects/?kept=1").context["page"]] == [
        contradicted[2].pk
    ]


def test_the_api_keeps_labels_too(trained: ModelVersion, contradicted, client: Client, owner: User):
    token = {"authorization": "Token " + create_api_token(user=owner, scopes=["read", "upload"])[1]}
    address = f"/api/v1/datasets/steels/suspects/{contradicted[0].pk}/keep/"
    kept = client.post(address, "{}", content_type="application/json", headers=token)
    assert (kept.status_code, kept.json()["kept"]) == (200, True)
    shown = client.get("/api/v1/datasets/steels/suspects/?kept=true", headers=token).json()
    assert [one["micrograph"] for one in shown["results"]] == [str(contradicted[0].pk)]
    back = json.dumps({"kept": False, "seen": "ferrite"})
    assert not client.post(address, back, content_type="application/json", headers=token).json()["kept"]
    assert client.get("/api/v1/datasets/steels/suspects/?kept=maybe", headers=token).status_code == 400
