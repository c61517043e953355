"""One CSV for many specimens: what it would change is shown, made, undone, and downloaded again."""

import codecs
import io
import re
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from microdb.errors import MicroDBError
from microdb.micrographs import services
from microdb.micrographs.import_export.specimens_csv import parse_specimens
from microdb.micrographs.models import Dataset, Micrograph, Specimen, SpecimenChange
from microdb.micrographs.validation.specimens import steps_of

Add = Callable[..., Micrograph]
URL = "/datasets/steels/specimens-csv/"
CSV = """specimen,material,C,Cr,Fe,heat_treatment,heat_number,etchant
S1,100Cr6,0.9,1.5,bal.,"970 °C, 90 min, quenched in water",4711,nital
S2,,,,,"970C 90M FC",,
gone,,0.2,,,,,
"""


def send(client: Client, text: str | bytes, **fields: str) -> str:
    content = text if isinstance(text, bytes) else text.encode()
    sent = {"table": SimpleUploadedFile("mine.csv", content), **fields}
    return client.post(URL, sent, follow=True).text


def digest_in(page: str) -> str:
    found = re.search(r'name="digest" value="(\w+)"', page)
    assert found, page
    return found.group(1)


def apply(client: Client, text: str, **fields: str) -> str:
    return send(client, text, digest=digest_in(send(client, text)), **fields)


@pytest.fixture
def named(add: Add, dataset: Dataset) -> Dataset:
    for seed, specimen in enumerate(["S1", "S1", "S2"]):
        add(seed, specimen=specimen)
    return dataset


def test_the_changes_are_shown_and_nothing_is_written(signed_in: Client, named: Dataset):
    page = send(signed_in, CSV)
    assert "material or grade none → 100Cr6" in page
    assert "composition none → Fe 97.6, Cr 1.5, C 0.9" in page
    assert "heat treatment none → 970 °C, 90 min, quenched in water," in page
    assert "970C 90M FC (read as 970 °C, 90 min, furnace-cooled)" in page
    assert "These columns become other fields of the specimens: “etchant”." in page
    assert "2 specimens would change." in page
    assert "Also add 1 specimen that no micrograph names yet" in page
    assert not Specimen.objects.exists()


def test_a_table_is_applied_as_shown_and_undone(signed_in: Client, named: Dataset, owner):
    page = apply(signed_in, CSV)
    assert "The CSV changed 2 specimens." in page
    one = Specimen.objects.get(name="S1")
    assert (one.material, one.heat_number, one.other_fields) == ("100Cr6", "4711", {"etchant": "nital"})
    assert one.composition == {"Fe": 97.6, "Cr": 1.5, "C": 0.9}
    assert one.steps == [{"celsius": 970, "minutes": 90, "cooling": "quenched", "medium": "water"}]
    assert [change.by for change in one.changes.all()] == [owner]
    assert not Specimen.objects.filter(name="gone").exists()
    assert "2 specimens are as before." in signed_in.post(URL + "undo/", follow=True).text
    assert all(one.is_blank for one in Specimen.objects.all())
    assert "nothing left to undo" in signed_in.post(URL + "undo/", follow=True).text


def test_specimens_that_no_micrograph_names_are_added_on_request(signed_in: Client, named: Dataset):
    assert "The CSV changed 3 specimens." in apply(signed_in, CSV, unused="1")
    assert Specimen.objects.get(name="gone").composition == {"C": 0.2}


def test_only_unnamed_specimens_and_no_tick_change_nothing_and_the_page_says_so(signed_in: Client, named: Dataset):
    assert "Nothing was changed. To add these specimens, tick the box." in apply(signed_in, "specimen,C\ngone,0.2\n")
    assert not Specimen.objects.exists()


def test_a_record_that_is_there_is_changed_also_where_no_micrograph_names_it(signed_in: Client, named: Dataset):
    apply(signed_in, CSV, unused="1")
    page = send(signed_in, "specimen,C\ngone,0.3\nS2,0.7\n")
    assert "2 specimens would change." in page
    assert "Also add" not in page


