"""The site's reader of manifests and the classifier's give the same rows and refuse the same tables."""

import io
from pathlib import Path

import pytest
from PIL import Image

from classifier import ClassifierError
from classifier.command_line.manifest import read_entries
from microdb.errors import MicroDBError
from microdb.labels import canonical_label
from microdb.manifest import COLUMNS, MOST_ROWS, Manifest, choose_manifest, parse_manifest, read_manifest
from microdb.micrographs.import_export.source import read_source
from microdb.micrographs.validation.labels import KnownLabels

Row = tuple[str, str, float | None, str, str]
HEADER = ",".join(COLUMNS)
GOOD: dict[str, tuple[bytes, list[Row]]] = {
    "all columns": (
        f"{HEADER}\na/1.png,ferrite,12.5,S1,SEM,train\n".encode(),
        [("a/1.png", "ferrite", 12.5, "S1", "train")],
    ),
    "the filename alone": (b"filename\n1.png\n2.png\n", [("1.png", "", None, "", ""), ("2.png", "", None, "", "")]),
    "columns in another order": (b"label,filename\nferrite,1.png\n", [("1.png", "ferrite", None, "", "")]),
    "spaces around": (b" filename , label \n 1.png , ferrite \n", [("1.png", "ferrite", None, "", "")]),
    "a byte order mark": (b"\xef\xbb\xbffilename\n1.png\n", [("1.png", "", None, "", "")]),
    "line ends of Windows": (b"filename,label\r\n1.png,x\r\n", [("1.png", "x", None, "", "")]),
    "empty lines": (b"filename\n\n1.png\n\n", [("1.png", "", None, "", "")]),
    "missing cells at the end": (b"filename,label,specimen\n1.png\n", [("1.png", "", None, "", "")]),
    "quotes and a comma": (b'filename,label\n"a, b.png","x ""y"""\n', [("a, b.png", 'x "y"', None, "", "")]),
    "a line break in quotes": (b'filename,specimen\n1.png,"S\n1"\n', [("1.png", "", None, "S\n1", "")]),
    "backslashes": (b"filename\na\\b\\1.png\n", [("a/b/1.png", "", None, "", "")]),
    "letters beyond ASCII": (
        "filename,label\nprøve.png,martensité\n".encode(),
        [("prøve.png", "martensité", None, "", "")],
    ),
    "a scale with an exponent": (b"filename,pixels_per_micrometre\n1.png,1e-3\n", [("1.png", "", 0.001, "", "")]),
    "the bounds of a scale": (
        b"filename,pixels_per_micrometre\n1.png,1e-6\n2.png,1000000\n",
        [("1.png", "", 1e-6, "", ""), ("2.png", "", 1e6, "", "")],
    ),
    "semicolons": (b"filename;label\n1.png;x\n", [("1.png", "x", None, "", "")]),
    "semicolons and a decimal comma": (
        b"filename;pixels_per_micrometre\n1.png;10,3\n2.png;0,515\n3.png;1,5E-1\n",
        [("1.png", "", 10.3, "", ""), ("2.png", "", 0.515, "", ""), ("3.png", "", 0.15, "", "")],
    ),
    "semicolons and a decimal point": (
        b"filename;pixels_per_micrometre\n1.png;12.345\n",
        [("1.png", "", 12.345, "", "")],
    ),
    "semicolons and three decimals after a comma": (
        b"filename;pixels_per_micrometre\n1.png;12,345\n",
        [("1.png", "", 12.345, "", "")],
    ),
    "tabs": (b"filename\tlabel\n1.png\tx, y; z\n", [("1.png", "x, y; z", None, "", "")]),
    "tabs and three decimals after a comma beside other decimal commas": (
        b"filename\tpixels_per_micrometre\n1.png\t1,234\n2.png\t10,3\n",
        [("1.png", "", 1.234, "", ""), ("2.png", "", 10.3, "", "")],
    ),
    "commas and a decimal comma in quotes": (
        b'filename,pixels_per_micrometre\n1.png,"3,2"\n',
        [("1.png", "", 3.2, "", "")],
    ),
    "a comma in a filename between semicolons": (b"filename;label\na, b.png;x\n", [("a, b.png", "x", None, "", "")]),
    "semicolons in quotes": (b'"filename";"label"\r\n"1.png";"x;y"\r\n', [("1.png", "x;y", None, "", "")]),
    "a semicolon in the only column": (b"filename\na;b.png\n", [("a;b.png", "", None, "", "")]),
    "a header in another case": (
        b"Filename,LABEL,Pixels_per_Micrometre\n1.png,X,2\n",
        [("1.png", "X", 2.0, "", "")],
    ),
    "rows of separators alone": (b"filename;label\n1.png;x\n;\n;\n", [("1.png", "x", None, "", "")]),
    "UTF-16": ("filename\n1.png\n".encode("utf-16"), [("1.png", "", None, "", "")]),
    "UTF-16 with tabs, as Excel's Unicode text": (
        "filename\tlabel\r\nprøve.png\tWidmanstätten\r\n".encode("utf-16"),
        [("prøve.png", "Widmanstätten", None, "", "")],
    ),
    "UTF-16 in big-endian order": (
        b"\xfe\xff" + "filename\n1.png\n".encode("utf-16-be"),
        [("1.png", "", None, "", "")],
    ),
    "the same file twice": (b"filename\n1.png\n1.png\n", [("1.png", "", None, "", "")] * 2),
}
BAD = {
    "nothing": b"",
    "a header alone": b"filename,label\n",
    "no filename column": b"file,label\n1.png,x\n",
    "an unknown column": b"filename,colour\n1.png,x\n",
    "a column without a name": b"filename,\n1.png,\n",
    "a column twice": b"filename,label,label\n1.png,x,y\n",
    "bars": b"filename|label\n1.png|x\n",
    "more cells than columns": b"filename,label\n1.png,x,y\n",
    "an open quote": b'filename,label\n"1.png,x\n',
    "text after a quote": b'filename,label\n"1".png,x\n',
    "Latin-1": "filename\nprøve.png\n".encode("latin-1"),
    "cp1252": "filename,label\n1.png,Widmanstätten\n".encode("cp1252"),
    "cp1252 far below": b"filename,label\n" + b"1.png,x\n" * 5000 + "1.png,Gefüge\n".encode("cp1252"),
    "UTF-16 without a byte order mark": "filename\n1.png\n".encode("utf-16-le"),
    "more cells than columns between semicolons": b"filename;label\n1.png;x;y\n",
    "an empty filename": b"filename,label\n,x\n",
    "an absolute filename": b"filename\n/etc/passwd\n",
    "a filename outside": b"filename\n../1.png\n",
    "a filename outside, by backslashes": b"filename\na\\..\\..\\1.png\n",
    "a zero byte": b"filename\na\0.png\n",
    "words for a scale": b"filename,pixels_per_micrometre\n1.png,ten\n",
    "thousands or three decimals": b'filename,pixels_per_micrometre\n1.png,"1,234"\n',
    "thousands or three decimals, beside points": b"filename;pixels_per_micrometre\n1.png;1,234\n2.png;10.3\n",
    "a point for thousands beside decimal commas": b"filename;pixels_per_micrometre\n1.png;1.234\n2.png;10,3\n",
    "thousands and decimals": b"filename;pixels_per_micrometre\n1.png;1.234,5\n",
    "a number of a programming language": b"filename,pixels_per_micrometre\n1.png,1_0\n",
    "a scale of zero": b"filename,pixels_per_micrometre\n1.png,0\n",
    "a negative scale": b"filename,pixels_per_micrometre\n1.png,-1\n",
    "no number": b"filename,pixels_per_micrometre\n1.png,nan\n",
    "an infinite scale": b"filename,pixels_per_micrometre\n1.png,inf\n",
    "a scale out of bounds": b"filename,pixels_per_micrometre\n1.png,1e7\n",
}


