"""The reference names every environment variable, classifier setting, command and option."""

import ast
import json
import re
import subprocess
import sys
from argparse import ArgumentParser, _SubParsersAction
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class
from django.core.management.base import BaseCommand

from classifier import Config
from microdb.accounts.models import ApiToken
from microdb.client.command_line import parser as client_parser
from microdb.manifest import COLUMNS
from microdb.micrographs.gallery.specimen_filter import SpecimenFilter
from microdb.micrographs.models import Specimen
from microdb.micrographs.validation import specimen_columns
from tests.docs.texts import DOCS, ROOT, section

SETTINGS, COMMANDS, API, MANIFEST, SPECIMENS = (
    (DOCS / "reference" / f"{name}.md").read_text() for name in ("settings", "commands", "api", "manifest", "specimens")
)
OWN_COMMANDS = sorted(name for name, app in get_commands().items() if str(app).startswith("microdb."))
VARIABLE = re.compile(r"[A-Z][A-Z0-9_]*")


def test_every_variable_that_the_code_reads_is_in_the_settings_page() -> None:
    read = {name for path in sources() for name in variables(path.read_text())}
    assert {"SECRET_KEY", "VAR", "JOB_TIME_LIMIT", "MICRODB_DEMO"} <= read
    assert sorted(name for name in read if f"`{name}`" not in SETTINGS) == []


def test_every_variable_of_the_containers_and_the_makefile_is_in_the_settings_page() -> None:
    compose, entrypoint, makefile = (
        (ROOT / name).read_text() for name in ("docker/compose.yaml", "docker/entrypoint.sh", "Makefile")
    )
    read = set(re.findall(r"\$\{([A-Z][A-Z0-9_]*)\b", compose + entrypoint))
    read |= set(re.findall(r"^  ([A-Z][A-Z0-9_]*):", compose, re.MULTILINE))
    read |= set(re.findall(r"^([A-Z]+) \?=", makefile, re.MULTILINE))
    assert "WEB_WORKERS" in read
    assert sorted(name for name in read if f"`{name}`" not in SETTINGS) == []


def sources() -> Iterator[Path]:
    """The Python files of the site and the classifier."""
    yield ROOT / "manage.py"
    for package in ("microdb", "classifier"):
        yield from (ROOT / package).rglob("*.py")


def variables(source: str) -> set[str]:
    """Names of environment variables that a module reads: from os.environ, or by its own functions that do.

    >>> sorted(variables('import os\\nos.environ["A"], os.environ.get("B"), "C" in os.environ'))
    ['A', 'B', 'C']
    """
    tree = ast.parse(source)
    readers = {each.name for each in ast.walk(tree) if isinstance(each, ast.FunctionDef) and reads_parameter(each)}
    found: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Subscript(value=value, slice=ast.Constant(value=str(name))) if is_environment(value):
                found.add(name)
            case ast.Call(func=ast.Attribute(value=value), args=[ast.Constant(value=str(name)), *_]):
                if is_environment(value) or (isinstance(value, ast.Name) and value.id == "os"):
                    found.add(name)
            case ast.Call(func=ast.Name(id=function), args=[ast.Constant(value=str(name)), *_]) if function in readers:
                found.add(name)
            case ast.Compare(left=ast.Constant(value=str(name)), comparators=[value]) if is_environment(value):
                found.add(name)
    return {name for name in found if VARIABLE.fullmatch(name)}