def test_counts_are_in_grammar_and_a_long_list_says_that_it_is_cut(signed_in: Client, named: Dataset):
    apply(signed_in, CSV)
    assert "1 has these values already, 1 is left out." in send(signed_in, "specimen,C\nS1,0.9\nS2,120\n")
    assert "are listed" not in send(signed_in, CSV)
    many = "specimen,C\n" + "".join(f"N{number},0.5\n" for number in range(201))
    assert "Only 200 of 201 are listed." in send(signed_in, many)


def test_changes_that_were_not_shown_are_not_made(signed_in: Client, named: Dataset):
    digest = digest_in(send(signed_in, CSV))
    page = send(signed_in, CSV.replace("4711", "4712"), digest=digest)
    assert "changed since these changes were shown" in page
    assert not Specimen.objects.exists()


def test_an_empty_cell_changes_nothing_and_elements_are_set_one_by_one(signed_in: Client, named: Dataset):
    apply(signed_in, CSV)
    page = send(signed_in, "specimen,Mn,material,etchant\nS1,0.3,,\n")
    assert "composition Fe 97.6, Cr 1.5, C 0.9 → Fe 97.6, Cr 1.5, C 0.9, Mn 0.3" not in page  # above 100 %
    assert "adds up to 100.3 %" in page
    apply(signed_in, "specimen,Mn,Fe,material,etchant\nS1,0.3,balance,,\n")
    one = Specimen.objects.get(name="S1")
    assert one.composition == {"Fe": 97.3, "Cr": 1.5, "C": 0.9, "Mn": 0.3}
    assert (one.material, one.other_fields) == ("100Cr6", {"etchant": "nital"})
    assert "2 have these values already" in send(signed_in, CSV.replace("bal.", "97.3"))


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ("S1,120,,", "The amount of C must be from 0 to 100 mass percent; 120 was given."),
        ("S1,-1,,", "from 0 to 100 mass percent; -1 was given."),
        ("S1,60,60,", "The composition adds up to 120 %, more than 100 %."),
        ("S1,&lt;0.01,,", "The amount of C must be a number in mass percent"),
        ("S1,,,970 quenched", "“970” has no unit."),
        ("S1,,,5000 °C", "no possible temperature"),
        ("s1,0.9,,", "“s1” differs from the specimen “S1” only in upper and lower case."),
        (",0.9,,", "The specimen has no name in lines 2."),
        ("S1,0.9,,\nS1,0.8,,", "The table describes it more than once, in lines 2, 3."),
        ("new,0.9,,\nNEW,0.8,,", "“NEW” differs from the specimen “new” only in upper and lower case."),
        ("x" * 101 + ",0.9,,", "At most 100 characters are taken for the specimen"),
    ],
)
def test_a_row_that_cannot_be_is_left_out_in_a_sentence_and_the_others_stay(
    signed_in: Client, named: Dataset, row: str, sentence: str
):
    text = f"specimen,C,Mn,heat_treatment\n{row.replace('&lt;', '<')}\nS2,0.7,,\n"
    page = send(signed_in, text)
    assert sentence in page.replace("&#x27;", "'")
    apply(signed_in, text)
    assert {one.name: one.composition for one in Specimen.objects.all()} == {"S2": {"C": 0.7}}


@pytest.mark.parametrize(
    ("header", "sentence"),
    [
        ("name,C", "has no column “specimen”"),
        ("specimen,Xx wt%", "“Xx” is none"),
        ("specimen,C at%", "Amounts are in mass percent"),
        ("specimen,C,C wt%", "two columns for “C”"),
        ("specimen,,C", "a column without a name"),
        ("specimen," + ",".join(f"f{number}" for number in range(300)), "at most 300 columns"),
        ("specimen," + "(" * 101, "names of at most 100 characters"),
    ],
)
def test_a_table_whose_header_is_wrong_is_refused_in_a_sentence(
    signed_in: Client, named: Dataset, header: str, sentence: str
):
    page = send(signed_in, f"{header}\nS1,1,1\n")
    assert sentence in page
    assert "digest" not in page


def test_no_file_a_binary_file_and_an_empty_table_are_answered_in_words(signed_in: Client, named: Dataset):
    assert "Choose a CSV file" in signed_in.post(URL).text
    assert "CSV UTF-8" in send(signed_in, "specimen;C\nGefüge;1\n".encode("cp1252"))
    assert "describes no specimen" in send(signed_in, "specimen,C\n")


