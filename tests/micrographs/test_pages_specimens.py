"""The pages of specimens: found in two clicks, described, renamed."""

import re
from collections.abc import Callable
from html import unescape
from urllib.parse import quote

import pytest
from django.test import Client

from microdb.errors import MicroDBError
from microdb.micrographs import services
from microdb.micrographs.models import Change, Dataset, Micrograph, Specimen

Add = Callable[..., Micrograph]
LIST = "/datasets/steels/specimens/"
RECORDS = {
    "S1": {"composition": {"C": 0.9}, "heat_treatment": "970 °C, 90 min, quenched in water", "material": "C90"},
    "S2": {"composition": {"C": 0.9}, "heat_treatment": "970C 5M Q; 180 °C, 2 h", "material": "C90"},
    "S3": {"composition": {"C": 0.9}, "heat_treatment": "970 °C, 90 min, furnace-cooled; 800 °C, quenched"},
    "S10": {"composition": {"C": 0.2, "Mn": 1.2}, "heat_number": "4711", "other_fields": {"etchant": "Picral"}},
}


@pytest.fixture
def described(dataset: Dataset, add: Add, owner) -> Dataset:
    for seed, specimen in enumerate(["S1", "S1", "S2", "S3", "S10", "plain"]):
        add(seed, specimen=specimen)
    services.update_specimens(dataset=dataset, records=RECORDS, by=owner)
    return dataset


def link(page: str, text: str) -> str:
    """The address of the link with this text."""
    for address, content in re.findall(r'<a\s[^>]*?href="([^"]*)"[^>]*>(.*?)</a>', page, re.DOTALL):
        if text in unescape(" ".join(re.sub(r"<[^>]*>", " ", content).split())):
            return unescape(address)
    raise AssertionError(f"no link “{text}”")


def names(page: str) -> list[str]:
    return re.findall(r'specimens/([^/"]+)/"', page.split("<tbody>")[1]) if "<tbody>" in page else []


def tiles(page: str) -> int:
    return page.count("data-tile")


def test_a_condition_is_found_in_two_clicks_from_the_gallery(signed_in: Client, described: Dataset):
    gallery = signed_in.get("/datasets/steels/").text
    opened = signed_in.get("/datasets/steels/facets/condition/?").text
    assert "facets/condition/" in gallery
    found = signed_in.get(link(opened, "0.9 % C, 970 °C, quenched")).text
    assert tiles(found) == 3
    assert "3 micrographs" in found


def test_a_condition_is_found_in_two_clicks_from_the_specimens(signed_in: Client, described: Dataset):
    chosen = signed_in.get(link(signed_in.get(LIST).text, "0.9 % C, 970 °C, quenched")).text
    assert names(chosen) == ["S1", "S2"]
    assert tiles(signed_in.get(link(chosen, "Show their 3 micrographs")).text) == 3


def test_temperature_and_cooling_are_those_of_one_step(signed_in: Client, described: Dataset):
    assert names(signed_in.get(LIST + "?temperature=970&cooling=quenched").text) == ["S1", "S2"]
    assert names(signed_in.get(LIST + "?cooling=quenched").text) == ["S1", "S2", "S3"]
    assert tiles(signed_in.get("/datasets/steels/?temperature=970&cooling=quenched").text) == 3


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["plain", "S1", "S2", "S3", "S10"]),
        ("element=mn&percent_min=1", ["S10"]),
        ("element=C&percent_min=0,5&percent_max=1", ["S1", "S2", "S3"]),
        ("element=C&percent_min=0.9&percent_max=0.9&temperature=180", ["S2"]),
        ("heat_number=4711", ["S10"]),
        ("material=C90", ["S1", "S2"]),
        ("about=picral", ["S10"]),
        ("about=water", ["S1"]),
        ("element=Xx&cooling=never&temperature=nan&percent_min=9", ["plain", "S1", "S2", "S3", "S10"]),
        ("material=none", []),
    ],
)
def test_specimens_are_filtered_by_their_records(signed_in: Client, described: Dataset, query: str, found: list[str]):
    assert names(signed_in.get(f"{LIST}?{query}").text) == found


def test_facets_count_under_the_other_filters(signed_in: Client, described: Dataset):
    def counts(name: str, query: str) -> dict[str, int]:
        page = signed_in.get(f"/datasets/steels/facets/{name}/?{query}").text.replace("<wbr>", "")
        found = re.findall(r'<span>([^<]*)</span>\s*<span class="count">(\d+)', page)
        return {text: int(count) for text, count in found}

    assert counts("temperature", "cooling=quenched") == {"800 °C": 1, "970 °C": 3}
    assert counts("cooling", "temperature=970") == {"furnace-cooled": 1, "quenched": 3}
    assert counts("composition", "specimen=S10") == {"0.2 % C": 1}
    assert counts("condition", "") == {
        "0.2 % C": 1, "0.9 % C, 970 °C, furnace-cooled": 1, "0.9 % C, 970 °C, quenched": 3,
        "C90, 970 °C, quenched": 3,
    }  # fmt: skip
    assert signed_in.get("/datasets/steels/facets/nothing/").status_code == 404


