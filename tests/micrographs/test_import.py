"""``manage.py import_dataset``: folders, manifests and zips, good and bad."""

import io
import stat
import zipfile
from collections import Counter
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from microdb.accounts.models import User
from microdb.micrographs import services
from microdb.micrographs.models import Dataset, Micrograph, Specimen

pytestmark = pytest.mark.usefixtures("media", "owner")


def run(path: Path, name: str = "Imported", owner: str = "owner") -> tuple[int, str, str]:
    """Exit status, stdout and stderr of the command."""
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("import_dataset", str(path), name=name, owner=owner, stdout=out, stderr=err)
    except SystemExit as ended:
        return int(ended.code or 0), out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


def labels(name: str = "Imported") -> dict[str, str]:
    dataset = Dataset.objects.get(name=name)
    return {one.filename: one.label for one in dataset.micrographs.select_related("material_class")}


@pytest.fixture
def folder(tmp_path, png) -> Path:
    """A folder of four images, no manifest."""
    root = tmp_path / "source"
    for seed, name in enumerate(["b-class/1.png", "b-class/2.png", "a-class/3.png", "none-of-these/4.png"]):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(png(seed))
    return root


def manifest(folder: Path, *lines: str) -> Path:
    (folder / "micrographs.csv").write_text("\n".join(lines), encoding="utf-8-sig")
    return folder


EXPECTED = {"a-class/3.png": "a-class", "b-class/1.png": "b-class", "b-class/2.png": "b-class"}


def test_a_folder_per_class_is_imported(folder):
    (folder / "notes.txt").write_text("no image, and no harm")
    assert run(folder)[0] == 0
    assert labels() == {**EXPECTED, "none-of-these/4.png": "none-of-these"}


def test_a_flat_folder_is_imported_without_labels(folder):
    assert run(folder / "b-class")[0] == 0
    assert labels() == {"1.png": "", "2.png": ""}


def test_a_manifest_is_imported_with_everything_it_says(folder):
    manifest(
        folder,
        "filename,label,pixels_per_micrometre,specimen,modality,split",
        "b-class/1.png,zeta,2.5,S1,SEM,train",
        "a-class\\3.png,alpha,,S2,,quiz",
    )
    code, out, err = run(folder / "micrographs.csv")
    assert (code, err) == (0, "")
    assert out == (
        "imported: 2 micrographs imported (1 train, 1 quiz), 0 there already, 0 refused. Classes: zeta, alpha.\n"
    )
    one = Micrograph.objects.get(filename="b-class/1.png")
    assert (one.pixels_per_micrometre, one.scale_source) == (2.5, "sidecar")
    assert (one.label, one.specimen, one.modality, one.split) == ("zeta", "S1", "SEM", "train")
    assert one.state == Micrograph.State.READY


def test_a_sidecar_file_tells_the_scale(folder):
    (folder / "b-class" / "1.txt").write_text("[SemImageFile]\nPixelSize=25\n")
    assert run(folder)[0] == 0
    assert Micrograph.objects.get(filename="b-class/1.png").pixels_per_micrometre == 40


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["filename,label,colour", "b-class/1.png,a,red"], "“colour”.*filename, label, pixels_per_micrometre"),
        (["label", "a"], "no column “filename”"),
        (["filename,label,label", "b-class/1.png,a,b"], "twice"),
        (["filename"], "names no file"),
        (["filename,label", "b-class/1.png,a,b,c"], "Line 2 .* more cells"),
        (["filename", "../../secret.png"], "inside the manifest's folder"),
        (["filename", "/etc/passwd"], "inside the manifest's folder"),
    ],
)
def test_a_manifest_that_cannot_be_understood_writes_nothing(folder, lines, said):
    with pytest.raises(CommandError, match=said):
        run(manifest(folder, *lines))
    assert not Dataset.objects.filter(name="Imported").exists()


def test_a_manifest_that_is_no_text_is_refused(folder):
    (folder / "micrographs.csv").write_bytes(b"filename\n\xff\xfe.png")
    with pytest.raises(CommandError, match="UTF-8"):
        run(folder)


