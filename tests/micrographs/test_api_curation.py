"""The API of one micrograph's history and corrections, of classes, members, versions, blind rounds and filters."""

import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from microdb.accounts.models import User
from microdb.micrographs import services
from microdb.micrographs.gallery.quality_report import quality_report_of
from microdb.micrographs.models import Change, Dataset, Membership, Micrograph, NearDuplicate, Role

BASE = "/api/v1/datasets/steels/"
Add = Callable[..., Micrograph]


def sent(client: Client, path: str, data: Any = None, method: str = "post", **options: Any) -> Any:
    return getattr(client, method)(BASE + path, data or {}, content_type="application/json", **options)


def signed(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def one(add: Add) -> Micrograph:
    return add(0, label="ferrite", pixels_per_micrometre=2, specimen="A", split="train")


def test_the_history_is_listed_and_a_change_reverted(signed_in, one):
    address = f"micrographs/{one.pk}/"
    sent(signed_in, address, {"label": "pearlite"}, "patch")
    history = signed_in.get(f"{BASE}{address}changes/").json()
    latest = history["results"][0]
    told = {name: latest[name] for name in ("field", "old", "new", "by")}
    assert told == {"field": "label", "old": "ferrite", "new": "pearlite", "by": "owner"}
    reverted = sent(signed_in, f"changes/{latest['id']}/revert/")
    assert (reverted.status_code, reverted.json()["label"]) == (200, "ferrite")
    assert signed_in.get(f"{BASE}{address}changes/").json()["count"] == history["count"] + 1


def test_a_labeller_reverts_labels_and_no_splits(people, one):
    services.set_label(micrographs=[one], label="pearlite", by=people["owner"])
    services.set_split(micrographs=[one], split="quiz", by=people["owner"])
    labeller = signed(people["labeller"])
    of_split, of_label = (Change.objects.filter(field=field).latest("pk").pk for field in ("split", "label"))
    assert sent(labeller, f"changes/{of_split}/revert/").status_code == 403
    assert sent(labeller, f"changes/{of_label}/revert/").status_code == 200
    assert sent(signed(people["stranger"]), f"changes/{of_label}/revert/").status_code == 404


def test_a_label_that_somebody_else_changed_is_not_overwritten(signed_in, one, owner):
    address = f"micrographs/{one.pk}/"
    services.set_label(micrographs=[one], label="unsure", by=owner)
    stale = sent(signed_in, address, {"label": "pearlite", "seen": "ferrite"}, "patch")
    assert (stale.status_code, stale.json()["code"]) == (409, "changed")
    shown = signed_in.get(BASE + address).json()
    assert (shown["label"], shown["unsure"]) == ("", True)
    assert sent(signed_in, address, {"label": "pearlite", "seen": "unsure"}, "patch").json()["label"] == "pearlite"


def test_a_measured_bar_sets_the_scale_and_says_how(signed_in, one):
    shown = sent(signed_in, f"micrographs/{one.pk}/micron-bar/", {"pixels": 82, "length": 200, "unit": "nm"}).json()
    told = (shown["pixels_per_micrometre"], shown["scale_source"], shown["scale_note"])
    assert told == (410.0, "micron_bar", "200 nm on 82 pixels")
    wrong = sent(signed_in, f"micrographs/{one.pk}/micron-bar/", {"pixels": 82, "length": 200, "unit": "inch"})
    assert wrong.status_code == 400


def test_one_micrograph_tells_all_that_its_page_tells(signed_in, one):
    shown = signed_in.get(f"{BASE}micrographs/{one.pk}/").json()
    fields = {"refusal", "scale_note", "data_bar_top", "masked", "micron_bar", "acquisition", "unsure"}
    assert fields | {"warnings", "used_in", "uploaded_by", "created_at", "scored_only"} <= shown.keys()
    assert (shown["uploaded_by"], shown["scored_only"], shown["used_in"]) == ("owner", False, "")


def test_a_file_that_was_only_scored_is_taken_in(signed_in, one):
    Micrograph.objects.update(scored_only=True)
    assert signed_in.get(BASE + "micrographs/").json()["count"] == 0
    assert sent(signed_in, f"micrographs/{one.pk}/take/").json()["scored_only"] is False
    assert signed_in.get(BASE + "micrographs/").json()["count"] == 1


def test_near_duplicates_are_listed_and_dismissed(signed_in, add: Add):
    first, second = sorted([add(0), add(1)], key=lambda micrograph: str(micrograph.pk))
    other = add(2)
    pair = NearDuplicate.objects.create(first=first, second=second, kind="near", differing_bits=1)
    listed = signed_in.get(f"{BASE}near-duplicates/?micrograph={second.pk}").json()["results"]
    assert [(one["id"], one["first"], one["second"]) for one in listed] == [(pair.pk, str(first.pk), str(second.pk))]
    assert signed_in.get(f"{BASE}near-duplicates/?micrograph={other.pk}").json()["count"] == 0
    assert signed_in.get(f"{BASE}near-duplicates/?micrograph=x").json()["code"] == "bad_filter"
    assert sent(signed_in, f"near-duplicates/{pair.pk}/dismiss/").json()["dismissed_at"]
    assert signed_in.get(f"{BASE}near-duplicates/").json()["count"] == 0


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("unsure=true", ["2.png"]),
        ("scale_min=2.5", ["1.png"]),
        ("scale_max=2.5", ["0.png"]),
        ("uploader=owner&sort=newest", ["2.png", "1.png", "0.png"]),
        ("uploader=nobody", []),
        ("material=C45", ["0.png"]),
        ("element=C&percent_min=0.4", ["0.png"]),
        ("element=C&percent_min=0.6", []),
        ("warning=scale_to_confirm", []),
        ("since=2100-01-01T00:00:00Z", []),
        ("until=2100-01-01T00:00:00Z&sort=scale", ["2.png", "0.png", "1.png"]),
    ],
)
def test_the_list_has_the_filters_of_the_gallery(signed_in, add: Add, dataset: Dataset, owner: User, query, found):
    add(0, pixels_per_micrometre=2, specimen="A")
    add(1, pixels_per_micrometre=3, specimen="B")
    services.set_label(micrographs=[add(2)], label="unsure", by=owner)
    record = {"material": "C45", "composition": {"C": 0.5}}
    services.update_specimens(dataset=dataset, records={"A": record}, by=owner)
    listed = [one["filename"] for one in signed_in.get(f"{BASE}micrographs/?{query}").json()["results"]]
    assert (sorted(listed), listed if "sort" in query else []) == (sorted(found), found if "sort" in query else [])