@pytest.mark.parametrize(
    "written",
    [
        "specimen;C;Temperature (°C);Time (min);Cooling\nS1;0,9;970;90;Q\n".encode(),
        codecs.BOM_UTF16_LE
        + "specimen\tC wt.%\ttemperature_c\ttime_min\tcooling\nS1\t0,9\t970\t90\tQ\n".encode("utf-16-le"),
        b'specimen,% C,cooling,time [h],temperature [K]\nS1,0.9 %,quenched,"1,5",1243.15\n',
        b"SPECIMEN,c,heat treatment\nS1,0.9,970C 90M Q\n",
        "specimen,C [%],Austenitizing temperature [°C],Holding time (h),cool_method\nS1,0.9,970,1.5,Q\n".encode(),
        b"specimen,C,anneal_temperature,anneal_time,quenching\nS1,0.9,970 C,90 M,quenched\n",
    ],
)
def test_a_table_is_read_as_spreadsheets_save_it(written: bytes):
    table = parse_specimens(io.BytesIO(written), "mine.csv")
    values = table.rows[0].values(Specimen())
    one = Specimen(**values, steps=steps_of(values["heat_treatment"]))
    assert one.composition == {"C": 0.9}
    assert one.treatment_text == "970 °C, 90 min, quenched"


def test_a_treatment_is_given_in_one_way(signed_in: Client, named: Dataset):
    page = send(signed_in, "specimen,temperature,heat_treatment\nS1,970 °C,970 °C\n")
    assert "in one column or its temperature, time and cooling, not both" in page
    assert "“970” has no unit" in send(signed_in, "specimen,temperature\nS1,970\n")


def test_a_name_in_another_normal_form_is_the_same_specimen(signed_in: Client, add: Add):
    add(0, specimen="Gefu\u0308ge")
    assert "1 specimen would change." in send(signed_in, "specimen,C\nGef\u00fcge,0.9\n")
    page = send(signed_in, "specimen,C\nGef\u00fcge,0.9\nGefu\u0308ge,0.8\n")
    assert "The table describes it more than once" in page


def test_the_download_lists_every_specimen_and_is_read_to_the_same_records(signed_in: Client, named: Dataset, owner):
    hostile = {
        "material": "=1+1",
        "notes": "two\nlines, “quoted”",
        "other_fields": {"@x": "'=1", "hardness (HV)": "-5"},
    }
    records = {"S1": {"composition": {"C": 0.1 + 0.2, "Fe": 99}, "heat_treatment": "-196 °C, 24 h"}, "=S3": hostile}
    services.update_specimens(dataset=named, records=records, by=owner)
    answer = signed_in.get("/datasets/steels/specimens.csv")
    text = b"".join(answer.streaming_content).decode()
    assert answer["Content-Disposition"] == 'attachment; filename="steels-specimens.csv"'
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert "\nS2,,,,,,,,\n" in text
    assert not re.search(r'(^|,)"?[=@+-]', text, re.MULTILINE)
    assert "3 have these values already, 0 are left out." in send(signed_in, text)
    before = {one.name: [getattr(one, name) for name in Specimen.ENTERED] for one in Specimen.objects.all()}
    Specimen.objects.all().delete()
    apply(signed_in, text, unused="1")
    after = {one.name: [getattr(one, name) for name in Specimen.ENTERED] for one in Specimen.objects.all()}
    assert after == before


def test_a_table_of_a_thousand_rows_asks_the_database_a_fixed_number_of_times(
    signed_in: Client, named: Dataset, django_assert_max_num_queries
):
    rows = "".join(f"N{number},0.{number % 9}1,970C 90M Q\n" for number in range(1000))
    text = f"specimen,C,heat_treatment\n{rows}"
    with django_assert_max_num_queries(60):
        apply(signed_in, text, unused="1")
    assert (Specimen.objects.count(), SpecimenChange.objects.count()) == (1000, 1000)


def test_too_many_rows_are_refused():
    rows = "specimen\n" + "".join(f"N{number}\n" for number in range(10_001))
    with pytest.raises(MicroDBError, match="more than 10,000 rows"):
        parse_specimens(io.BytesIO(rows.encode()), "mine.csv")
