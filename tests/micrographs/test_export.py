"""A dataset goes out as a zip and comes back the same."""

import csv
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from microdb.accounts.models import User
from microdb.micrographs import services
from microdb.micrographs.models import Dataset, Micrograph, Specimen
from tests.micrographs.test_data_bar import burnt_in, fei
from tests.micrographs.test_pages_corrections import add_pixels

Add = Callable[..., Micrograph]
SAME = (
    "filename", "sha256", "answer", "pixels_per_micrometre", "scale_source", "scale_note", "specimen", "modality",
    "split", "data_bar_top", "masked", "width", "height", "perceptual_hash", "pixel_sha256", "state",
)  # fmt: skip


@pytest.fixture
def full(dataset: Dataset, add: Add, owner: User) -> Dataset:
    """A dataset in which everything is set somewhere."""
    about = {"description": "Plain steels.", "source": "Our laboratory", "licence": "CC BY 4.0", "citation": "A et al."}
    services.update_dataset(dataset=dataset, **about)
    services.add_material_class(dataset=dataset, name="bainite", description="upper and lower")
    add(0, label="ferrite", pixels_per_micrometre=2.125, specimen="A, first", modality="SEM", split="train")
    add(1, label="none-of-these", filename="x/same.png", split="quiz")
    add(2, label="unsure", filename="x/same.png", pixels_per_micrometre=1 / 3, scale_source="micron_bar")
    add(3, filename="Größe µ „1“.png", specimen='with "quotes"')
    services.set_data_bar(micrographs=[add(4)], top=40, by=owner)
    undone = add_pixels(dataset, owner, burnt_in(fei)[0], "bar.png")
    services.set_data_bar(micrographs=[undone], top=None, by=owner)
    services.trash_micrographs(micrographs=[add(5)], by=owner)
    first = {
        "composition": {"C": 0.9, "Fe": 99.1},
        "heat_treatment": "970C 90M Q",
        "other_fields": {"etchant": "=nital"},
    }
    services.update_specimens(dataset=dataset, records={"A, first": first, "unused": {"notes": "two\nlines"}}, by=owner)
    return dataset


def exported(client: Client) -> bytes:
    response = client.get("/datasets/steels/export/")
    assert response["Content-Disposition"] == 'attachment; filename="steels.zip"'
    return b"".join(response.streaming_content)


def seen(dataset: Dataset) -> list[tuple[object, ...]]:
    rows = dataset.micrographs.kept().select_related("material_class")
    return sorted((tuple(getattr(one, name) for name in SAME) for one in rows), key=lambda row: row[1])


def records(dataset: Dataset) -> list[tuple[object, ...]]:
    return list(dataset.specimens.order_by("name").values_list("name", "steps", *Specimen.ENTERED))


def test_an_export_imports_as_an_identical_dataset(signed_in: Client, full: Dataset, tmp_path: Path):
    packed = tmp_path / "steels.zip"
    packed.write_bytes(exported(signed_in))
    call_command("import_dataset", str(packed), name="Copy", owner="owner")
    copy = Dataset.objects.get(slug="copy")
    assert seen(copy) == seen(full)
    assert len(seen(copy)) == 6
    assert records(copy) == records(full)
    assert len(records(copy)) == 2
    for name in ("description", "source", "licence", "citation", "scale_free"):
        assert getattr(copy, name) == getattr(full, name)
    classes = [list(one.material_classes.values_list("name", "description", "position")) for one in (copy, full)]
    assert classes[0] == classes[1]


def test_the_zip_holds_untouched_masters_a_plain_manifest_and_a_card(signed_in: Client, full: Dataset):
    with zipfile.ZipFile(io.BytesIO(exported(signed_in))) as archive:
        assert archive.testzip() is None
        rows = list(csv.DictReader(io.StringIO(archive.read("micrographs.csv").decode())))
        for one in full.micrographs.ready():
            named = [row for row in rows if row["filename"].startswith("files/") and one.specimen == row["specimen"]]
            assert one.master.read() in [archive.read(row["filename"]) for row in named]
        card = archive.read("README.md").decode()
    assert "CC BY 4.0" in card
    assert "A et al." in card
    assert "| ferrite | train | 1 |" in card