@pytest.mark.parametrize(
    "query", ["warning=odd", "scale_min=x", "element=Xx", "cooling=fast", "since=today", "sort=size"]
)
def test_a_filter_that_can_not_be_is_refused(signed_in, dataset, query):
    assert signed_in.get(f"{BASE}micrographs/?{query}").status_code == 400


def test_a_class_is_renamed_defined_and_moved(signed_in, dataset: Dataset, one):
    pk = signed_in.get(BASE + "classes/").json()["results"][0]["id"]
    changed = sent(signed_in, f"classes/{pk}/", {"name": "iron", "description": "Soft.", "position": 1}, "patch").json()
    assert changed == {"id": pk, "name": "iron", "position": 1, "description": "Soft."}
    names = [found["name"] for found in signed_in.get(BASE + "classes/").json()["results"]]
    assert names == ["pearlite", "iron"]
    assert signed_in.get(f"{BASE}micrographs/{one.pk}/").json()["label"] == "iron"
    assert sent(signed_in, f"classes/{pk}/", {"name": "pearlite"}, "patch").status_code in (400, 409)


def test_members_are_added_changed_and_removed(signed_in, dataset: Dataset, stranger: User):
    added = sent(signed_in, "members/", {"username": "stranger", "role": "viewer"})
    assert (added.status_code, added.json()["role"]) == (201, "viewer")
    member = f"members/{added.json()['id']}/"
    assert sent(signed_in, member, {"role": "curator"}, "patch").json()["role"] == "curator"
    assert [one["username"] for one in signed(stranger).get(BASE + "members/").json()["results"]] == [
        "owner",
        "stranger",
    ]
    assert sent(signed(stranger), "members/", {"username": "owner", "role": "viewer"}).status_code == 403
    assert sent(signed(stranger), member, method="delete").status_code == 204  # who leaves
    assert not Membership.objects.filter(user=stranger).exists()
    assert sent(signed_in, "members/", {"username": "nobody", "role": "viewer"}).json()["code"] == "unknown_user"
    own = Membership.objects.get(dataset=dataset, role=Role.OWNER).pk
    assert sent(signed_in, f"members/{own}/", method="delete").json()["code"] == "last_owner"


def test_members_need_the_scope_curate(client, dataset, owner, stranger, token):
    asked = {"username": "stranger", "role": "viewer"}
    assert sent(client, "members/", asked, headers=token(owner, "read", "upload", "quiz")).status_code == 403