def test_bad_rows_are_named_and_the_rest_goes_on(folder, png):
    (folder / "words.png").write_text("words")
    (folder / "cut.png").write_bytes(png(9)[:1500])
    (folder / "copy.png").write_bytes(png(0))
    rows = [
        "b-class/1.png,good,2,",
        "missing.png,good,2,",
        "words.png,bad,2,",
        "cut.png,good,2,",
        "copy.png,good,2,",
        "b-class/2.png,good,wide,",
        "a-class/3.png,good,-1,",
        "none-of-these/4.png,good,2,holdout",
    ]
    code, out, err = run(manifest(folder, "filename,label,pixels_per_micrometre,split", *rows))
    assert code == 1
    told = dict(line.split(": ", 1) for line in err.splitlines())
    assert set(told) == {row.split(",")[0] for row in rows[1:]}
    assert "no such file" in told["missing.png"]
    assert "no image" in told["words.png"]
    assert "cut short" in told["cut.png"]
    assert "b-class/1.png" in told["copy.png"]
    assert "“wide”" in told["b-class/2.png"]
    assert "from 0.000001 to 1,000,000" in told["a-class/3.png"]
    assert "holdout" in told["none-of-these/4.png"]
    assert labels() == {"b-class/1.png": "good"}
    assert "Classes: good." in out


def test_an_import_goes_on_where_it_stopped(folder):
    assert run(folder / "b-class")[0] == 0
    code, out, _err = run(folder)
    assert code == 0
    assert "2 micrographs imported" in out
    assert "2 there already" in out


def test_a_sidecar_beside_a_stored_file_without_a_scale_gives_it(folder):
    run(folder / "b-class")
    first, second = sorted((folder / "b-class").glob("*.png"))[:2]
    first.with_suffix(".txt").write_bytes(b"[SemImageFile]\r\nPixelSize=25\r\n")
    second.with_suffix(".txt").write_bytes(b"nothing of a microscope")
    code, out, _err = run(folder / "b-class")
    assert code == 0
    assert "2 there already (1 took the scale of their sidecar)" in out
    scales = dict(Micrograph.objects.values_list("filename", "pixels_per_micrometre"))
    assert scales == {first.name: 40, second.name: None}
    assert "took the scale" not in run(folder / "b-class")[1]


def test_when_nothing_can_be_imported_no_dataset_is_left(tmp_path):
    (tmp_path / "words.png").write_text("words")
    code, _out, err = run(tmp_path)
    assert code == 1
    assert "no dataset was made" in err
    assert not Dataset.objects.exists()


def test_somebody_elses_dataset_is_left_alone(folder, stranger):
    services.create_dataset(name="Imported", by=stranger)
    with pytest.raises(CommandError, match="Choose another name"):
        run(folder)


def test_without_an_owner_the_demo_user_or_the_only_superuser_owns_it(folder):
    with pytest.raises(CommandError, match="--owner"):
        call_command("import_dataset", str(folder), name="A")
    admin = User.objects.create_superuser("admin")
    call_command("import_dataset", str(folder), name="A", stdout=io.StringIO())
    demo = User.objects.create_user("demo")
    call_command("import_dataset", str(folder), name="B", stdout=io.StringIO())
    assert [Dataset.objects.get(name=name).created_by for name in "AB"] == [admin, demo]


def test_an_owner_that_does_not_exist_is_named(folder):
    with pytest.raises(CommandError, match="'nobody'"):
        run(folder, owner="nobody")


@pytest.mark.parametrize("wrapper", ["", "wrapped/"])
def test_a_zip_is_imported_like_its_folder(folder, tmp_path, wrapper):
    archive = tmp_path / "all.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        for path in folder.rglob("*.png"):
            packed.write(path, wrapper + str(path.relative_to(folder)))
        packed.writestr("__MACOSX/._1.png", b"resource fork")
    assert run(archive)[0] == 0
    assert labels() == {**EXPECTED, "none-of-these/4.png": "none-of-these"}


def link() -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo("a.png")
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    return entry