@pytest.mark.parametrize(
    "details", ["[]", "{", '{"classes": 3}', '{"classes": [1]}', '{"micrographs": {"a": {"data_bar_top": "x"}}}']
)
def test_a_forged_description_is_refused_in_words(owner: User, tmp_path: Path, png, details: str):
    (tmp_path / "a.png").write_bytes(png())
    (tmp_path / "micrographs.csv").write_text("filename\na.png\n")
    (tmp_path / "dataset.json").write_text(details)
    with pytest.raises(CommandError, match="not as MicroDB exports it"):
        call_command("import_dataset", str(tmp_path), name="Forged", owner="owner")
    assert not Dataset.objects.filter(name="Forged").exists()


def test_an_unexpected_value_of_one_file_concerns_it_alone(owner: User, tmp_path: Path, png, capsys):
    for seed in (0, 1):
        (tmp_path / f"{seed}.png").write_bytes(png(seed))
    (tmp_path / "micrographs.csv").write_text("filename\n0.png\n1.png\n")
    (tmp_path / "dataset.json").write_text(json.dumps({"micrographs": {"0.png": {"data_bar_top": 4000}}}))
    with pytest.raises(SystemExit):
        call_command("import_dataset", str(tmp_path), name="Half", owner="owner")
    assert "row 4000 was given" in capsys.readouterr().err
    assert [one.filename for one in Dataset.objects.get(name="Half").micrographs.all()] == ["1.png"]


@pytest.fixture
def folder(tmp_path: Path, png) -> Path:
    """A folder of micrographs with a table of their specimens."""
    (tmp_path / "a.png").write_bytes(png())
    (tmp_path / "micrographs.csv").write_text("filename,specimen\na.png,S1\n")
    return tmp_path


def test_a_table_of_specimens_beside_the_manifest_is_imported(owner: User, folder: Path, capsys):
    (folder / "Specimens.csv").write_text("specimen;C;etchant\nS1;0,9;nital\nS2;0,2;\n")
    call_command("import_dataset", str(folder), name="Mine", owner="owner")
    found = {one.name: one.composition for one in Specimen.objects.filter(dataset__name="Mine")}
    assert found == {"S1": {"C": 0.9}, "S2": {"C": 0.2}}
    written = capsys.readouterr()
    assert "2 specimens described, 0 as before, 0 refused." in written.out
    assert "Specimens.csv was read as semicolon-separated, decimal comma." in written.err
    assert "“etchant”" in written.err


def test_an_import_that_goes_on_replaces_nothing_that_was_entered(owner: User, folder: Path):
    (folder / "specimens.csv").write_text("specimen,C\nS1,0.9\n")
    call_command("import_dataset", str(folder), name="Mine", owner="owner")
    dataset = Dataset.objects.get(name="Mine")
    services.update_specimens(dataset=dataset, records={"S1": {"composition": {"C": 0.8}}}, by=owner)
    call_command("import_dataset", str(folder), name="Mine", owner="owner")
    assert dataset.specimens.get().composition == {"C": 0.8}


def test_a_wrong_row_of_the_specimens_is_named_and_a_wrong_table_stops_the_import(owner: User, folder: Path, capsys):
    (folder / "specimens.csv").write_text("specimen,C\nS1,120\nS2,0.9\n")
    with pytest.raises(SystemExit):
        call_command("import_dataset", str(folder), name="Mine", owner="owner")
    assert "specimens.csv, S1: The amount of C must be from 0 to 100" in capsys.readouterr().err
    assert [one.name for one in Specimen.objects.filter(dataset__name="Mine")] == ["S2"]
    (folder / "specimens.csv").write_text("name,C\nS1,0.9\n")
    with pytest.raises(CommandError, match="no column “specimen”"):
        call_command("import_dataset", str(folder), name="Other", owner="owner")
    assert not Dataset.objects.filter(name="Other").exists()


def test_a_table_of_specimens_is_not_taken_for_the_manifest(owner: User, tmp_path: Path, png, capsys):
    (tmp_path / "ferrite").mkdir()
    (tmp_path / "ferrite" / "a.png").write_bytes(png())
    (tmp_path / "specimens.csv").write_text("specimen,C\nS1,0.9\n")
    call_command("import_dataset", str(tmp_path), name="Folders", owner="owner")
    dataset = Dataset.objects.get(name="Folders")
    assert [one.label for one in dataset.micrographs.all()] == ["ferrite"]
    assert dataset.specimens.get().composition == {"C": 0.9}
    assert "not read" not in capsys.readouterr().err