def test_the_gallery_has_no_facets_of_records_where_there_are_none(signed_in: Client, add: Add):
    add(0, specimen="S1")
    assert "facets/condition/" not in signed_in.get("/datasets/steels/").text
    assert names(signed_in.get(LIST).text) == ["S1"]


def test_lists_ask_the_database_a_fixed_number_of_times(
    signed_in: Client, described: Dataset, owner, django_assert_num_queries
):
    addresses = [LIST, LIST + "?cooling=quenched", "/datasets/steels/?cooling=quenched"]

    def queries() -> list[int]:
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        counted = []
        for address in addresses:
            signed_in.get(address)
            with CaptureQueriesContext(connection) as asked:
                signed_in.get(address)
            counted.append(len(asked))
        return counted

    before = queries()
    records = {f"N{number}": {"composition": {"C": number / 100}, "heat_treatment": "970C Q"} for number in range(40)}
    services.update_specimens(dataset=described, records=records, by=owner)
    assert queries() == before


def test_a_dataset_without_specimens_says_what_they_are(signed_in: Client, dataset: Dataset):
    assert "No specimens yet" in signed_in.get(LIST).text


def test_a_record_is_entered_on_the_page_and_can_be_reverted(signed_in: Client, described: Dataset, owner):
    address = LIST + "plain/"
    assert "Nothing has been entered yet." in signed_in.get(address).text
    fields = {
        "material": "100Cr6",
        "composition": "C 0.98, Cr 1.5, Fe bal.",
        "heat_treatment": "850 °C, 30 min, OQ\r\n180 °C, 2 h",
        "other_fields": "etchant: nital 2 %\r\nhardness: 62 HRC",
    }
    page = signed_in.post(address, fields, follow=True).text
    assert "Saved." in page
    one = Specimen.objects.get(name="plain")
    assert one.composition == {"Fe": 97.52, "Cr": 1.5, "C": 0.98}
    assert one.treatment_text == "850 °C, 30 min, quenched in oil; 180 °C, 2 h"
    assert one.other_fields == {"etchant": "nital 2 %", "hardness": "62 HRC"}
    change = one.changes.get()
    assert (change.by, change.before["material"], change.after["material"]) == (owner, "", "100Cr6")
    assert "composition none → Fe 97.52, Cr 1.5, C 0.98" in page
    assert "Saved." in signed_in.post(address, fields, follow=True).text
    assert one.changes.count() == 1
    page = signed_in.post(f"/datasets/steels/specimen-changes/{change.pk}/revert/", follow=True).text
    assert "Reverted" in page
    assert Specimen.objects.get(name="plain").is_blank


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"composition": "C 60, Fe 60"}, "adds up to 120 %"),
        ({"composition": "Xx 1"}, "is not the symbol of a chemical element"),
        ({"heat_treatment": "970, quenched"}, "“970” has no unit"),
        ({"other_fields": "no colon"}, "Write a name, a colon and a text"),
        ({"other_fields": "a: 1\na: 2"}, "given twice"),
        ({"notes": "x" * 5001}, "At most 5000 characters"),
    ],
)
def test_what_cannot_be_is_answered_in_a_sentence_and_nothing_is_written(
    signed_in: Client, described: Dataset, fields: dict[str, str], sentence: str
):
    answer = signed_in.post(LIST + "plain/", {"material": "X", **fields})
    assert answer.status_code == 400
    assert sentence in answer.text
    assert not Specimen.objects.filter(name="plain", material="X").exists()


def test_a_specimen_is_renamed_with_its_micrographs_and_their_history(signed_in: Client, described: Dataset):
    page = signed_in.post("/datasets/steels/specimen-rename/", {"name": "S1", "new_name": "A/7 b"}, follow=True)
    assert page.request["PATH_INFO"] == LIST + "A/7 b/"
    assert "Renamed, with 2 micrographs." in page.text
    assert "0.9" in page.text
    assert Change.objects.filter(field="specimen", old="S1", new="A/7 b").count() == 2
    assert signed_in.get(LIST + "S1/").status_code == 404


def test_a_new_name_that_is_there_or_differs_only_in_case_is_refused(signed_in: Client, described: Dataset):
    def rename(new: str) -> str:
        return signed_in.post("/datasets/steels/specimen-rename/", {"name": "S1", "new_name": new}, follow=True).text

    assert "There is a specimen “S2” already" in rename("S2")
    assert "“PLAIN” differs from the specimen “plain” only in upper and lower case" in rename("PLAIN")
    assert "A specimen needs a name" in rename(" ")
    assert described.micrographs.filter(specimen="S1").count() == 2
    assert "Renamed" in rename("s1")


