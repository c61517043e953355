"""Who may do what on the pages; the server refuses whatever the buttons hide."""

from collections.abc import Callable

import pytest
from django.test import Client

from microdb.accounts.models import User
from microdb.micrographs.models import Micrograph

RANKS = ["stranger", "viewer", "labeller", "curator", "owner"]
LOOK = [
    ("", "viewer"),
    ("micrographs/{pk}/", "viewer"),
    ("settings/", "viewer"),
    ("health/", "viewer"),
    ("versions/", "viewer"),
    ("export/", "viewer"),
    ("specimens/", "viewer"),
    ("specimens/S1/", "viewer"),
    ("specimens.csv", "viewer"),
    ("specimens-csv/", "curator"),
    ("split/", "curator"),
    ("label/", "labeller"),
    ("label/queue/", "labeller"),
    ("upload/", "curator"),
    ("upload/status/", "curator"),
    ("trash/", "curator"),
]
CHANGE = [
    ("specimens/S1/", "labeller"),
    ("specimen-rename/", "curator"),
    ("label/{pk}/", "labeller"),
    ("micrographs/{pk}/", "labeller"),
    ("micrographs/{pk}/scale/", "labeller"),
    ("micrographs/{pk}/micron-bar/", "labeller"),
    ("micrographs/{pk}/data-bar/", "labeller"),
    ("specimens-csv/", "curator"),
    ("specimens-csv/undo/", "curator"),
    ("split/", "curator"),
    ("versions/freeze/", "curator"),
    ("micrographs/{pk}/trash/", "curator"),
    ("bulk/", "curator"),
    ("bulk/undo/", "curator"),
    ("upload/", "curator"),
    ("upload/plan/", "curator"),
    ("upload/known/", "curator"),
    ("settings/", "curator"),
    ("settings/classes/", "curator"),
    ("settings/members/", "owner"),
    ("settings/invitations/", "owner"),
    ("settings/trash/", "owner"),
]
FILES = ["/micrographs/{pk}/image/", "/micrographs/{pk}/thumbnail/", "/micrographs/{pk}/master/"]


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def refusal(who: str, needed: str) -> int | None:
    """The status by which ``who`` is refused, None where they may."""
    if who == "stranger":
        return 404
    return None if RANKS.index(who) >= RANKS.index(needed) else 403


@pytest.mark.parametrize("who", RANKS)
def test_every_page_is_for_its_role(people: dict[str, User], add: Callable[..., Micrograph], who: str) -> None:
    one, client = add(0, specimen="S1"), client_of(people[who])
    for path, needed in LOOK:
        status = client.get("/datasets/steels/" + path.format(pk=one.pk)).status_code
        assert status == (refusal(who, needed) or 200), path
    for path in FILES:
        assert client.get(path.format(pk=one.pk)).status_code == (refusal(who, "viewer") or 200), path


@pytest.mark.parametrize("who", RANKS)
def test_every_change_is_for_its_role(people: dict[str, User], add: Callable[..., Micrograph], who: str) -> None:
    one, client = add(0, specimen="S1"), client_of(people[who])
    for path, needed in CHANGE:
        status = client.post("/datasets/steels/" + path.format(pk=one.pk), {"name": "S1"}).status_code
        refused = refusal(who, needed)
        assert status == refused if refused else status in (200, 302, 400), path


@pytest.mark.parametrize(
    "path",
    [
        path
        for path, _ in CHANGE
        if path not in ("micrographs/{pk}/", "upload/", "settings/", "split/")
        and not path.startswith(("specimens/", "specimens-csv/"))
    ]
    + ["specimens-csv/undo/"],
)
def test_nothing_changes_on_get(signed_in: Client, add: Callable[..., Micrograph], path: str) -> None:
    assert signed_in.get("/datasets/steels/" + path.format(pk=add(0).pk)).status_code == 405


def test_whoever_is_signed_out_is_asked_to_sign_in(add: Callable[..., Micrograph]) -> None:
    one = add(0)
    for path in ["/datasets/", "/datasets/new/", "/datasets/steels/", *FILES]:
        response = Client().get(path.format(pk=one.pk))
        assert response.status_code == 302
        assert response.url.startswith("/accounts/login/")


@pytest.mark.parametrize(
    ("who", "seen", "hidden"),
    [
        ("viewer", [], ["/datasets/steels/upload/", "/datasets/steels/label/", 'name="micrograph"']),
        ("labeller", ["/datasets/steels/label/"], ["/datasets/steels/upload/", 'name="micrograph"']),
        ("curator", ["/datasets/steels/label/", "/datasets/steels/upload/", 'name="micrograph"'], []),
    ],
)
def test_the_gallery_hides_what_would_be_refused(
    people: dict[str, User], add: Callable[..., Micrograph], who: str, seen: list[str], hidden: list[str]
) -> None:
    add(0)
    page = client_of(people[who]).get("/datasets/steels/").text
    assert all(text in page for text in seen)
    assert not any(text in page for text in hidden)


def test_a_labeller_changes_label_and_scale_but_not_specimen(
    people: dict[str, User], add: Callable[..., Micrograph]
) -> None:
    one = add(0, specimen="A")
    fields = {"label": "ferrite", "pixels_per_micrometre": "3", "specimen": "B", "split": "quiz"}
    client_of(people["labeller"]).post(f"/datasets/steels/micrographs/{one.pk}/", fields)
    one.refresh_from_db()
    assert (one.label, one.pixels_per_micrometre, one.specimen, one.split) == ("ferrite", 3, "A", "")


def test_a_trashed_micrograph_is_seen_only_by_who_may_restore_it(
    people: dict[str, User], add: Callable[..., Micrograph], signed_in: Client
) -> None:
    one = add(0)
    signed_in.post(f"/datasets/steels/micrographs/{one.pk}/trash/")
    statuses = {who: client_of(people[who]).get(f"/micrographs/{one.pk}/thumbnail/").status_code for who in RANKS}
    assert statuses == {"stranger": 404, "viewer": 404, "labeller": 404, "curator": 200, "owner": 200}
