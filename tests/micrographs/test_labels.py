"""Labels that look the same are one label, or a sentence says how they differ."""

import contextlib
import io
import unicodedata
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client

from microdb.accounts.models import User
from microdb.errors import MicroDBError
from microdb.labels import canonical_label, label_key
from microdb.micrographs import services
from microdb.micrographs.models import Dataset, MaterialClass
from microdb.micrographs.services.classes import rename_material_class
from microdb.micrographs.validation.fields import find_class
from microdb.micrographs.validation.labels import skeleton
from tests.conftest import SHARED
from tests.micrographs.test_upload_plan import plan as upload_plan

NFC, NFD = "Widmanstätten", unicodedata.normalize("NFD", "Widmanstätten")
SAME = {
    "normal form": (NFC, NFD),
    "case": ("Ferrite", "fERRITE"),
    "case and normal form": (NFC.upper(), NFD),
    "sharp s": ("Gußeisen", "GUSSEISEN"),
    "zero width space": ("ferrite", "fer\u200brite"),
    "word joiner and soft hyphen": ("ferrite", "\u2060fer\u00adrite"),
    "byte order mark": ("ferrite", "\ufeffferrite"),
    "writing direction": ("ferrite", "\u202eferrite\u202c"),
    "isolates": ("ferrite", "\u2068ferrite\u2069"),
    "variation selector": ("ferrite", "ferrite\ufe0f"),
    "invisible letter": ("ferrite", "ferrite\u3164"),
    "spaces": ("lower bainite", " lower\u00a0 \u2009bainite\u3000"),
}
LOOK_ALIKE = {
    "Cyrillic e": ("ferrite", "f\u0435rrite"),
    "Cyrillic capital": ("Bainite", "\u0412ainite"),
    "Greek capital": ("A1", "\u03911"),
    "dotless i": ("martensite", "martens\u0131te"),
    "another hyphen": ("as-cast", "as\u2011cast"),
    "en dash": ("as-cast", "as–cast"),
    "full width": ("ferrite", "ｆerrite"),
    "subscript": ("Fe3C", "Fe₃C"),
}
DISTINCT = [("Al", "A1"), ("lower bainite", "upper bainite"), ("σ", "δ"), ("β", "B"), ("P1", "P2"), ("a", "ä")]
NONE = [
    "none of these",
    "None-Of-These",
    "none_of_these",
    "NONE  OF THESE",
    "none\u2011of–these",
    "none\u200b-of-these",
]


@pytest.mark.parametrize("name", SAME)
def test_spellings_of_one_label_have_one_key_and_find_its_class(dataset: Dataset, name: str):
    first, second = SAME[name]
    assert label_key(first) == label_key(second)
    dataset.material_classes.all().delete()
    made = services.add_material_class(dataset=dataset, name=first)
    assert find_class(dataset=dataset, label=second) == made
    with pytest.raises(MicroDBError) as refused:
        services.add_material_class(dataset=dataset, name=second)
    assert refused.value.code == "duplicate_class"


@pytest.mark.parametrize("name", LOOK_ALIKE)
def test_a_class_that_looks_like_another_is_refused_with_its_strange_letters(dataset: Dataset, name: str):
    first, second = LOOK_ALIKE[name]
    dataset.material_classes.all().delete()
    services.add_material_class(dataset=dataset, name=first)
    for call in (
        lambda: services.add_material_class(dataset=dataset, name=second),
        lambda: find_class(dataset=dataset, label=second),
        lambda: rename_material_class(
            material_class=services.add_material_class(dataset=dataset, name="another"), name=second
        ),
    ):
        with pytest.raises(MicroDBError, match="looks like") as refused:
            call()
        assert refused.value.code == "look_alike"
        assert "Correct it" in refused.value.message
        dataset.material_classes.filter(name="another").delete()


@pytest.mark.parametrize(("first", "second"), DISTINCT)
def test_labels_that_look_different_are_two(dataset: Dataset, first: str, second: str):
    dataset.material_classes.all().delete()
    assert skeleton(first) != skeleton(second)
    assert services.add_material_class(dataset=dataset, name=first) != services.add_material_class(
        dataset=dataset, name=second
    )


@pytest.mark.parametrize("spelling", NONE)
def test_every_spelling_of_none_of_these_is_that_label(dataset: Dataset, add, spelling: str):
    assert canonical_label(spelling) == "none-of-these"
    assert add(label=spelling).none_of_these
    with pytest.raises(MicroDBError, match="reserved"):
        services.add_material_class(dataset=dataset, name=spelling)


def test_a_class_that_looks_like_none_of_these_is_refused(dataset: Dataset):
    with pytest.raises(MicroDBError, match=r"looks like “none-of-these”.*CYRILLIC SMALL LETTER O"):
        services.add_material_class(dataset=dataset, name="n\u043ene of these")


def test_a_class_keeps_its_own_name_when_only_its_case_is_changed(dataset: Dataset):
    ferrite = dataset.material_classes.get(name="ferrite")
    assert rename_material_class(material_class=ferrite, name="Ferrite").name == "Ferrite"
    with pytest.raises(MicroDBError, match="has a class “pearlite” already"):
        rename_material_class(material_class=ferrite, name="PEARLITE")