def site_rows(path: Path) -> list[Row]:
    rows = read_manifest(path).rows
    return [(row.filename, row.label, row.pixels_per_micrometre, row.specimen, row.split) for row in rows]


def classifier_rows(path: Path) -> list[Row]:
    entries = read_entries(path)
    return [(one.filename, one.label or "", one.pixels_per_micrometre, one.specimen, one.split) for one in entries]


def written(folder: Path, content: bytes) -> Path:
    path = folder / "micrographs.csv"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("name", GOOD)
def test_both_readers_give_the_rows_of_a_sound_manifest(tmp_path: Path, name: str) -> None:
    content, rows = GOOD[name]
    path = written(tmp_path, content)
    assert site_rows(path) == rows
    assert classifier_rows(path) == rows
    assert [row.filename for row in parse_manifest(io.BytesIO(content), path.name).rows] == [row[0] for row in rows]


@pytest.mark.parametrize("name", BAD)
def test_both_readers_refuse_an_unsound_manifest_in_a_sentence(tmp_path: Path, name: str) -> None:
    path = written(tmp_path, BAD[name])
    with pytest.raises(MicroDBError) as of_site:
        site_rows(path)
    with pytest.raises(ClassifierError) as of_classifier:
        classifier_rows(path)
    for sentence in (of_site.value.message, str(of_classifier.value)):
        assert sentence.endswith(".")


