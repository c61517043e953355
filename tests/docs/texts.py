"""The documents under test: the pages of docs/ and the Markdown files at the top level."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
TOP = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")]
PAGES = sorted(DOCS.rglob("*.md"))


def without_code_blocks(text: str) -> str:
    """The text without fenced code blocks, indented ones included."""
    return re.sub(r"^ *```.*?^ *```$", "", text, flags=re.MULTILINE | re.DOTALL)


def code_spans(text: str) -> list[str]:
    """The contents of all inline code."""
    return re.findall(r"`([^`\n]+)`", without_code_blocks(text))


def section(text: str, heading: str) -> str:
    """From a heading to the next of the same level or a higher one; empty where there is none."""
    level = heading.split()[0]
    found = re.search(rf"^{re.escape(heading)}$(.*?)(?=^#{{1,{len(level)}}} |\Z)", text, re.MULTILINE | re.DOTALL)
    return found.group(1) if found else ""