def is_environment(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "environ"


def reads_parameter(function: ast.FunctionDef) -> bool:
    """Whether a function looks its first parameter up in os.environ."""
    first = function.args.args[0].arg if function.args.args else None
    return any(
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and is_environment(node.func.value)
        and bool(node.args)
        and isinstance(node.args[0], ast.Name)
        and node.args[0].id == first
        for node in ast.walk(function)
    )


def test_a_variable_behind_a_function_of_the_module_is_found() -> None:
    source = (
        'import os\ndef number(name, default):\n    return int(os.environ.get(name, default))\nnumber("LIMIT", 3)\n'
    )
    assert variables(source) == {"LIMIT"}


@pytest.mark.parametrize("recipe", ["pretrained", "paper"])
def test_every_classifier_setting_is_listed_with_its_default(recipe: str) -> None:
    page = (DOCS / "reference" / "classifier-settings.md").read_text()
    column = {"pretrained": 0, "paper": 1}[recipe]
    for section_name, settings in Config.from_dict({"recipe": recipe}).to_dict().items():
        if not isinstance(settings, dict):
            assert f"| `{section_name}` |" in page
        elif section_name in ({"pretrained", "paper"} - {recipe}):
            continue
        else:
            for name, value in settings.items():
                row = re.search(rf"^\| `{section_name}\.{name}` \| (.+)$", page, re.MULTILINE)
                assert row, f"{section_name}.{name} is missing"
                defaults = row.group(1).split(" | ")
                assert defaults[0 if section_name == recipe else column] == f"`{json.dumps(value)}`", name


@pytest.mark.parametrize("name", OWN_COMMANDS)
def test_a_management_command_is_described_with_its_options(name: str) -> None:
    part = section(COMMANDS, f"### {name}")
    assert f"`python manage.py {name}" in part
    known = options(BaseCommand().create_parser("manage.py", "any"))
    command = load_command_class(get_commands()[name], name)
    assert described_options(part) == options(command.create_parser("manage.py", name)) - known


def described_options(text: str) -> set[str]:
    """The options that have a row of a table."""
    return set(re.findall(r"^\| `(--[a-z-]+)` \|", text, re.MULTILINE))


def options(parser: ArgumentParser) -> set[str]:
    return {name for action in parser._actions for name in action.option_strings if name.startswith("--")}


@pytest.mark.parametrize("name", ["train", "score", "evaluate", "bench"])
def test_a_command_of_the_classifier_is_described_with_its_options(name: str) -> None:
    command = [sys.executable, "-m", "classifier", name, "--help"]
    text = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60).stdout
    found = set(re.findall(r"^  (--[a-z-]+)", text, re.MULTILINE))
    assert "--seed" in found
    own = section(COMMANDS, f"### classifier {name}")
    shared = section(COMMANDS, "## classifier").split("### classifier train")[0]
    assert found - {"--help", "--config"} == described_options(own) | described_options(shared)
    assert ("--config" in found) == (f"`{name}`" in shared.split("`--config`")[0].rsplit("\n\n", 1)[-1])


def test_every_command_of_the_client_is_described_with_its_options() -> None:
    (commands,) = (action for action in client_parser()._actions if isinstance(action, _SubParsersAction))
    for name, parser in commands.choices.items():
        part = section(COMMANDS, f"### client {name}")
        assert f"`python -m microdb.client {name}" in part
        assert described_options(part) == options(parser) - {"--help"}, name


def test_every_target_of_the_makefile_is_described() -> None:
    targets = re.search(r"^\.PHONY: (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert targets
    names = [name for name in targets.group(1).split() if "-" not in name]  # lint-style and its like are parts of lint
    assert [name for name in names if f"| `make {name}` |" not in COMMANDS] == []


def test_every_scope_of_a_token_is_described() -> None:
    assert [scope for scope in ApiToken.Scope.values if f"| `{scope}` |" not in API] == []


def test_every_column_of_the_manifest_is_described() -> None:
    assert [column for column in COLUMNS if f"| `{column}` |" not in MANIFEST] == []


def test_every_column_and_every_filter_of_specimens_is_described() -> None:
    columns = (*specimen_columns.COLUMNS, *specimen_columns.STEP_COLUMNS)
    assert [column for column in columns if f"`{column}`" not in SPECIMENS] == []
    part = section(API, "## Specimens")
    assert [name for name in (*SpecimenFilter.NAMES, *Specimen.ENTERED, "steps") if f"`{name}`" not in part] == []
