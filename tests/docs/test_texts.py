"""What README, CONTRIBUTING and the pages say exists does exist; the decisions are numbered and listed."""

import re
from pathlib import Path

import pytest

from tests.docs.texts import DOCS, PAGES, ROOT, TOP, code_spans, without_code_blocks

TOP_LEVEL = ("classifier", "microdb", "templates", "static", "docker", "tests", "docs", ".ci")
DECISIONS = sorted((DOCS / "decisions").glob("[0-9]*.md"))


@pytest.mark.parametrize("document", TOP, ids=lambda path: path.name)
def test_links_of_a_top_level_document_resolve(document: Path) -> None:
    text = without_code_blocks(document.read_text())
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"https?:", target):
            continue
        path, _, anchor = target.partition("#")
        file = ROOT / path if path else document
        assert file.exists(), f"{document.name} links to {target}"
        if anchor:
            assert anchor in anchors(file.read_text()), f"{document.name} links to {target}"


def anchors(text: str) -> set[str]:
    """The anchors of the headings, as the renderers make them."""
    headings = re.findall(r"^#+ (.+)$", without_code_blocks(text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", [*TOP, *PAGES], ids=lambda path: str(path.relative_to(ROOT)))
def test_paths_and_modules_that_a_document_names_exist(document: Path) -> None:
    for span in code_spans(document.read_text()):
        for path in re.findall(rf"(?<![\w./-])(?:{'|'.join(map(re.escape, TOP_LEVEL))})/[\w./-]*", span):
            if not re.search(r"NNN|\.\.\.", span) and "<" not in span:
                assert (ROOT / path).exists(), f"{document.name} names {path}"
        for name in re.findall(r"(?<![\w./-])(?:classifier|microdb|tests)(?:\.\w+)+", span):
            assert is_name(name), f"{document.name} names {name}"


def is_name(dotted: str) -> bool:
    """Whether it is a module of the project, or something that a module defines or takes in."""
    parts = dotted.split(".")
    for length in range(len(parts), 0, -1):
        base = ROOT.joinpath(*parts[:length])
        module = base / "__init__.py" if base.is_dir() else base.with_suffix(".py")
        if module.exists():
            return length == len(parts) or re.search(rf"\b{parts[length]}\b", module.read_text()) is not None
    return False


@pytest.mark.parametrize("package", ["classifier", "microdb"])
def test_the_map_of_the_readme_has_every_room(package: str) -> None:
    readme = (ROOT / "README.md").read_text()
    rooms = [path.parent.name for path in (ROOT / package).glob("*/__init__.py")]
    assert [room for room in sorted(rooms) if not re.search(rf"`{package}/{room}/`|[ `]{room}/", readme)] == []


def test_decisions_are_numbered_without_gaps() -> None:
    assert [int(path.name[:3]) for path in DECISIONS] == list(range(1, len(DECISIONS) + 1))


@pytest.mark.parametrize("decision", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_has_its_parts_and_is_in_the_index(decision: Path) -> None:
    text = decision.read_text()
    title = re.match(rf"# {decision.name[:3]}\. (.+)\n", text)
    assert title
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Context", "Decision", "Consequences"]
    index = (DOCS / "decisions" / "index.md").read_text()
    assert f"| [{decision.name[:3]}]({decision.name}) | {title.group(1)} |" in index
