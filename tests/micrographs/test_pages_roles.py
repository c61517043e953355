"""What pages show to each role; who may send which request is in ``tests/permissions/routes.md``."""

from collections.abc import Callable

import pytest
from django.test import Client

from microdb.accounts.models import User
from microdb.micrographs.models import Micrograph

RANKS = ["stranger", "viewer", "labeller", "curator", "owner"]


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


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
