"""The micrographs behind the rates of none of these."""

import pytest
from django.test import Client

from microdb.accounts.models import User
from microdb.training.models import ModelVersion, NoneOfTheseTest
from microdb.training.operating_point import found_left_out, rejected_known
from microdb.training.services import finish_training, request_training

PAGE = "/datasets/steels/training/1/none-of-these/"


@pytest.fixture
def tested(trained: ModelVersion) -> ModelVersion:
    """Each training micrograph was tested without its class: every second one was found."""
    for number, entry in enumerate(trained.dataset_version.entries.filter(split="train").order_by("pk")):
        NoneOfTheseTest.objects.create(
            model_version=trained,
            micrograph_id=entry.micrograph_id,
            kind="left_out",
            label=entry.label,
            margin=0.5 if number % 2 else -0.5 - number,
        )
    counts = {name: trained.none_of_these_tests.filter(label=name) for name in trained.classes}

    def rate(tests) -> dict[str, object]:
        hits, count = tests.filter(margin__gt=0).count(), tests.count()
        return {"hits": hits, "count": count, "share": hits / count, "interval": [0.1, 0.9]}

    nothing = {"hits": 0, "count": 1, "share": 0.0, "interval": [0.0, 0.9]}
    trained.metrics["operating_point"] = {
        "false_rejection": 0.04,
        "known": nothing,
        "degraded": nothing,
        "unknown": {"drawn": nothing},
        "left_out": {name: rate(tests) for name, tests in counts.items()},
        "false_scale": {"false_alarms": nothing, "2": nothing, "4": nothing, "10": nothing},
        "preview": [],
    }
    trained.save()
    return trained


@pytest.mark.parametrize("outcome", ["missed", "found"])
@pytest.mark.parametrize("label", ["ferrite", "pearlite"])
def test_every_rate_opens_the_micrographs_that_it_counts(
    outcome: str, label: str, signed_in: Client, tested: ModelVersion
):
    page = signed_in.get("/datasets/steels/training/1/").text
    query = f"kind=left_out&label={label}&outcome={outcome}"
    assert query.replace("&", "&amp;") in page
    expected = {
        test.pk for test in tested.none_of_these_tests.filter(label=label) if test.rejected == (outcome == "found")
    }
    shown = signed_in.get(f"{PAGE}?{query}").context["page"]
    assert {test.pk for test in shown} == expected


def test_what_was_missed_narrowly_comes_first(signed_in: Client, tested: ModelVersion):
    margins = [test.margin for test in signed_in.get(f"{PAGE}?outcome=missed").context["page"]]
    assert margins == sorted(margins, reverse=True)
    assert max(margins) <= 0


def test_the_sentence_pools_the_left_out_classes(tested: ModelVersion):
    found = found_left_out(tested.metrics, {"left_out"})
    assert found is not None
    assert (found.hits, found.count) == (3, 6)
    assert found.low < 0.5 < found.high


def test_the_rejected_known_ones_are_those_of_the_confusion(trained: ModelVersion, signed_in: Client):
    known = rejected_known(trained.metrics)
    assert known is not None
    shown = signed_in.get(f"/datasets/steels/training/1/held-out/?{known.hits_query}").context["page"]
    assert shown.paginator.count == known.hits
    assert known.count == trained.metrics["held_out"]


def test_a_version_that_kept_no_tests_shows_its_rates_without_links(tested: ModelVersion, signed_in: Client):
    tested.none_of_these_tests.all().delete()
    assert "kind=left_out" not in signed_in.get("/datasets/steels/training/1/").text


def test_a_training_stores_its_tests_with_its_outcome(trained: ModelVersion, owner: User):
    later = request_training(dataset=trained.dataset, by=owner, seed=5)
    claimed = ModelVersion.objects.claim(later.pk)
    assert claimed is not None
    micrograph = trained.dataset.micrographs.filter(split="train")[0]
    tests = {"left_out": {micrograph.pk: ("ferrite", 0.25)}}
    assert finish_training(model_version=claimed, outcome={"metrics": {}}, tests=tests)
    (test,) = claimed.none_of_these_tests.all()
    assert (test.micrograph, test.label, test.rejected, test.is_right) == (micrograph, "ferrite", True, True)


def test_the_page_takes_a_constant_number_of_queries(
    signed_in: Client, tested: ModelVersion, django_assert_max_num_queries: object
):
    with django_assert_max_num_queries(16):  # type: ignore[operator]
        signed_in.get(PAGE)


def test_the_api_lists_them_and_refuses_unknown_values(signed_in: Client, tested: ModelVersion):
    address = "/api/v1/datasets/steels/model-versions/1/none-of-these/"
    found = signed_in.get(f"{address}?kind=left_out&outcome=found").json()["results"]
    assert {one["none_of_these"] for one in found} == {True}
    assert len(found) == 3
    assert signed_in.get(f"{address}?kind=sideways").status_code == 400