@pytest.mark.parametrize(
    ("entry", "content", "said"),
    [
        ("../evil.png", b"x", "outside"),
        ("/evil.png", b"x", "outside"),
        ("a/../../evil.png", b"x", "outside"),
        ("..\\evil.png", b"x", "outside"),
        ("C:/evil.png", b"x", "outside"),
        (link(), b"/etc/passwd", "link"),
        ("big.png", b"\0" * 200_000_000, "Import it in parts"),
        ("n" * 300 + ".png", b"x", "stored under its name"),
    ],
)
def test_a_hostile_zip_is_not_opened(tmp_path, entry, content, said):
    archive = tmp_path / "evil.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(entry, content)
    with pytest.raises(CommandError, match=said):
        run(archive)
    assert sorted(tmp_path.rglob("*evil*")) == [archive]


@pytest.mark.slow
def test_the_real_micrographs_are_imported(uhcs):
    code, out, err = run(uhcs, name="UHCS")
    assert (code, err) == (0, "")
    assert out.startswith("uhcs: 182 micrographs imported (140 train, 42 quiz)")
    dataset = Dataset.objects.get(slug="uhcs")
    assert dataset.micrographs.ready().count() == 182
    counts = Counter((one.label, one.split) for one in dataset.micrographs.select_related("material_class"))
    assert counts["network", "train"] == 35
    assert counts["pearlite", "train"] == 9
    assert counts["none-of-these", "quiz"] == 6
    assert len(counts) == 11


def test_a_zip_in_a_zip_and_a_name_in_utf_16_are_said_and_the_rest_is_imported(owner, tmp_path, png, media, capsys):
    packed = tmp_path / "nested.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("good.png", png())
        archive.writestr("inner.zip", b"PK\x03\x04 whatever")
        archive.writestr("Gr\u00f6\u00dfe\ud55c.png", png(1))
    with pytest.raises(SystemExit):
        call_command("import_dataset", str(packed), name="Nested", owner="owner")
    assert "inner.zip: This is a zip file" in capsys.readouterr().err
    names = set(Dataset.objects.get(name="Nested").micrographs.values_list("filename", flat=True))
    assert names == {"good.png", "Gr\u00f6\u00dfe\ud55c.png"}


def test_the_same_file_twice_in_one_import_is_an_error_of_the_second(owner, tmp_path, png, media, capsys):
    for name in ("a.png", "b.png"):
        (tmp_path / name).write_bytes(png())
    with pytest.raises(SystemExit):
        call_command("import_dataset", str(tmp_path), name="Twice", owner="owner")
    assert "b.png: The dataset has this file already, as “a.png”" in capsys.readouterr().err


def test_a_manifest_of_excels_unicode_text_is_read_and_the_command_says_how(owner, tmp_path, png, media):
    (tmp_path / "a.png").write_bytes(png())
    (tmp_path / "micrographs.csv").write_text("Filename\tPixels_per_micrometre\na.png\t10,3\n", encoding="utf-16")
    code, _out, err = run(tmp_path, "Wide")
    assert (code, err) == (0, "micrographs.csv was read as tab-separated, decimal comma, UTF-16.\n")
    assert Micrograph.objects.get().pixels_per_micrometre == 10.3


def test_a_manifest_in_an_old_encoding_is_refused_with_what_to_do(owner, tmp_path, png):
    (tmp_path / "a.png").write_bytes(png())
    (tmp_path / "micrographs.csv").write_text("filename,label\na.png,Gefüge\n", encoding="cp1252")
    with pytest.raises(CommandError, match="Save it as “CSV UTF-8”"):
        run(tmp_path)


def test_a_manifest_of_another_name_is_read_and_files_it_does_not_name_are_reported(owner, folder):
    (folder / "labels.csv").write_text("filename,label\nb-class/1.png,zeta\n")
    code, _out, err = run(folder)
    assert code == 0
    assert labels() == {"b-class/1.png": "zeta"}
    assert err == "labels.csv does not name 3 image files, which are left out: 3.png, 2.png, 4.png\n"


