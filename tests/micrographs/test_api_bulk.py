"""The API of many micrographs at once: bulk changes and their undo, the trash, a manifest, the split."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from microdb.accounts.models import User
from microdb.micrographs import services
from microdb.micrographs.models import Dataset, Micrograph

BASE = "/api/v1/datasets/steels/"
Add = Callable[..., Micrograph]


def sent(client: Client, path: str, data: Any = None, **options: Any) -> Any:
    return client.post(BASE + path, data or {}, content_type="application/json", **options)


def ids(*micrographs: Micrograph) -> list[str]:
    return [str(one.pk) for one in micrographs]


def values(field: str) -> list[Any]:
    return list(Micrograph.objects.order_by("filename").values_list(field, flat=True))


@pytest.fixture
def three(add: Add) -> list[Micrograph]:
    return [
        add(0, label="ferrite", pixels_per_micrometre=2, specimen="A", split="train"),
        add(1, label="pearlite", pixels_per_micrometre=3, specimen="B", split="quiz"),
        add(2, specimen="B"),
    ]


def test_several_fields_of_several_micrographs_change_and_come_back(signed_in, three):
    one, _other, unlabelled = three
    asked = {"micrographs": ids(one, unlabelled), "label": "pearlite", "pixels_per_micrometre": 5, "split": "train"}
    answer = sent(signed_in, "bulk/", asked).json()
    assert (answer["micrographs"], answer["changed"]) == (2, {"label": 2, "pixels_per_micrometre": 2, "split": 1})
    assert values("material_class__name") == ["pearlite", "pearlite", "pearlite"]
    assert values("scale_source") == ["by_hand", "by_hand", "by_hand"]

    undone = sent(signed_in, "bulk/undo/", {"undo": answer["undo"]})
    assert (undone.status_code, undone.json()) == (200, {"micrographs": 2})
    assert values("material_class__name") == ["ferrite", "pearlite", None]
    assert values("pixels_per_micrometre") == [2, 3, None]
    assert values("split") == ["train", "quiz", ""]


def test_a_filter_chooses_and_only_what_belongs_to_the_dataset(signed_in, three):
    Micrograph.objects.filter(pk=three[1].pk).update(scored_only=True)
    answer = sent(signed_in, "bulk/?specimen=B", {"modality": "SEM"}).json()
    assert (answer["micrographs"], values("modality")) == (1, ["", "", "SEM"])


@pytest.mark.parametrize(
    ("query", "asked", "status", "code"),
    [
        ("", {"label": "ferrite"}, 400, "choose_some"),
        ("?split=quiz", {"micrographs": ["00000000-0000-0000-0000-000000000000"], "split": ""}, 400, "choose_some"),
        ("", {"micrographs": ["00000000-0000-0000-0000-000000000000"], "split": ""}, 400, "not_in_dataset"),
        ("?specimen=nobody", {"split": ""}, 400, "empty"),
        ("?split=quiz", {}, 400, "nothing_given"),
        ("?split=quiz", {"confirm_bar_scale": True, "pixels_per_micrometre": 2}, 400, "nothing_given"),
        ("?split=quiz", {"label": "granite"}, 400, "unknown_class"),
        ("?split=quiz", {"lable": "ferrite"}, 400, "invalid"),
        ("?splitt=quiz", {"label": "ferrite"}, 400, "unknown_filter"),
        ("?split=both", {"label": "ferrite"}, 400, "invalid"),
    ],
)
def test_an_unclear_bulk_change_is_refused_and_changes_nothing(signed_in, three, query, asked, status, code):
    before = list(Micrograph.objects.order_by("pk").values())
    answer = sent(signed_in, f"bulk/{query}", asked)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert list(Micrograph.objects.order_by("pk").values()) == before


def test_one_wrong_field_undoes_the_others_of_the_request(signed_in, three):
    answer = sent(signed_in, "bulk/", {"micrographs": ids(*three), "specimen": "C", "label": "granite"})
    assert answer.status_code == 400
    assert values("specimen") == ["A", "B", "B"]


def test_an_undo_is_of_this_dataset_and_as_it_was_answered(signed_in, three, owner: User):
    other = services.create_dataset(by=owner, name="Irons")
    undo = sent(signed_in, "bulk/", {"micrographs": ids(three[0]), "split": ""}).json()["undo"]
    elsewhere = signed_in.post(
        f"/api/v1/datasets/{other.slug}/bulk/undo/", {"undo": undo}, content_type="application/json"
    )
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (400, "bad_undo")
    for text in (undo[:-2], "e30:1", "nonsense"):
        assert sent(signed_in, "bulk/undo/", {"undo": text}).json()["code"] == "bad_undo"


def test_a_repeated_bulk_change_is_answered_with_its_undo(signed_in, three):
    once = {"headers": {"Idempotency-Key": "one"}}
    asked = {"micrographs": ids(three[0]), "split": ""}
    first = sent(signed_in, "bulk/", asked, **once).json()
    assert sent(signed_in, "bulk/", asked, **once).json() == first
    assert first["undo"]


def test_nothing_changed_is_nothing_to_undo(signed_in, three):
    answer = sent(signed_in, "bulk/", {"micrographs": ids(three[0]), "split": "train"}).json()
    assert (answer["changed"], answer["undo"]) == ({"split": 0}, None)


def test_the_trash_is_filled_by_filter_listed_and_emptied_by_id(signed_in, three):
    assert sent(signed_in, "trash/?specimen=B").json()["micrographs"] == 2
    listed = signed_in.get(BASE + "trash/").json()["results"]
    assert {one["filename"] for one in listed} == {"1.png", "2.png"}
    assert all(one["trashed_at"] for one in listed)
    assert sent(signed_in, "trash/restore/", {"micrographs": ids(three[1])}).json()["micrographs"] == 1
    assert sent(signed_in, "trash/restore/", {"micrographs": ids(three[0])}).json()["code"] == "not_in_dataset"
    assert signed_in.get(BASE + "micrographs/").json()["count"] == 2


def test_only_the_scope_curate_fills_the_trash(client, three, owner, token):
    asked = {"micrographs": ids(three[0])}
    refused = sent(client, "trash/", asked, headers=token(owner, "read", "upload"))
    assert (refused.status_code, refused.json()["code"]) == (403, "missing_scope")
    assert sent(client, "trash/", asked, headers=token(owner, "curate")).status_code == 200
    assert sent(client, "trash/restore/", asked, headers=token(owner, "upload")).status_code == 200


def table(text: str) -> SimpleUploadedFile:
    return SimpleUploadedFile("m.csv", text.encode())


def test_a_manifest_is_shown_then_applied_and_undone(signed_in, three):
    text = "filename,label,modality\n0.png,pearlite,SEM\n2.png,granite,\n9.png,ferrite,\n"
    shown = signed_in.post(BASE + "manifest/", {"manifest": table(text)}).json()
    assert (shown["applied"], shown["count"], shown["problem_count"]) == (False, 1, 2)
    assert shown["updates"] == [{"name": "0.png", "sentence": "label ferrite → pearlite, modality none → SEM"}]
    assert values("modality") == ["", "", ""]

    done = signed_in.post(BASE + "manifest/", {"manifest": table(text), "digest": shown["digest"]}).json()
    assert (done["applied"], values("modality")) == (True, ["SEM", "", ""])
    sent(signed_in, "bulk/undo/", {"undo": done["undo"]})
    assert (values("modality"), values("material_class__name")) == (["", "", ""], ["ferrite", "pearlite", None])


def test_other_changes_than_those_agreed_to_are_not_made(signed_in, three, owner):
    text = "filename,modality\n0.png,SEM\n1.png,SEM\n"
    digest = signed_in.post(BASE + "manifest/", {"manifest": table(text)}).json()["digest"]
    services.set_modality(micrographs=[three[1]], modality="optical", by=owner)
    stale = signed_in.post(BASE + "manifest/", {"manifest": table(text), "digest": digest})
    assert (stale.status_code, stale.json()["code"]) == (409, "changed")
    assert values("modality") == ["", "optical", ""]


def test_specimens_are_changed_by_a_table_and_reverted(signed_in, three, dataset: Dataset):
    text = "specimen,material\nA,C45\nZ,C60\n"
    shown = signed_in.post(BASE + "specimens-csv/", {"table": table(text)}).json()
    assert (shown["count"], shown["unused_count"], shown["changes"]) == (1, 1, [])
    done = signed_in.post(BASE + "specimens-csv/", {"table": table(text), "digest": shown["digest"]}).json()
    assert dataset.specimens.get(name="A").material == "C45"
    listed = signed_in.get(BASE + "specimen-changes/?specimen=A").json()["results"]
    assert [(one["id"], one["by"]) for one in listed] == [(done["changes"][0], "owner")]
    assert b"A,C45" in b"".join(signed_in.get(BASE + "specimens-csv/").streaming_content)
    assert sent(signed_in, "specimen-changes/revert/", {"changes": done["changes"]}).json() == {"specimens": 1}
    assert dataset.specimens.get(name="A").material == ""
    assert sent(signed_in, "specimen-changes/revert/", {"changes": [999_999]}).status_code == 404


def test_a_split_is_proposed_then_applied_and_undone(signed_in, add: Add):
    for number in range(8):
        label = ("ferrite", "pearlite")[number % 2]
        add(number, label=label, pixels_per_micrometre=2, specimen=f"S{number // 2}")
    proposed = signed_in.get(BASE + "split/?quiz_percent=50&seed=3").json()
    assert (proposed["train"], proposed["quiz"], proposed["unnamed"]) == (4, 4, 0)
    assert set(values("split")) == {""}
    done = sent(signed_in, "split/", {"quiz_percent": 50, "seed": 3}).json()
    assert {name: done[name] for name in proposed} == proposed
    assert sorted(values("split")) == ["quiz"] * 4 + ["train"] * 4
    assert done["changed"] == 8
    assert sent(signed_in, "bulk/undo/", {"undo": done["undo"]}).json() == {"micrographs": 8}
    assert set(values("split")) == {""}


def test_a_split_out_of_bounds_is_refused(signed_in, dataset):
    assert signed_in.get(BASE + "split/?quiz_percent=61").status_code == 400
    assert signed_in.get(BASE + "split/?quiz_share=0.5").json()["code"] == "unknown_filter"