def test_classes_from_before_this_rule_are_found_by_their_exact_names(dataset: Dataset):
    for position, name in enumerate(["Phase", "phase", NFD], start=5):
        MaterialClass.objects.create(dataset=dataset, name=name, position=position)
    assert find_class(dataset=dataset, label="phase").name == "phase"
    assert find_class(dataset=dataset, label=NFC).name == NFD
    with pytest.raises(MicroDBError, match="could mean any of the classes “Phase”, “phase”"):
        find_class(dataset=dataset, label="PHASE")


def test_a_specimen_is_kept_in_one_form(add):
    specimen = add(specimen="Pr\u006f\u0308be\u200b  1").specimen
    assert specimen == "Pröbe 1"


def test_the_plan_of_a_drop_has_one_class_for_the_spellings_of_a_label(signed_in: Client, dataset: Dataset):
    manifest = (
        "filename,label\na.png,FERRITE\nb.png,Sorbite\nc.png,sorbite\u200b\nd.png,None of these\ne.png,f\u0435rrite\n"
    )
    plan = upload_plan(signed_in, ["a.png", "b.png", "c.png", "d.png", "e.png"], manifest)
    assert [file["label"] for file in plan["files"]] == ["ferrite", "Sorbite", "Sorbite", "none-of-these", ""]
    assert plan["new_classes"] == ["Sorbite"]
    assert "CYRILLIC" in plan["files"][4]["problem"]


def test_folders_named_like_a_label_in_another_spelling_give_that_label(signed_in: Client, dataset: Dataset):
    paths = ["x/Ferrite/a.png", "x/none of these/b.png", f"x/{NFD}/c.png", f"x/{NFC}/d.png"]
    plan = upload_plan(signed_in, paths)
    assert [file["label"] for file in plan["files"]] == ["ferrite", "none-of-these", "", ""]
    assert plan["new_classes"] == [NFC]


def imported(path: Path, owner: User) -> tuple[list[str], list[str], str]:
    """The classes, the labels in the order of the file names, and stderr."""
    err = io.StringIO()
    with contextlib.suppress(SystemExit):
        call_command(
            "import_dataset", str(path), name="Imported", owner=owner.username, stderr=err, stdout=io.StringIO()
        )
    made = Dataset.objects.get(name="Imported")
    rows = made.micrographs.select_related("material_class").order_by("filename")
    return list(made.material_classes.values_list("name", flat=True)), [one.label for one in rows], err.getvalue()


@pytest.mark.parametrize(
    ("case", "classes", "labels"),
    [
        ("labels_nfd_and_nfc", [NFC], [NFC, NFC]),
        ("labels_none_of_these_spaced", [], ["none-of-these"] * 2),
        ("labels_differ_by_case", ["Ferrite"], ["Ferrite"] * 2),
    ],
)
@pytest.mark.usefixtures("media")
def test_the_inputs_that_gave_two_classes_give_one(owner: User, case: str, classes: list[str], labels: list[str]):
    folder = SHARED / "cases" / "files" / case
    if not folder.is_dir():
        pytest.skip(f"the shared inputs are not there: {folder}")
    assert imported(folder, owner) == (classes, labels, "")


@pytest.mark.usefixtures("media")
def test_folders_per_class_are_imported_under_one_spelling(owner: User, tmp_path: Path, png):
    for seed, folder in enumerate(["Ferrite", "ferrite\u200b", "None of these", "f\u0435rrite"]):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / f"{seed}.png").write_bytes(png(seed))
    classes, labels, err = imported(tmp_path, owner)
    assert classes == ["Ferrite"]
    assert sorted(labels) == ["Ferrite", "Ferrite", "none-of-these"]
    assert "looks like “Ferrite”" in err


def test_the_admin_holds_class_names_to_the_same_rule(client: Client, dataset: Dataset):
    client.force_login(User.objects.create_superuser("admin"))
    first, second = dataset.material_classes.all()
    data = {
        "name": dataset.name, "slug": dataset.slug, "description": "", "source": "", "licence": "", "citation": "",
        "created_by": dataset.created_by_id,
        "memberships-TOTAL_FORMS": 0, "memberships-INITIAL_FORMS": 0,
        "material_classes-TOTAL_FORMS": 2, "material_classes-INITIAL_FORMS": 2,
        "material_classes-0-id": first.pk, "material_classes-0-dataset": dataset.pk,
        "material_classes-0-name": "ferrite", "material_classes-0-position": 0,
        "material_classes-1-id": second.pk, "material_classes-1-dataset": dataset.pk,
        "material_classes-1-name": "FERRITE", "material_classes-1-position": 1,
    }  # fmt: skip
    address = f"/admin/micrographs/dataset/{dataset.pk}/change/"
    assert "has a class “ferrite” already" in client.post(address, data).content.decode()
    client.post(address, data | {"material_classes-1-name": " Sorbite\u200b"})
    assert set(dataset.material_classes.values_list("name", flat=True)) == {"ferrite", "Sorbite"}
