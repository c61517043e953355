"""Names of files and of a zip's entries."""

import io
import tempfile
import unicodedata
import zipfile
from functools import cache
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from microdb.errors import MicroDBError
from microdb.file_names import NameIndex, name_key
from microdb.labels import canonical_label, label_key, visible_line
from microdb.micrographs.import_export.archive import unpacked
from microdb.micrographs.import_export.folder_labels import FolderLabels
from microdb.micrographs.import_export.zip_names import entry_names
from microdb.micrographs.validation.text import FILENAME_LENGTH, clean_filename
from tests.fuzz.bounds import answer
from tests.fuzz.mutations import mutated_bytes
from tests.hostile.names import NAMES

NAME = st.one_of(st.sampled_from(NAMES), st.text(max_size=300), st.text(alphabet="./\\:a\0 ", max_size=40))


@given(NAME)
def test_any_name_becomes_one_that_can_be_shown_and_stored(name: str) -> None:
    shown = answer(clean_filename, name)
    assert 0 < len(shown) <= FILENAME_LENGTH
    assert not {unicodedata.category(char) for char in shown} & {"Cc", "Cf", "Cs"}
    assert ".." not in shown.split("/")
    assert not shown.startswith("/")
    assert clean_filename(shown) == shown


@given(st.lists(NAME, max_size=20))
def test_any_names_are_compared(names: list[str]) -> None:
    index = NameIndex(names)
    for name in names:
        assert index.find(name) == name
        name_key(name)
        visible_line(name)
        assert label_key(canonical_label(name)) == label_key(name)
    labels = FolderLabels(names)
    for name in names:
        assert isinstance(answer(labels.label, name), str)


@cache
def archives() -> list[bytes]:
    """Small zips: plain and packed, with names in two encodings, folders, a comment, and one for large files."""
    made = []
    for packing in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", packing) as archive:
            for name, content in (("ferrite/1.png", b"\x89PNG" * 30), ("prøve/ü.txt", b"[MAIN]\n" * 5)):
                entry = zipfile.ZipInfo(name)  # of a fixed date, so that a round can be repeated
                entry.compress_type = packing
                archive.writestr(entry, content)
            with archive.open(zipfile.ZipInfo("large.tif"), "w", force_zip64=True) as entry:
                entry.write(b"II*\0" * 9)
            archive.comment = b"a comment"
        made.append(file.getvalue())
    return made


@given(st.data())
def test_any_zip_is_unpacked_inside_its_folder_or_refused(data: st.DataObject) -> None:
    content = data.draw(mutated_bytes(archives()))

    def unpack(path: Path) -> None:
        with unpacked(path) as folder:
            for one in folder.rglob("*"):
                assert one.resolve().is_relative_to(folder.resolve())
                assert not one.is_symlink()

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.zip")
        path.write_bytes(content)
        answer(unpack, path, refusal=MicroDBError)
        assert [one.name for one in Path(folder).iterdir()] == ["a.zip"]


@given(st.lists(st.tuples(NAME, st.integers(0, 0xFFFF), st.binary(max_size=40)), max_size=6))
def test_any_entries_have_names(entries: list[tuple[str, int, bytes]]) -> None:
    infos = []
    for name, flags, extra in entries:
        info = zipfile.ZipInfo(name or "a")
        info.flag_bits, info.extra = flags, extra
        infos.append(info)
    assert len(answer(entry_names, infos)) == len(infos)
