"""Specimens through the REST API."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from microdb.micrographs import services
from microdb.micrographs.models import Dataset, Micrograph, Specimen

Add = Callable[..., Micrograph]
URL = "/api/v1/datasets/steels/specimens/"


@pytest.fixture
def described(dataset: Dataset, add: Add, owner) -> Dataset:
    for seed, specimen in enumerate(["S1", "S1", "S2"]):
        add(seed, specimen=specimen)
    record = {"composition": {"C": 0.9}, "heat_treatment": "970C 90M Q", "other_fields": {"etchant": "nital"}}
    services.update_specimens(dataset=dataset, records={"S1": record}, by=owner)
    return dataset


def patch(client: Client, specimen: str, **fields: Any) -> Any:
    return client.patch(f"{URL}{specimen}/", fields, content_type="application/json")


def test_specimens_are_listed_with_their_records_and_numbers_of_micrographs(signed_in: Client, described: Dataset):
    answer = signed_in.get(URL).json()
    assert answer["count"] == 2
    assert answer["results"][0] == {
        "name": "S1",
        "material": "",
        "composition": {"C": 0.9},
        "heat_treatment": "970C 90M Q",
        "steps": [{"celsius": 970.0, "minutes": 90.0, "cooling": "quenched"}],
        "heat_number": "",
        "other_fields": {"etchant": "nital"},
        "notes": "",
        "micrographs": 2,
    }
    assert answer["results"][1]["name"] == "S2"
    assert signed_in.get(URL + "?page_size=1&page=2").json()["results"][0]["name"] == "S2"


def test_the_list_is_filtered_as_on_the_page(signed_in: Client, described: Dataset):
    query = "?element=C&percent_min=0.9&percent_max=0.9&temperature=970&cooling=quenched"
    assert [one["name"] for one in signed_in.get(URL + query).json()["results"]] == ["S1"]
    assert signed_in.get(URL + "?cooling=air-cooled").json()["count"] == 0
    for wrong, code in [("?carbon=0.9", "unknown_filter"), ("?cooling=never", "bad_filter")]:
        answer = signed_in.get(URL + wrong)
        assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_one_specimen_is_read_and_changed(signed_in: Client, described: Dataset, owner):
    assert signed_in.get(URL + "S2/").json()["composition"] == {}
    changed = patch(signed_in, "S2", composition={"C": 0.2, "Mn": 1}, heat_treatment="970 °C, water", notes="n").json()
    assert changed["composition"] == {"Mn": 1, "C": 0.2}
    assert changed["steps"] == [{"celsius": 970, "cooling": "quenched", "medium": "water"}]
    assert signed_in.get(URL + "S2/").json() == changed
    assert Specimen.objects.get(name="S2").changes.get().by == owner
    assert patch(signed_in, "S1", material="C90").json()["composition"] == {"C": 0.9}


def test_a_specimen_is_renamed_with_its_micrographs(signed_in: Client, described: Dataset):
    assert patch(signed_in, "S1", name="A/7", notes="n").json()["micrographs"] == 2
    assert signed_in.get(URL + "A/7/").json()["notes"] == "n"
    assert (patch(signed_in, "A/7", name="S2").status_code, described.micrographs.filter(specimen="A/7").count()) == (
        409,
        2,
    )


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"composition": {"C": 60, "Fe": 60}}, "bad_composition"),
        ({"composition": {"C": -1}}, "bad_composition"),
        ({"composition": {"C": "nan"}}, "invalid"),
        ({"composition": {"Xx": 1}}, "bad_composition"),
        ({"composition": "C 0.9"}, "invalid"),
        ({"heat_treatment": "970, quenched"}, "bad_heat_treatment"),
        ({"name": "s2"}, "look_alike"),
        ({"material": "x" * 101}, "too_long"),
        ({"other_fields": {" ": "x"}}, "bad_fields"),
    ],
)
def test_what_cannot_be_is_refused_with_a_code_and_nothing_is_written(
    signed_in: Client, described: Dataset, fields: dict[str, Any], code: str
):
    answer = patch(signed_in, "S1", **{"notes": "new", **fields})
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert Specimen.objects.get(name="S1").notes == ""


def test_a_name_that_nothing_has_is_not_found(signed_in: Client, described: Dataset):
    assert signed_in.get(URL + "nobody/").status_code == 404
    assert patch(signed_in, "nobody", notes="n").status_code == 404
    assert not Specimen.objects.filter(name="nobody").exists()
