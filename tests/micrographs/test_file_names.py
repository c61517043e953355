"""Files are found whatever the normal form of their names and, where only one fits, their case."""

import io
import unicodedata
from pathlib import Path

import pytest
from django.core.management import call_command

from microdb.accounts.models import User
from microdb.micrographs.import_export.source import find_file
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
