"""Copies of an open quiz's questions in other datasets: hidden from those who can sit it as themselves."""

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from microdb.accounts.models import Panel, User
from microdb.accounts.services import create_api_token
from microdb.errors import MicroDBError
from microdb.micrographs import services
from microdb.micrographs.models import Dataset, MaterialClass, Membership, Micrograph, NearDuplicate, Role
from microdb.quizzes.composition.copies import copies_elsewhere
from microdb.quizzes.composition.readiness import warnings
from microdb.quizzes.models import Quiz
from microdb.quizzes.services import close_quiz, start_ballot

Copy = Callable[..., Micrograph]


@pytest.fixture
def castings(db) -> Dataset:
    """Another dataset of other people."""
    otto = User.objects.create_user("otto", password="correct horse")
    dataset = Dataset.objects.create(name="Castings", slug="castings", created_by=otto)
    Membership.objects.create(dataset=dataset, user=otto, role=Role.OWNER)
    MaterialClass.objects.create(dataset=dataset, name="perlite", position=0)
    return dataset


@pytest.fixture
def copy(castings: Dataset) -> Copy:
    """``copy(micrograph, **fields)``: the same file in the other dataset, under another name, and labelled."""

    def make(one: Micrograph, **fields: object) -> Micrograph:
        given = {
            "filename": f"copy-{one.filename}", "sha256": one.sha256, "pixel_sha256": one.pixel_sha256,
            "file_format": one.file_format, "width": one.width, "height": one.height, "bit_depth": one.bit_depth,
            "state": Micrograph.State.READY, "material_class": castings.material_classes.get(),
        }  # fmt: skip
        return Micrograph.objects.create(dataset=castings, **(given | fields))

    return make


def names_seen(user: User) -> set[str]:
    client = Client()
    client.force_login(user)
    listed = client.get("/api/v1/datasets/castings/micrographs/?page_size=100").json()["results"]
    page = client.get("/datasets/castings/").text
    names = {one["filename"] for one in listed}
    assert {name for name in names if name in page} == names
    return names


def join(user: User, dataset: Dataset) -> User:
    services.set_member(dataset=dataset, user=user, role=Role.VIEWER, by=None)
    return user


def test_a_member_of_both_sees_no_copy_by_bytes_or_pixels_until_the_quiz_closes(
    quiz: Quiz, held_out: list[Micrograph], castings: Dataset, copy: Copy, member
):
    Micrograph.objects.filter(pk=held_out[1].pk).update(pixel_sha256="a" * 64)
    copies = [copy(held_out[0]), copy(held_out[1], sha256="0" * 64, pixel_sha256="a" * 64)]
    other = copy(held_out[2], sha256="1" * 64, pixel_sha256="")
    alike = copy(held_out[2], sha256="2" * 64, pixel_sha256="", filename="nearly a copy")
    NearDuplicate.objects.create(first=copies[0], second=alike, kind="near", differing_bits=3)
    viewer = join(member("viewer"), castings)
    client = Client()
    client.force_login(viewer)

    assert names_seen(viewer) == {other.filename}
    for path in (f"/datasets/castings/micrographs/{copies[0].pk}/", f"/api/v1/micrographs/{copies[1].pk}/master/"):
        assert client.get(path).status_code == 403
    with pytest.raises(MicroDBError, match="open quiz"):
        services.set_label(micrographs=copies, label="perlite", by=viewer)
    close_quiz(quiz=quiz)
    assert names_seen(viewer) == {other.filename, alike.filename, *(one.filename for one in copies)}


def test_who_knows_nothing_of_the_quiz_keeps_their_own_micrographs(quiz, held_out, castings, copy: Copy):
    one, otto = copy(held_out[0]), User.objects.get(username="otto")
    assert names_seen(otto) == {one.filename}


def test_who_sits_it_signed_in_sees_the_copies_no_longer(quiz, held_out, castings, copy: Copy):
    copy(held_out[0])
    otto = User.objects.get(username="otto")
    start_ballot(quiz=quiz, nickname="Otto", panel=Panel.EXPERT, consents=True, user=otto)
    assert names_seen(otto) == set()


def test_organisers_see_them_and_staff_do_not(quiz, held_out, castings, copy: Copy, owner: User):
    one = copy(held_out[0])
    assert names_seen(join(owner, castings)) == {one.filename}
    assert names_seen(join(User.objects.create_user("staff", is_staff=True), castings)) == set()
    assert names_seen(User.objects.create_superuser("root")) == set()


def test_a_token_for_the_other_dataset_alone_gets_no_further(quiz, held_out, castings, copy: Copy, member):
    copy(held_out[0])
    viewer = join(member("viewer"), castings)
    _token, secret = create_api_token(user=viewer, scopes=["read"], only_datasets=[castings.pk])
    headers = {"authorization": f"Token {secret}"}
    assert Client().get("/api/v1/datasets/castings/micrographs/", headers=headers).json()["count"] == 0


def test_micrographs_without_a_hash_of_pixels_are_no_copies_of_each_other(quiz, held_out, castings, copy: Copy, member):
    Micrograph.objects.filter(pk__in=[one.pk for one in held_out]).update(pixel_sha256="")
    one = copy(held_out[0], sha256="3" * 64, pixel_sha256="")
    assert names_seen(join(member("viewer"), castings)) == {one.filename}


def test_the_organiser_reads_how_many_questions_are_elsewhere_and_who_could_look(
    quiz: Quiz, held_out, castings, copy: Copy, member
):
    assert copies_elsewhere(quiz) == []
    copy(held_out[0])
    copy(held_out[1], trashed_at=timezone.now() - timedelta(days=1))
    join(member("viewer"), castings)
    (sentence,) = copies_elsewhere(quiz)
    assert sentence.startswith("1 question is also in other datasets (1).")
    assert sentence.endswith("People who are no members but can read the labels there: 1.")
    assert sentence in warnings(quiz)
    assert "Castings" not in sentence


def test_it_takes_the_same_queries_for_one_copy_and_for_many(quiz, held_out, castings, copy: Copy, member):
    viewer, counts = join(member("viewer"), castings), []
    for some in (held_out[:1], held_out[1:]):
        for one in some:
            copy(one)
        with CaptureQueriesContext(connection) as queries:
            assert list(Micrograph.objects.visible_to(viewer).filter(dataset=castings)) == []
            copies_elsewhere(quiz)
        counts.append(len(queries))
    assert counts == [7, 7]


@pytest.mark.parametrize("field", ["sha256", "pixel_sha256"])
def test_copies_are_found_by_an_index(quiz, castings, field: str):
    rows = [
        Micrograph(
            id=uuid.uuid4(), dataset=castings, filename=f"{number}", width=1, height=1, bit_depth=8, file_format="PNG",
            sha256=f"{number:064x}", pixel_sha256=f"{number:064x}",
        )
        for number in range(20_000)
    ]  # fmt: skip
    Micrograph.objects.bulk_create(rows, batch_size=2000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE micrographs_micrograph")
    asked = Micrograph.objects.filter(**{f"{field}__in": [f"{number:064x}" for number in range(30)]})
    plan = asked.order_by().explain()
    assert "micrograph_by_sha256" in plan or "micrograph_same_pixels" in plan, plan
    assert "Seq Scan" not in plan