def test_the_link_of_an_invitation_is_in_its_first_answer_alone(signed_in, dataset):
    once = {"headers": {"Idempotency-Key": "one"}}
    asked = {"role": "labeller", "most_uses": 3}
    first = sent(signed_in, "members/invitations/", asked, **once)
    again = sent(signed_in, "members/invitations/", asked, **once)
    assert (first.status_code, again.status_code, again.json()["link"]) == (201, 200, None)
    assert Client().get(first.json()["link"].removeprefix("http://testserver")).status_code == 302
    listed = signed_in.get(BASE + "members/invitations/").json()["results"]
    assert [(one["role"], one["most_uses"], "link" in one) for one in listed] == [("labeller", 3, False)]
    assert sent(signed_in, f"members/invitations/{listed[0]['id']}/", method="delete").status_code == 204
    assert signed_in.get(BASE + "members/invitations/").json()["count"] == 0


def test_versions_are_frozen_read_and_compared(signed_in, one, owner):
    first = sent(signed_in, "versions/", {"note": "before"})
    assert (first.status_code, first.json()["number"], first.json()["micrographs"]) == (201, 1, 1)
    assert sent(signed_in, "versions/", {}).status_code == 200  # nothing has changed
    services.set_label(micrographs=[one], label="pearlite", by=owner)
    assert sent(signed_in, "versions/", {}).json()["number"] == 2
    entries = signed_in.get(BASE + "versions/1/entries/").json()["results"]
    assert [(entry["filename"], entry["label"]) for entry in entries] == [("0.png", "ferrite")]
    compared = signed_in.get(BASE + "versions/compare/?before=1&after=2").json()
    assert (compared["changed_count"], compared["same_count"]) == (1, 0)
    difference = {"field": "label", "before": "ferrite", "after": "pearlite"}
    assert compared["changed"][0]["differences"] == [difference]
    assert signed_in.get(BASE + "versions/compare/?before=1&after=3").status_code == 404
    assert signed_in.get(BASE + "versions/9/").status_code == 404


def test_the_health_has_the_numbers_of_the_page(signed_in, one, dataset):
    health, report = signed_in.get(BASE + "health/").json(), quality_report_of(dataset)
    assert health["total"] == report.total == 1
    assert [(row["name"], row["train"], sum(row["by_scale"])) for row in health["classes"]] == [
        ("ferrite", 1, 1),
        ("pearlite", 0, 0),
    ]
    told = [(found["count"], found["sentence"]) for found in health["findings"]]
    assert told == [(found.count, found.sentence) for found in report.findings]


def test_the_export_is_a_zip_with_the_manifest(signed_in, one):
    answer = signed_in.get(BASE + "export/")
    packed = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    assert any(name.endswith("micrographs.csv") for name in packed.namelist())


def test_two_people_label_blindly_and_a_curator_settles(people, one, add: Add):
    other, labeller, curator = add(1), signed(people["labeller"]), signed(people["owner"])
    asked = {"first": "owner", "second": "labeller", "scope": "labelled", "count": 5}
    services.set_label(micrographs=[other], label="pearlite", by=people["owner"])
    made = sent(curator, "blind/", asked)
    assert made.status_code == 201
    address = f"blind/{made.json()['id']}/"
    for client in (curator, labeller):
        items = client.get(f"{BASE}{address}items/").json()["results"]
        assert [set(item) for item in items] == [
            {"id", "number", "image", "width", "height", "pixels_per_micrometre"}
        ] * 2
        for label, item in zip(
            ("ferrite", "ferrite") if client is curator else ("ferrite", "pearlite"), items, strict=True
        ):
            assert sent(client, f"{address}items/{item['id']}/", {"label": label}).status_code == 200
    assert labeller.get(f"{BASE}{address}items/").json()["count"] == 0
    outcome = curator.get(BASE + address).json()
    assert (outcome["complete"], outcome["agreed"], len(outcome["conflicts"])) == (True, 1, 1)
    assert sent(labeller, f"{address}settle/").status_code == 403
    assert sent(curator, f"{address}settle/").json()["settled"] == 1
    conflict = outcome["conflicts"][0]["id"]
    assert sent(curator, f"{address}settle/", {"item": conflict}).json()["code"] == "nothing_given"
    done = sent(curator, f"{address}settle/", {"item": conflict, "label": "none-of-these"}).json()
    assert (done["settled"], done["conflicts"]) == (2, [])
    assert Micrograph.objects.filter(none_of_these=True).count() == 1


def test_nobody_learns_the_others_answers_before_both_are_through(people, one):
    blind = services.start_blind_round(
        dataset=one.dataset,
        micrographs=Micrograph.objects.all(),
        count=1,
        first=people["owner"],
        second=people["labeller"],
        by=people["owner"],
    )
    services.answer_blind(item=blind.items.get(), answer="ferrite", by=people["owner"])
    shown = signed(people["labeller"]).get(f"{BASE}blind/{blind.pk}/").json()
    assert (shown["complete"], shown["conflicts"], shown["agreement"]) == (False, [], None)
    assert signed(people["curator"]).get(f"{BASE}blind/{blind.pk}/items/").status_code == 403
