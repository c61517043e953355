"""What `make lint`, the pre-commit hooks and CI run: the same parts, each once."""

import re
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent
MAKEFILE = (ROOT / "Makefile").read_text()
PARTS = set(re.findall(r"^lint: (.+)$", MAKEFILE, re.MULTILINE)[0].split())


def test_the_hooks_run_every_part_of_lint_and_need_no_other_repository() -> None:
    (repository,) = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    assert repository["repo"] == "local"
    assert {hook["entry"].removeprefix("make --silent ") for hook in repository["hooks"]} == PARTS


def test_every_part_of_lint_is_a_target() -> None:
    assert set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE)) > PARTS


def test_ci_lints_before_it_tests() -> None:
    assert (ROOT / ".ci" / "run").read_text().endswith("\nmake lint\nmake test\n")


def test_tests_fail_under_a_floor_of_coverage() -> None:
    assert "-m pytest --cov" in MAKEFILE
    assert re.search(r"^fail_under = [89]\d", (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
