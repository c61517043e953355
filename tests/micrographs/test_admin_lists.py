"""The lists of the admin with more rows than they count: what is shown, found and changed, and by which index."""

import pytest
from django.db import connection
from django.test import Client

from microdb import admin_lists
from microdb.micrographs.models import Micrograph

MICROGRAPHS = "/admin/micrographs/micrograph/"


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lists count two rows, and searches find two in each field."""
    monkeypatch.setattr(admin_lists.BoundedPaginator, "most", 2)
    monkeypatch.setattr(admin_lists.SearchPaginator, "most", 2)
    monkeypatch.setattr(admin_lists, "FOUND_AT_MOST", 2)


def names(client: Client, query: str) -> list[str]:
    return [one.filename for one in client.get(f"{MICROGRAPHS}?{query}").context["cl"].result_list]


@pytest.fixture
def four(add) -> list[Micrograph]:
    scales = (3.0, None, 1.0, 3.0)
    given = [{"pixels_per_micrometre": scale} if scale else {} for scale in scales]
    return [add(n, filename=f"Field-{n} ab.png", specimen=f"S{n // 2}", **given[n]) for n in range(4)]


def test_a_list_says_that_there_are_more_rows_than_it_counts(admin_client, few, four):
    page = admin_client.get(MICROGRAPHS)
    assert "2+ micrographs" in page.text
    assert "2+" not in admin_client.get(f"{MICROGRAPHS}?q=Field-1").text


def test_an_action_on_all_rows_is_refused_where_they_were_not_all_counted(admin_client, few, four):
    on_all = {"action": "split_quiz", "select_across": "1", "_selected_action": [str(four[0].pk)]}
    assert "too many for one action" in admin_client.post(MICROGRAPHS, on_all, follow=True).text
    assert not Micrograph.objects.filter(split="quiz").exists()
    admin_client.post(f"{MICROGRAPHS}?q=S1", on_all)  # two rows
    assert set(Micrograph.objects.filter(split="quiz")) == set(four[2:])
    admin_client.post(MICROGRAPHS, on_all | {"select_across": "0"})
    assert Micrograph.objects.get(pk=four[0].pk).split == "quiz"


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("ield-2", [2]),
        ("FIELD-3", [3]),
        ("s1", [2, 3]),
        ("fi", [0, 1, 2, 3]),
        ("b.", []),  # two letters are looked for at the beginning
        ("field s1", [2, 3]),
        ("'field-1 ab'", [1]),
        ("field s1 nothing", []),
    ],
)
def test_a_search_finds_part_of_a_name_or_specimen_with_all_words(admin_client, four, search, found):
    assert names(admin_client, f"q={search}") == [four[n].filename for n in found]


def test_a_search_finds_the_beginning_of_a_hash(admin_client, four):
    assert names(admin_client, f"q={four[2].sha256[:12]}") == [four[2].filename]


def test_a_search_and_a_filter_hold_together_although_the_search_is_bounded(admin_client, few, four):
    Micrograph.objects.filter(pk=four[3].pk).update(split="quiz")
    assert names(admin_client, "q=field&split__exact=quiz") == [four[3].filename]


@pytest.mark.parametrize(
    ("order", "expected"), [("2", [0, 1, 2, 3]), ("-2", [3, 2, 1, 0]), ("5", [1, 2, 0, 3]), ("-5", [0, 3, 2, 1])]
)
def test_columns_sort_with_empty_values_first_and_exactly_reversed(admin_client, four, order, expected):
    """By name and by scale; of two equal scales the keys decide."""
    first, last = sorted([four[0], four[3]], key=lambda one: one.pk)
    wanted = [four[n] for n in expected]
    if order.endswith("5"):
        pair = [first, last] if order == "5" else [last, first]
        wanted = [one if one in (four[1], four[2]) else pair.pop(0) for one in wanted]
    assert names(admin_client, f"o={order}") == [one.filename for one in wanted]


def test_a_column_without_an_index_is_neither_offered_nor_obeyed(admin_client, four):
    page = admin_client.get(f"{MICROGRAPHS}?o=-7")  # the split
    assert [one.filename for one in page.context["cl"].result_list] == [one.filename for one in four]
    assert "?o=7" not in page.text
    assert "?o=2" in page.text


PLANS = [
    ("", "micrograph_in_order"),
    ("o=2", "micrograph_by_filename"),
    ("o=-2", "micrograph_by_filename"),
    ("o=-5", "micrograph_of_any_scale"),
    ("o=6", "micrograph_in_specimen_order"),
    ("state__exact=refused", "micrograph_not_ready"),
    ("flaw__exact=blank", "micrograph_flawed"),
    ("trashed_at__isempty=0", "micrograph_trashed"),
    ("label=unsure", "micrograph_unsure"),
]


@pytest.mark.parametrize(("query", "index"), PLANS)
def test_postgres_can_answer_a_list_from_an_index(admin_client, four, query, index):
    rows = admin_client.get(f"{MICROGRAPHS}?{query}").context["cl"].queryset
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off; SET LOCAL enable_bitmapscan = off")
    assert index in rows[:50].explain()


@pytest.mark.parametrize(
    ("lookup", "index"),
    [
        ("filename__icontains", "micrograph_filename_text"),
        ("specimen__icontains", "micrograph_specimen_text"),
        ("specimen__istartswith", "micrograph_specimen_text"),
        ("sha256__startswith", "micrograph_by_sha256"),
    ],
)
def test_postgres_can_search_each_field_by_an_index(four, lookup, index):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off")
    assert index in Micrograph.objects.filter(**{lookup: "fie"}).order_by().explain()


def test_the_number_of_queries_of_a_search_does_not_grow(admin_client, four, add, django_assert_num_queries):
    with django_assert_num_queries(10) as few:
        admin_client.get(f"{MICROGRAPHS}?q=field")
    for seed in range(10, 16):
        add(seed, filename=f"field-{seed}.png")
    with django_assert_num_queries(len(few)):
        admin_client.get(f"{MICROGRAPHS}?q=field")