def test_an_emptied_record_does_not_keep_its_name(signed_in: Client, described: Dataset, owner):
    for record in ({"notes": "n"}, {"notes": ""}):
        services.update_specimens(dataset=described, records={"gone": record}, by=owner)
    page = signed_in.post("/datasets/steels/specimen-rename/", {"name": "S1", "new_name": "gone"}, follow=True).text
    assert "Renamed, with 2 micrographs." in page
    assert Specimen.objects.get(name="gone").composition == {"C": 0.9}


def test_a_rename_in_the_micrographs_alone_leaves_the_record_to_be_found(signed_in: Client, described: Dataset, owner):
    services.set_specimen(micrographs=described.micrographs.filter(specimen="S1"), specimen="other", by=owner)
    page = signed_in.get(LIST).text
    assert names(page)[:1] == ["other"]
    assert "S1" in names(page)
    assert "No micrograph names this specimen." in signed_in.get(LIST + "S1/").text


@pytest.mark.parametrize("name", ["a/b", "100 %", "?#&", "Größe µ", "=1+1", "<b>x</b>", "apply"])
def test_any_name_has_a_page_and_is_shown_as_text(signed_in: Client, add: Add, name: str):
    add(0, specimen=name)
    answer = signed_in.get(LIST + quote(name) + "/")
    assert answer.status_code == 200
    assert signed_in.get(link(signed_in.get(LIST).text, name)).status_code == 200
    assert "<b>x</b>" not in answer.text
    assert tiles(signed_in.get(f"/datasets/steels/?specimen={quote(name, safe='')}").text) == 1


@pytest.mark.parametrize("name", [".", "..", "a/../b", "./a"])
def test_a_name_whose_address_browsers_would_change_is_refused(signed_in: Client, described: Dataset, name: str):
    page = signed_in.post("/datasets/steels/specimen-rename/", {"name": "S1", "new_name": name}, follow=True).text
    assert "can't be the name of a specimen" in unescape(page)
    assert described.micrographs.filter(specimen="S1").count() == 2


def test_a_name_that_nothing_has_is_not_found(signed_in: Client, described: Dataset):
    assert signed_in.get(LIST + "nobody/").status_code == 404
    assert signed_in.get(LIST + "%00/").status_code == 404


def test_the_page_of_a_micrograph_leads_to_its_specimen(signed_in: Client, described: Dataset):
    one = described.micrographs.filter(specimen="S1").first()
    page = signed_in.get(f"/datasets/steels/micrographs/{one.pk}/").text
    assert link(page, "S1") == LIST + "S1/"
    assert "0.9 % C, 970 °C, quenched" in page


def test_a_mistake_in_one_of_several_records_changes_none_of_them(described: Dataset, owner):
    with pytest.raises(MicroDBError):
        services.update_specimens(dataset=described, records={"S1": {"notes": "n"}, "S2": {"composition": 3}}, by=owner)
    assert Specimen.objects.get(name="S1").notes == ""


def sent_by(page: str) -> dict[str, str]:
    """What a browser sends of the form of the record, as the page shows it."""
    form = re.search(r'<form method="post">.*?</form>', page, re.DOTALL)
    assert form
    inputs = {
        re.search(r'name="([^"]*)"', tag): re.search(r'value="([^"]*)"', tag)
        for tag in re.findall(r"<input[^>]*>", form[0])
    }
    areas = re.findall(r'<textarea[^>]*name="([^"]*)"[^>]*>\n?(.*?)</textarea>', form[0], re.DOTALL)
    return {name[1]: unescape(value[1]) if value else "" for name, value in inputs.items() if name} | {
        name: unescape(text) for name, text in areas
    }


def test_two_people_who_change_different_fields_keep_both(signed_in: Client, described: Dataset):
    first, second = (sent_by(signed_in.get(LIST + "S1/").text) for _tab in range(2))
    signed_in.post(LIST + "S1/", {**first, "material": "100Cr6", "composition": "C 1"})
    signed_in.post(LIST + "S1/", {**second, "notes": "edge decarburised"})
    one = Specimen.objects.get(name="S1")
    assert (one.material, one.composition, one.notes) == ("100Cr6", {"C": 1}, "edge decarburised")
    signed_in.post(LIST + "S1/", {**sent_by(signed_in.get(LIST + "S1/").text), "material": ""})
    assert Specimen.objects.get(name="S1").material == ""


def test_fields_that_are_not_sent_stay(signed_in: Client, described: Dataset):
    signed_in.post(LIST + "S1/", {"notes": "n"})
    one = Specimen.objects.get(name="S1")
    assert (one.material, one.composition, one.notes) == ("C90", {"C": 0.9}, "n")


@pytest.mark.parametrize("name", ["Mn", "notes", "Grade", "time", "composition", "specimen", "C at%", "HV:10"])
def test_another_field_has_no_name_that_a_table_would_read_as_something_else(
    signed_in: Client, described: Dataset, owner, name: str
):
    with pytest.raises(MicroDBError) as caught:
        services.update_specimens(dataset=described, records={"S1": {"other_fields": {name: "x"}}}, by=owner)
    assert caught.value.message.endswith(".")
    assert Specimen.objects.get(name="S1").other_fields == {}