def parsed(text: str, encoding: str = "utf-8") -> Manifest:
    return parse_manifest(io.BytesIO(text.encode(encoding)), "micrographs.csv")


def test_a_wrong_scale_refuses_its_own_row_and_no_other() -> None:
    rows = parsed("filename,pixels_per_micrometre\n1.png,ten\n2.png,10").rows
    with pytest.raises(MicroDBError, match="line 2"):
        _ = rows[0].pixels_per_micrometre
    assert rows[1].pixels_per_micrometre == 10


def test_a_manifest_tells_how_it_was_understood() -> None:
    manifest = parsed("filename;pixels_per_micrometre\n1.png;10,3", "utf-16")
    assert (manifest.separator, manifest.is_utf16, manifest.decimal_comma) == (";", True, True)
    plain = parsed("filename,pixels_per_micrometre\n1.png,10.3")
    assert (plain.separator, plain.is_utf16, plain.decimal_comma) == (",", False, False)


@pytest.mark.parametrize("encoding", ["cp1252", "cp850", "mac-roman", "shift-jis"])
def test_letters_in_an_old_encoding_are_refused_with_what_to_do(encoding: str) -> None:
    text = "filename,label\n1.png,ソ\n" if encoding == "shift-jis" else "filename,label\n1.png,Gefüge\n"
    with pytest.raises(MicroDBError, match="Save it as “CSV UTF-8”"):
        parsed(text, encoding)


def test_a_hundred_thousand_rows_are_read_and_too_many_are_refused() -> None:
    lines = [f"folder/{number:06}.png,ferrite" for number in range(MOST_ROWS + 1)]
    assert len(parsed("\n".join(["filename,label", *lines[:100_000]])).rows) == 100_000
    with pytest.raises(MicroDBError, match="more than 200,000 rows"):
        parsed("\n".join(["filename,label", *lines]))


def test_a_file_of_no_lines_is_not_read_whole() -> None:
    with pytest.raises(MicroDBError, match="larger than 64 MiB"):
        parse_manifest(io.BytesIO(b"\0" * (2**26 + 1)), "micrographs.csv")


@pytest.mark.parametrize(
    ("paths", "chosen"),
    [
        (["a.png", "Micrographs.CSV", "notes.csv"], "Micrographs.CSV"),
        (["x/a.png", "x/labels.csv"], "x/labels.csv"),
        (["a.png", "one.csv", "two.csv"], None),
        (["a.png", "labels.csv", "Specimens.csv"], "labels.csv"),
        (["a.png", "specimens.csv"], None),
        (["all/micrographs.csv", "all/old/micrographs.csv"], "all/micrographs.csv"),
        (["a.png"], None),
    ],
)
def test_the_manifest_is_the_file_of_its_name_nearest_the_top_or_the_only_table(
    paths: list[str], chosen: str | None
) -> None:
    assert choose_manifest(paths) == chosen


CHOICES: dict[str, tuple[dict[str, bytes], str | None]] = {
    "the name in another case": ({"Micrographs.CSV": b"filename\n1.png\n", "notes.csv": b"filename\n2.png\n"}, "1.png"),
    "the only table": ({"labels.csv": b"Filename;label\n1.png;x\n"}, "1.png"),
    "the only table, in a folder": ({"x/labels.csv": b"filename\n1.png\n"}, "1.png"),
    "the nearest to the top": (
        {"all/micrographs.csv": b"filename\n1.png\n", "all/old/micrographs.csv": b"filename\n2.png\n"},
        "1.png",
    ),
    "a table in a hidden folder": (
        {"labels.csv": b"filename\n1.png\n", ".old/micrographs.csv": b"filename\n2.png\n"},
        "1.png",
    ),
    "two tables of other names": ({"one.csv": b"filename\n1.png\n", "two.csv": b"filename\n2.png\n"}, None),
    "the only table names no files": ({"spectrum.csv": b"energy,counts\n1,2\n"}, None),
}