def test_tables_that_are_no_manifest_are_named_and_the_folders_count(owner, folder):
    (folder / "spectrum.csv").write_text("keV,counts\n1,2\n")
    code, _out, err = run(folder)
    assert (code, "spectrum.csv" in err) == (0, True)
    assert labels() == {**EXPECTED, "none-of-these/4.png": "none-of-these"}


def packed(path: Path, names: list[bytes], png, flags: int = 0) -> Path:
    """A zip whose entries have these very bytes as names, as Windows and macOS write them."""
    with zipfile.ZipFile(path, "w") as archive:
        for seed, name in enumerate(names):
            archive.writestr(f"{seed:04}" + "n" * (len(name) - 4), png(seed))
    content = path.read_bytes()
    for seed, name in enumerate(names):
        content = content.replace(f"{seed:04}".encode() + b"n" * (len(name) - 4), name)
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ([b"ferrite\\1.png", b"pearlite\\2.png"], {"ferrite/1.png": "ferrite", "pearlite/2.png": "pearlite"}),
        (
            ["Gefüge/1.png".encode("cp437"), b"Perlit/2.png"],
            {"Gefüge/1.png": "Gefüge", "Perlit/2.png": "Perlit"},
        ),
        (
            ["Prøve/1.png".encode("cp850"), "Glødet/2.png".encode("cp850")],
            {"Prøve/1.png": "Prøve", "Glødet/2.png": "Glødet"},
        ),
        (
            ["Gefu\u0308ge/1.png".encode(), b"Perlit/2.png"],
            {"Gefüge/1.png": "Gefüge", "Perlit/2.png": "Perlit"},
        ),
        ([b"a/b/ferrite/1.png", b"a/b/pearlite/2.png"], {"ferrite/1.png": "ferrite", "pearlite/2.png": "pearlite"}),
        ([b"scans/1.png", b"scans/2.png"], {"1.png": "", "2.png": ""}),
    ],
    ids=["backslashes", "cp437", "cp850", "macOS", "two wrappers", "a flat folder"],
)
def test_a_zip_of_another_system_is_imported_under_the_names_that_were_packed(tmp_path, png, names, expected):
    assert run(packed(tmp_path / "all.zip", names, png))[0] == 0
    assert labels() == expected


def test_a_folder_in_folders_is_imported_like_its_zip(tmp_path, png):
    for seed, name in enumerate(["ferrite", "pearlite"]):
        (tmp_path / "a" / "b" / name).mkdir(parents=True)
        (tmp_path / "a" / "b" / name / "1.png").write_bytes(png(seed))
    assert run(tmp_path / "a")[0] == 0
    assert labels() == {"ferrite/1.png": "ferrite", "pearlite/1.png": "pearlite"}


def test_the_script_of_the_upload_page_has_the_same_code_pages():
    script = (Path(__file__).parents[2] / "static/js/upload/zip_names.js").read_text(encoding="utf-8")
    script = script.replace('",\n    "', "")
    for page in ("cp437", "cp850"):
        assert f'"{bytes(range(128, 255)).decode(page)}' in script.replace("\\u00ad", "\u00ad")


@pytest.mark.parametrize(
    ("tables", "composition", "note"),
    [
        (["specimens.csv"], {"C": 0.9}, ""),
        (["b-class/Specimens.csv"], {"C": 0.9}, ""),
        (["specimens.csv", "b-class/specimens.csv"], {"C": 0.9}, "b-class/specimens.csv was not read"),
        (
            ["a-class/specimens.csv", "b-class/specimens.csv"],
            None,
            "a-class/specimens.csv, b-class/specimens.csv were not read",
        ),
    ],
)
def test_the_only_table_of_specimens_is_read_and_others_are_named(
    folder: Path, tables: list[str], composition: dict[str, float] | None, note: str
):
    for number, name in enumerate(tables):
        (folder / name).write_text(f"specimen,C\nS1,0.{9 - number}\n")
    _status, _out, err = run(folder)
    assert (note in err) if note else (err == "")
    assert Specimen.objects.values_list("composition", flat=True).first() == composition
