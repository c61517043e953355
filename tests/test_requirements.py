"""What each process installs: the input lists, the locks made from them, and what the code imports."""

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
DOCKER = ROOT / "docker"
LOCKS = {
    "web": (DOCKER / "requirements-web.txt", [DOCKER / "requirements-web.in", DOCKER / "requirements-s3.in"]),
    "worker": (DOCKER / "requirements-worker.txt", [DOCKER / "requirements-worker.in", DOCKER / "requirements-s3.in"]),
    "dev": (ROOT / "requirements-dev.txt", [ROOT / "tests" / "requirements.in"]),
}
COMPUTES = re.compile(r"rapidocr|opencv|torch|triton|nvidia|cuda|openvino|scikit|scipy|efficientnet|safetensors|sympy")
FILES = [*ROOT.glob("requirements*"), *DOCKER.glob("requirements*"), ROOT / "tests" / "requirements.in"]


def listed(path: Path) -> Iterator[Requirement]:
    """The requirements of an input list and of the lists that it includes."""
    for line in path.read_text().splitlines():
        line = line.split("#")[0].strip()
        if line.startswith("-r "):
            yield from listed(path.parent / line.removeprefix("-r "))
        elif line:
            yield Requirement(line)


def wanted(process: str) -> list[Requirement]:
    return [requirement for path in LOCKS[process][1] for requirement in listed(path)]


def locked(process: str) -> dict[str, Requirement]:
    """The pinned packages of a lock, by name."""
    pins = re.findall(r"^([a-z0-9][^\\\n]*) \\$", LOCKS[process][0].read_text(), re.MULTILINE)
    return {canonicalize_name(Requirement(pin).name): Requirement(pin) for pin in pins}


def version(pin: Requirement) -> str:
    return str(pin.specifier).removeprefix("==")


def closure(requirements: Iterable[Requirement]) -> set[str]:
    """The names of these packages and of all that they need here, by the metadata of what is installed."""
    seen: set[tuple[str, str]] = set()
    waiting = [(requirement, extra) for requirement in requirements for extra in ("", *requirement.extras)]
    while waiting:
        requirement, extra = waiting.pop()
        key = (canonicalize_name(requirement.name), extra)
        if key not in seen:
            seen.add(key)
            needs = map(Requirement, metadata.requires(requirement.name) or [])
            here = [need for need in needs if need.marker is None or need.marker.evaluate({"extra": extra})]
            waiting += [(need, inner) for need in here for inner in ("", *need.extras)]
    return {name for name, _ in seen}


def test_the_web_process_installs_nothing_that_computes():
    assert not list(filter(COMPUTES.search, locked("web")))
    assert not list(filter(COMPUTES.search, closure(wanted("web"))))
    assert {"torch", "openvino", "scikit-learn"} <= closure(wanted("worker")), "the test finds them where they are"


@pytest.mark.parametrize("process", LOCKS)
def test_a_lock_holds_all_that_its_list_needs_but_torch(process: str):
    pins = locked(process)
    here = {name for name, pin in pins.items() if pin.marker is None or pin.marker.evaluate()}
    # CUDA libraries of the torch installed here are no part of the lock: they belong to its build.
    needed = {name for name in closure(wanted(process)) if not re.match("torch|nvidia|cuda|triton", name)}
    assert needed == here, "run make lock"


@pytest.mark.parametrize("process", LOCKS)
def test_a_locked_version_is_one_that_the_list_allows(process: str):
    pins = locked(process)
    wrong = [
        f"{requirement} is locked at {version(pins[canonicalize_name(requirement.name)])}"
        for requirement in wanted(process)
        if requirement.name != "torch"
        if not requirement.specifier.contains(version(pins[canonicalize_name(requirement.name)]))
    ]
    assert wrong == [], "run make lock"


def test_all_locks_agree():
    versions = {process: {name: version(pin) for name, pin in locked(process).items()} for process in LOCKS}
    assert versions["web"].items() <= versions["worker"].items() <= versions["dev"].items()


@pytest.mark.parametrize("process", LOCKS)
def test_every_locked_package_has_hashes(process: str):
    entries = re.split(r"^(?=[a-z0-9])", LOCKS[process][0].read_text(), flags=re.MULTILINE)[1:]
    assert len(entries) == len(locked(process))
    assert all(re.search(r"--hash=sha256:[0-9a-f]{64}", entry) for entry in entries)


def test_torch_has_one_version():
    pins = {pin for path in FILES for pin in re.findall(r"^torch\b.*", path.read_text(), re.MULTILINE)}
    assert pins == {"torch==2.13.0"}
    known = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["uv"]["dependency-metadata"]
    assert [(package["name"], package["version"]) for package in known] == [("torch", "2.13.0")]
    assert metadata.version("torch").split("+")[0] == "2.13.0"


def test_no_list_names_an_index():
    assert not [path for path in FILES if re.search(r"://|--(extra-)?index|--find-links", path.read_text())]


WITH_THE_WEB_LOCK_ALONE = """
import importlib, pkgutil, sys

class NotInstalled:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in missing:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

missing = set(sys.argv[1:])
sys.meta_path.insert(0, NotInstalled())
import microdb.wsgi
for found in pkgutil.walk_packages(microdb.__path__, "microdb."):
    elsewhere = found.name.startswith(("microdb.training.bridge.", "microdb.client."))  # in workers, on other machines
    if not elsewhere or found.name == "microdb.training.bridge.settings":
        importlib.import_module(found.name)
"""


def test_every_module_of_the_web_process_can_be_imported_where_only_the_web_lock_is_installed():
    installed = locked("web")
    missing = {
        package
        for package, distributions in metadata.packages_distributions().items()
        if not any(canonicalize_name(name) in installed for name in distributions)
    }
    assert {"torch", "sklearn", "scipy", "openvino"} <= missing
    done = subprocess.run(
        [sys.executable, "-c", WITH_THE_WEB_LOCK_ALONE, *missing],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "microdb.settings"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-2000:]
