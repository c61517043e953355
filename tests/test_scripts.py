"""The scripts' unit tests with node, where there is one, and the length of lines in static files and templates."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
NODE = shutil.which("node")
GENERATED = ROOT / "static" / "css" / "classes.css"


@pytest.mark.skipif(NODE is None, reason="node is not installed; nothing but this test and the lint needs it")
def test_the_scripts_unit_tests_pass():
    tests = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "tests" / "js").rglob("*.test.js"))
    ended = subprocess.run([str(NODE), "--test", *tests], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_no_line_of_a_template_script_or_style_sheet_is_longer_than_120():
    files = [
        path
        for folder in ("static", "templates", "tests/js")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in {".html", ".js", ".css"} and path != GENERATED
    ]
    long = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in files
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if len(line) > 120
    ]
    assert len(files) > 100
    assert not long
