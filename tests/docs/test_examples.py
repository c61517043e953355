"""The examples of the documentation are valid: Python compiles and imports, settings and manifests are accepted."""

import ast
import importlib
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest

from classifier import Config
from microdb.manifest import parse_manifest
from microdb.metallurgy import parse_heat_treatment, treatment_text
from microdb.micrographs.import_export.specimens_csv import parse_specimens
from microdb.micrographs.models import Specimen
from microdb.micrographs.scale.found import Extent, checked_size
from microdb.micrographs.validation.specimens import checked_record
from tests.docs.texts import DOCS, PAGES, TOP


def blocks(document: Path, language: str) -> list[str]:
    """The contents of the document's code blocks in a language, without their indentation."""
    found = re.findall(rf"^( *)```{language}\n(.*?)^ *```$", document.read_text(), re.MULTILINE | re.DOTALL)
    return [re.sub(rf"^{indent}", "", text, flags=re.MULTILINE) for indent, text in found]


PYTHON = [(page, text) for page in PAGES for text in blocks(page, "python")]


@pytest.mark.parametrize(("page", "text"), PYTHON, ids=[f"{page.stem}-{n}" for n, (page, _) in enumerate(PYTHON)])
def test_a_python_example_compiles_and_imports_what_the_project_has(page: Path, text: str) -> None:
    for node in ast.walk(ast.parse(text, page.name)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in ("classifier", "microdb"):
            module = importlib.import_module(node.module or "")
            assert [alias.name for alias in node.names if not hasattr(module, alias.name)] == []


def test_the_classifier_settings_of_examples_are_accepted() -> None:
    texts = blocks(DOCS / "reference" / "classifier-settings.md", "json")
    texts += re.findall(r"`(\{\"[a-z]+\": .+?\})`", "".join(page.read_text() for page in [*PAGES, *TOP]))
    texts += re.findall(r"echo '(\{.+\})'", (DOCS / "how-to" / "own-weights.md").read_text())
    settings = [one for one in map(json.loads, texts) if one.keys().isdisjoint({"start", "kept", "answer"})]
    assert len(settings) > 2
    for one in settings:
        Config.from_dict(one)


def test_the_manifest_of_the_example_is_read() -> None:
    (text,) = blocks(DOCS / "reference" / "manifest.md", "csv")
    assert [row.label for row in parse_manifest(io.BytesIO(text.encode()), "micrographs.csv").rows] == [
        "pearlite",
        "pearlite",
        "none-of-these",
    ]


@pytest.mark.parametrize("page", ["how-to", "reference"])
def test_the_specimens_of_the_examples_are_read(page: str) -> None:
    (text,) = blocks(DOCS / page / "specimens.md", "csv")
    table = parse_specimens(io.BytesIO(text.encode()), "specimens.csv")
    records = {row.specimen: checked_record(row.values(Specimen())) for row in table.rows}
    understood = [treatment_text(parse_heat_treatment(one.get("heat_treatment", ""))) for one in records.values()]
    assert "970 °C, 90 min, furnace-cooled" in understood


def test_the_vendor_format_of_the_guide_reads_a_scale() -> None:
    (text,) = blocks(DOCS / "how-to" / "vendor-format.md", "python")
    module: dict[str, Any] = {}
    exec(text, module)
    found = checked_size(module["pixel_size"]({50000: b"<PixelSize>25</PixelSize>"}, Extent(1024, 768)))
    assert found.pixels_per_micrometre == pytest.approx(40)
    assert found.note == "Acme PixelSize = 25 nm"
    assert module["pixel_size"]({270: "ImageJ=1.54"}, Extent(1024, 768)) is None
    assert module["acquisition"]({50000: b"kV=5"}).record == {"text": "kV=5"}