def folder_of(tmp_path: Path, tables: dict[str, bytes]) -> Path:
    """A folder with these tables and one picture, which is read where none of them is the manifest."""
    for name, content in {"folder.png": drawn(), **tables}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    return tmp_path


def drawn() -> bytes:
    file = io.BytesIO()
    Image.new("L", (8, 8)).save(file, "PNG")
    return file.getvalue()


@pytest.mark.parametrize("name", CHOICES)
def test_both_choose_the_same_manifest_of_a_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    tables, first = CHOICES[name]
    folder = folder_of(tmp_path, tables)
    of_site, of_classifier = read_source(folder), read_entries(folder)
    assert [row.entry.filename for row in of_site.rows] == [first or "folder.png"]
    assert [entry.filename for entry in of_classifier] == [first or "folder.png"]
    if first is None:
        assert any("These CSV files were not read" in note for note in of_site.notes)
        assert f"These CSV files were not read: {', '.join(sorted(tables))}" in capsys.readouterr().err


def test_both_refuse_two_manifests_that_are_equally_near(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, {f"{day}/micrographs.csv": b"filename\n1.png\n" for day in ("mon", "tue")})
    with pytest.raises(MicroDBError, match="2 manifests"):
        read_source(folder)
    with pytest.raises(ClassifierError, match=r"2 manifests: mon/micrographs\.csv, tue/micrographs\.csv"):
        read_entries(folder)


def test_both_find_the_file_of_a_row_in_another_normal_form_and_case(tmp_path: Path) -> None:
    text = "filename\nGefu\u0308ge/EINS.PNG\ngone.png\n"
    folder = folder_of(tmp_path, {"micrographs.csv": text.encode(), "Gef\u00fcge/eins.png": drawn()})
    expected = [folder / "Gef\u00fcge/eins.png", folder / "gone.png"]
    assert [row.path for row in read_source(folder).rows] == expected
    assert [entry.path for entry in read_entries(folder)] == expected


LABELS = {
    "Gef\u00fcge": ["Gefu\u0308ge", "GEF\u00dcGE", "Gef\u200b\u00fcge", " Gef\u00fcge "],
    "none-of-these": ["None of these", "NONE_OF_THESE"],
    "white  iron": ["White Iron"],
}


def test_both_take_labels_that_look_the_same_for_one(tmp_path: Path) -> None:
    spellings = [(first, [first, *others]) for first, others in LABELS.items()]
    lines = [f"{number}.png,{label}" for number, label in enumerate(label for _, all_ in spellings for label in all_)]
    path = written(tmp_path, "\n".join(["filename,label", *lines, "last.png,Unsure"]).encode())
    known = KnownLabels([])
    of_site = []
    for row in read_manifest(path).rows:
        label = canonical_label(row.label)
        if known.find(label) is None:
            known.add(label)
        of_site.append(known.find(label))
    wanted = [" ".join(first.split()) for first, all_ in spellings for _ in all_]
    assert of_site == [*wanted, "unsure"]
    assert [entry.label for entry in read_entries(path)] == [*wanted, None]


def test_the_command_says_how_a_manifest_was_understood(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "scales.csv"
    path.write_bytes("filename;pixels_per_micrometre\n1.png;10,3\n".encode("utf-16"))
    assert read_entries(path)[0].pixels_per_micrometre == 10.3
    assert "scales.csv was read as semicolon-separated, decimal comma, UTF-16." in capsys.readouterr().err
    path.write_bytes(b"filename,pixels_per_micrometre\n1.png,10.3\n")
    read_entries(path)
    assert capsys.readouterr().err == ""


def test_two_manifests_side_by_side_are_refused() -> None:
    with pytest.raises(MicroDBError, match=r"2 manifests: mon/micrographs\.csv, tue/micrographs\.csv"):
        choose_manifest(["mon/micrographs.csv", "tue/micrographs.csv"])


def test_reading_a_manifest_needs_no_django() -> None:
    import subprocess
    import sys

    script = "import sys, microdb.manifest; assert not {'django', 'numpy', 'PIL', 'celery'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", script], check=True, cwd=Path(__file__).resolve().parent.parent)
