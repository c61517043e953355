"""Files are found whatever the normal form of their names and, where only one fits, their case."""

import io
import unicodedata
from pathlib import Path

import pytest
from django.core.management import call_command

from microdb.accounts.models import User
from microdb.micrographs.import_export.source import find_file, read_sources
from microdb.micrographs.models import Micrograph
from tests.conftest import SHARED

pytestmark = pytest.mark.usefixtures("media")


def imported(folder: Path) -> dict[str, tuple[str, float | None]]:
    call_command("import_dataset", str(folder), name="Imported", owner="owner", stdout=io.StringIO())
    rows = Micrograph.objects.select_related("material_class")
    return {one.filename: (one.label, one.pixels_per_micrometre) for one in rows}


@pytest.mark.parametrize(
    ("case", "name"), [("manifest_nfc_file_nfd", "Gef\u00fcge.png"), ("manifest_uppercase_name", "a.png")]
)
def test_the_shared_inputs_are_found(owner: User, case: str, name: str):
    folder = SHARED / "cases" / "files" / case
    if not folder.is_dir():
        pytest.skip(f"the shared inputs are not there: {folder}")
    assert imported(folder) == {name: ("ferrite", 20.0)}


@pytest.mark.parametrize("manifest", ["micrographs.csv", "MICROGRAPHS.CSV", "Micrographs.csv"])
def test_folders_and_files_in_another_form_or_case_are_found(owner: User, tmp_path: Path, png, manifest: str):
    folder = tmp_path / unicodedata.normalize("NFD", "Gef\u00fcge")
    folder.mkdir()
    (folder / "A.PNG").write_bytes(png())
    rows = "filename,label,pixels_per_micrometre\ngef\u00fcge/a.png,ferrite,20\n"
    (tmp_path / manifest).write_text(rows, encoding="utf-8")
    assert imported(tmp_path) == {"gef\u00fcge/a.png": ("ferrite", 20.0)}


def test_a_name_that_two_files_fit_is_not_guessed(tmp_path: Path):
    for name in ("A.png", "a.PNG"):
        (tmp_path / name).touch()
    assert find_file(tmp_path, "a.png") is None
    assert find_file(tmp_path, "A.png") == tmp_path / "A.png"


def test_files_of_several_folders_are_called_by_what_tells_the_folders_apart(tmp_path: Path) -> None:
    for folder in ("x", "y"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.png").write_bytes(b"")
    (tmp_path / "y" / "micrographs.csv").write_text("filename\na.png\n")

    def names(*paths: str) -> list[str]:
        return [row.entry.filename for row in read_sources([tmp_path / path for path in paths]).rows]

    assert names("x/a.png", "y/a.png") == ["x/a.png", "y/a.png"]
    assert names("x", "y/micrographs.csv") == ["x/a.png", "y/a.png"]
    assert names("x/a.png") == ["a.png"]
