"""The site's reader of manifests and the classifier's give the same rows and refuse the same tables."""

from pathlib import Path

import pytest

from classifier import ClassifierError
from classifier.command_line.manifest import read_entries
from microdb.errors import MicroDBError
from microdb.manifest import COLUMNS, decode_manifest, parse_manifest, read_manifest

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
    "the same file twice": (b"filename\n1.png\n1.png\n", [("1.png", "", None, "", "")] * 2),
}
BAD = {
    "nothing": b"",
    "a header alone": b"filename,label\n",
    "no filename column": b"file,label\n1.png,x\n",
    "an unknown column": b"filename,colour\n1.png,x\n",
    "a column without a name": b"filename,\n1.png,\n",
    "a column twice": b"filename,label,label\n1.png,x,y\n",
    "semicolons": b"filename;label\n1.png;x\n",
    "more cells than columns": b"filename,label\n1.png,x,y\n",
    "an open quote": b'filename,label\n"1.png,x\n',
    "text after a quote": b'filename,label\n"1".png,x\n',
    "Latin-1": "filename\nprøve.png\n".encode("latin-1"),
    "UTF-16": "filename\n1.png\n".encode("utf-16"),
    "an empty filename": b"filename,label\n,x\n",
    "an absolute filename": b"filename\n/etc/passwd\n",
    "a filename outside": b"filename\n../1.png\n",
    "a filename outside, by backslashes": b"filename\na\\..\\..\\1.png\n",
    "a zero byte": b"filename\na\0.png\n",
    "words for a scale": b"filename,pixels_per_micrometre\n1.png,ten\n",
    "a decimal comma": b'filename,pixels_per_micrometre\n1.png,"3,2"\n',
    "a scale of zero": b"filename,pixels_per_micrometre\n1.png,0\n",
    "a negative scale": b"filename,pixels_per_micrometre\n1.png,-1\n",
    "no number": b"filename,pixels_per_micrometre\n1.png,nan\n",
    "an infinite scale": b"filename,pixels_per_micrometre\n1.png,inf\n",
    "a scale out of bounds": b"filename,pixels_per_micrometre\n1.png,1e7\n",
}


def site_rows(path: Path) -> list[Row]:
    return [
        (row.filename, row.label, row.pixels_per_micrometre, row.specimen, row.split) for row in read_manifest(path)
    ]


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
    assert [row.filename for row in decode_manifest(content)] == [row[0] for row in rows]


@pytest.mark.parametrize("name", BAD)
def test_both_readers_refuse_an_unsound_manifest_in_a_sentence(tmp_path: Path, name: str) -> None:
    path = written(tmp_path, BAD[name])
    with pytest.raises(MicroDBError) as of_site:
        site_rows(path)
    with pytest.raises(ClassifierError) as of_classifier:
        classifier_rows(path)
    for sentence in (of_site.value.message, str(of_classifier.value)):
        assert sentence.endswith(".")


def test_a_wrong_scale_refuses_its_own_row_and_no_other() -> None:
    rows = parse_manifest(["filename,pixels_per_micrometre", "1.png,ten", "2.png,10"])
    with pytest.raises(MicroDBError, match="line 2"):
        _ = rows[0].pixels_per_micrometre
    assert rows[1].pixels_per_micrometre == 10


def test_reading_a_manifest_needs_no_django() -> None:
    import subprocess
    import sys

    script = "import sys, microdb.manifest; assert not {'django', 'numpy', 'PIL', 'celery'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", script], check=True, cwd=Path(__file__).resolve().parent.parent)
