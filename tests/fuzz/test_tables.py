"""Manifests and tables of specimens: the site's reader and the classifier's."""

import io
import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from classifier.command_line.csv_table import read_table
from classifier.command_line.manifest import read_entries
from classifier.errors import ClassifierError
from microdb.manifest import COLUMNS, Manifest, parse_manifest
from microdb.micrographs.import_export.specimens_csv import SpecimenTable, parse_specimens
from microdb.micrographs.models import Specimen
from microdb.micrographs.validation.specimens import checked_record
from microdb.scale_bounds import is_possible_scale
from tests.fuzz.bounds import answer
from tests.fuzz.mutations import ENCODINGS, encoded, mutated_text

MANIFESTS = [
    "filename,label,pixels_per_micrometre,specimen,modality,split\na/1.png,ferrite,12.5,S1,SEM,train\n",
    'filename;label;pixels_per_micrometre\r\n"a;1.png";"x ""y""";10,3\r\n2.png;;1.234,5\r\n',
    "filename\tlabel\n1.png\tmartensité\n\n2.png\t=1+1\n",
]
SPECIMENS = [
    "specimen,material,composition,heat_treatment,heat_number,notes,C,Mn wt%,Furnace\n"
    'S1,100Cr6,"Fe-1C-1.5Cr","970 °C, 90 min, quenched in water",4711,=1+1,0.9,0.5,B\n',
    "specimen;Temperature [°C];Time (h);Cooling;%C\nS1;970;1,5;WQ;0,9\nS2;;;;balance\n",
]


@given(mutated_text(MANIFESTS), ENCODINGS)
def test_any_manifest_is_read_or_refused(text: str, encoding: str) -> None:
    found: Manifest | None = answer(parse_manifest, io.BytesIO(encoded(text, encoding)), "micrographs.csv")
    for row in found.rows if found else []:
        scale = answer(lambda row=row: row.pixels_per_micrometre)
        assert scale is None or is_possible_scale(scale)
        assert row.filename
        assert ".." not in Path(row.filename).parts
        assert not row.filename.startswith("/")


@given(mutated_text(MANIFESTS), ENCODINGS)
def test_the_classifier_reads_a_manifest_as_the_site_does_or_refuses_it(text: str, encoding: str) -> None:
    content = encoded(text, encoding)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "micrographs.csv")
        path.write_bytes(content)
        answer(read_table, path, "filename", refusal=ClassifierError)
        entries = answer(read_entries, path, refusal=ClassifierError)
    site: Manifest | None = answer(parse_manifest, io.BytesIO(content), "micrographs.csv")
    if site is not None and entries is not None:
        assert [row.filename for row in site.rows] == [entry.filename for entry in entries]
        assert [row.split for row in site.rows] == [entry.split for entry in entries]
    if site is None:
        assert entries is None


@given(mutated_text(SPECIMENS), ENCODINGS)
def test_any_table_of_specimens_is_read_or_refused(text: str, encoding: str) -> None:
    found: SpecimenTable | None = answer(parse_specimens, io.BytesIO(encoded(text, encoding)), "specimens.csv")
    for row in found.rows if found else []:
        values = answer(row.values, Specimen(name=row.specimen))
        if values is not None:
            answer(checked_record, values)


@given(st.lists(st.sampled_from([*COLUMNS, "", "Filename", "fílename", "x" * 5000]), max_size=12))
def test_any_header_is_read_or_refused(columns: list[str]) -> None:
    content = ",".join(columns).encode() + b"\n" + b",".join([b"a.png"] * max(1, len(columns))) + b"\n"
    answer(parse_manifest, io.BytesIO(content), "micrographs.csv")
