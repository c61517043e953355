"""The page of held-out micrographs, and the numbers of the report that lead to it."""

import re
from html import unescape

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.http import QueryDict
from django.test import Client

from microdb.accounts.models import User
from microdb.micrographs.models import Membership, Role
from microdb.micrographs.services import set_label
from microdb.training.held_out import HeldOutFilter, held_out_answers
from microdb.training.models import ModelVersion, OutOfFold
from microdb.training.reliability import reliability_points

PAGE = "/datasets/steels/training/1/held-out/"


@pytest.fixture
def answered(trained: ModelVersion) -> ModelVersion:
    """A version whose out-of-fold answers are known: each label with a right, a wrong and an unsure answer."""
    trained.out_of_fold.all().delete()
    entries = list(trained.dataset_version.entries.filter(split="train").order_by("label", "pk"))
    shares = ({"ferrite": 0.9, "pearlite": 0.1}, {"ferrite": 0.25, "pearlite": 0.7}, {"ferrite": 0.45, "pearlite": 0.4})
    for number, entry in enumerate(entries):
        said = shares[number % 3]
        probabilities = {**said, "none-of-these": 1 - sum(said.values())}
        OutOfFold.answered(trained, entry.micrograph_id, entry.label, probabilities).save()
    return trained


def test_every_cell_of_the_confusion_leads_to_its_micrographs(signed_in: Client, trained: ModelVersion):
    page = signed_in.get("/datasets/steels/training/1/").text
    cells = re.findall(rf'{PAGE}\?(label=[^"&]+&amp;predicted=[^"]+)">\s*(\d+)</a>', page)
    assert sum(int(count) for _query, count in cells) == trained.metrics["held_out"]
    for query, count in cells:
        found = signed_in.get(f"{PAGE}?{unescape(query)}")
        assert found.context["page"].paginator.count == int(count)


def test_every_point_of_the_diagram_leads_to_its_micrographs(signed_in: Client, trained: ModelVersion):
    points = reliability_points(trained.metrics)
    assert sum(point.count for point in points) == trained.metrics["held_out"]
    for point in points:
        assert signed_in.get(f"{PAGE}?{point.query}").context["page"].paginator.count == point.count


@pytest.mark.parametrize(
    ("query", "chosen"),
    [
        ("", lambda one: True),
        ("outcome=wrong", lambda one: one.predicted != one.label),
        ("outcome=right", lambda one: one.predicted == one.label),
        ("label=ferrite&predicted=pearlite", lambda one: (one.label, one.predicted) == ("ferrite", "pearlite")),
        ("low=40&high=50", lambda one: 0.4 <= one.probability < 0.5),
        ("low=90&high=100", lambda one: one.probability >= 0.9),
        ("outcome=sideways&low=x&high=101&order=magic", lambda one: True),
    ],
)
def test_the_address_chooses_the_answers(answered: ModelVersion, query: str, chosen: object):
    found = HeldOutFilter.from_query(QueryDict(query)).apply(held_out_answers(answered))
    assert set(found) == {one for one in answered.out_of_fold.all() if chosen(one)}  # type: ignore[operator]


def test_the_most_certain_answers_come_first_unless_another_order_is_asked_for(answered: ModelVersion):
    def order(query: str) -> list[OutOfFold]:
        return list(HeldOutFilter.from_query(QueryDict(query)).apply(held_out_answers(answered)))

    assert [one.probability for one in order("")] == sorted((o.probability for o in order("")), reverse=True)
    assert [one.probability for one in order("order=uncertain")] == sorted(o.probability for o in order(""))
    names = [one.micrograph.filename for one in order("order=name")]
    assert names == sorted(names)


def test_a_label_that_was_changed_since_is_shown_beside_that_of_the_training(
    signed_in: Client, answered: ModelVersion, owner: User
):
    one = answered.out_of_fold.filter(label="ferrite").first()
    assert one is not None
    assert "Label now" in signed_in.get(PAGE).text
    shown = re.compile(r"data-current\s*>")
    assert not shown.search(signed_in.get(PAGE).text)
    set_label(micrographs=[one.micrograph], label="pearlite", by=owner)
    assert len(shown.findall(signed_in.get(PAGE).text)) == 1


def test_a_viewer_sees_the_micrographs_without_keys_for_labels(client: Client, answered: ModelVersion):
    viewer = User.objects.create_user("viewer-only")
    Membership.objects.create(dataset=answered.dataset, user=viewer, role=Role.VIEWER)
    client.force_login(viewer)
    page = client.get(PAGE)
    assert page.status_code == 200
    assert "relabelling.js" not in page.text


def test_the_page_takes_a_constant_number_of_queries(
    signed_in: Client, answered: ModelVersion, django_assert_max_num_queries: object
):
    with django_assert_max_num_queries(16):  # type: ignore[operator]
        signed_in.get(PAGE)


def test_stored_answers_get_their_columns_from_the_migration(answered: ModelVersion):
    before = list(answered.out_of_fold.order_by("pk").values("label", "predicted", "probability"))
    answered.out_of_fold.update(label="", predicted="", probability=0)
    name = ("training", "0005_predictions_of_stored_answers")
    (operation,) = MigrationLoader(connection).disk_migrations[name].operations
    with connection.cursor() as cursor:
        cursor.execute(operation.sql)
    assert list(answered.out_of_fold.order_by("pk").values("label", "predicted", "probability")) == before


def test_the_api_lists_the_same_micrographs(signed_in: Client, answered: ModelVersion):
    address = "/api/v1/datasets/steels/model-versions/1/held-out/"
    found = signed_in.get(f"{address}?label=ferrite&predicted=pearlite").json()
    expected = answered.out_of_fold.filter(label="ferrite", predicted="pearlite")
    assert {one["micrograph"] for one in found["results"]} == {str(one.micrograph_id) for one in expected}
    assert found["results"][0]["probabilities"]["pearlite"] == found["results"][0]["probability"]
    assert signed_in.get(f"{address}?outcome=sideways").status_code == 400
    assert signed_in.get(f"{address}?labl=ferrite").json()["code"] == "unknown_filter"
