"""Each import rule fails `lint-imports` when it is broken: forbidden imports are planted in a copy of the tree."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
CONTRACTS = [
    contract["name"]
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
]
PLANTED = [
    ("1: rooms import only downwards", "microdb.health", "microdb.quizzes.models"),
    ("1: rooms import only downwards", "microdb.micrographs.services.adding", "microdb.scoring.models"),
    ("1: rooms import only downwards", "microdb.accounts.models", "microdb.micrographs.models"),
    ("1: rooms import only downwards", "microdb.jobs", "microdb.accounts.models"),
    ("1: rooms import only downwards", "microdb.training.models", "microdb.stack.demo"),
    ("1: rooms import only downwards", "microdb.statistics.intervals", "microdb.palette"),
    ("1: rooms import only downwards", "microdb.audit_log.models", "microdb.accounts.models"),
    ("2: shelves of audit_log", "microdb.audit_log.recording", "microdb.audit_log.pages"),
    ("2: shelves of accounts", "microdb.accounts.services", "microdb.accounts.views"),
    ("2: shelves of micrographs", "microdb.micrographs.validation", "microdb.micrographs.views"),
    ("2: shelves of micrographs", "microdb.micrographs.services.adding", "microdb.micrographs.tasks"),
    ("2: shelves of micrographs", "microdb.micrographs.models.datasets", "microdb.micrographs.gallery"),
    ("2: shelves of micrographs", "microdb.micrographs.gallery", "microdb.micrographs.services"),
    ("2: shelves of training", "microdb.training.services", "microdb.training.bridge"),
    ("2: shelves of training", "microdb.training.preflight", "microdb.training.services"),
    ("2: shelves of scoring", "microdb.scoring.views.scores", "microdb.scoring.api"),
    ("2: shelves of similar", "microdb.similar.ranking.exact", "microdb.similar.search"),
    ("2: shelves of quizzes", "microdb.quizzes.reports", "microdb.quizzes.exhibits"),
    ("1: rooms import only downwards", "microdb.scoring.views.scores", "microdb.activity.listing"),
    ("1: rooms import only downwards", "microdb.activity.listing", "microdb.quizzes.models"),
    ("2: shelves of front", "microdb.front.sample", "microdb.front.tasks"),
    ("2: shelves of activity", "microdb.activity.listing", "microdb.activity.views"),
    ("2: shelves of activity", "microdb.activity.work", "microdb.activity.tallies"),
    ("1: rooms import only downwards", "microdb.quizzes.models.quiz", "microdb.overview.facts"),
    ("2: shelves of overview", "microdb.overview.facts", "microdb.overview.steps"),
    ("2: shelves of upkeep", "microdb.upkeep.stored_files", "microdb.upkeep.checking"),
    ("2: shelves of backups", "microdb.backups.archive", "microdb.backups.making"),
    ("2: shelves of monitoring", "microdb.monitoring.metrics.requests", "microdb.monitoring.requests"),
    ("2: shelves of webhooks", "microdb.webhooks.services", "microdb.webhooks.views"),
    ("2: the client", "microdb.client.connection", "microdb.client.uploads"),
    ("2: the client needs neither Django nor the classifier", "microdb.client.connection", "django.conf"),
    ("2: the stack", "microdb.stack.process.service", "microdb.stack.addresses"),
    (
        "2: child processes and servers know neither Django nor the site",
        "microdb.stack.process.supervisor",
        "django.conf",
    ),
    ("2: the statistics", "microdb.statistics.binomial", "microdb.statistics.panels"),
    ("2: the ground floor knows no Django", "microdb.statistics.intervals", "django.conf"),
    ("3: the classifier knows nothing of the site", "classifier.samples", "microdb.errors"),
    ("3: the classifier knows nothing of the site", "classifier.samples", "django.conf"),
    ("3: rooms of the classifier", "classifier.crops.cut", "classifier.estimator"),
    ("3: rooms of the classifier", "classifier.paper.fit", "classifier.pretrained"),
    (
        "4: only the bridge imports the classifier, and only its face",
        "microdb.training.reports",
        "classifier",
    ),
    (
        "4: only the bridge imports the classifier, and only its face",
        "microdb.training.bridge.scoring",
        "classifier.estimator",
    ),
    ("4: the site imports no numerical framework", "microdb.training.bridge.scoring", "torch"),
    (
        "4: only background work and commands import the bridge",
        "microdb.scoring.views.scores",
        "microdb.training.bridge.scoring",
    ),
    ("5: services import no tasks", "microdb.scoring.services", "microdb.micrographs.tasks"),
]
NEW_MODULES = [
    ("1: rooms import only downwards", "microdb/conveniences.py"),
    ("2: shelves of audit_log", "microdb/audit_log/conveniences.py"),
    ("2: shelves of accounts", "microdb/accounts/conveniences.py"),
    ("2: shelves of micrographs", "microdb/micrographs/conveniences.py"),
    ("2: shelves of training", "microdb/training/conveniences.py"),
    ("2: shelves of scoring", "microdb/scoring/conveniences.py"),
    ("2: shelves of similar", "microdb/similar/conveniences.py"),
    ("2: shelves of quizzes", "microdb/quizzes/conveniences.py"),
    ("2: shelves of front", "microdb/front/conveniences.py"),
    ("2: shelves of activity", "microdb/activity/conveniences.py"),
    ("2: shelves of overview", "microdb/overview/conveniences.py"),
    ("2: shelves of upkeep", "microdb/upkeep/conveniences.py"),
    ("2: shelves of backups", "microdb/backups/conveniences.py"),
    ("2: shelves of monitoring", "microdb/monitoring/conveniences.py"),
    ("2: shelves of webhooks", "microdb/webhooks/conveniences.py"),
    ("2: the client", "microdb/client/conveniences.py"),
    ("2: the stack", "microdb/stack/conveniences.py"),
    ("2: the statistics", "microdb/statistics/conveniences.py"),
    ("3: rooms of the classifier", "classifier/conveniences.py"),
]


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of both packages and of the contracts."""
    tree = tmp_path_factory.mktemp("tree")
    for package in ("microdb", "classifier"):
        shutil.copytree(ROOT / package, tree / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tree)
    return tree


def broken_contracts(tree: Path) -> tuple[set[str], str]:
    """The names of the contracts that the tree breaks, and the whole output."""
    command = [str(Path(sys.executable).parent / "lint-imports"), "--cache-dir", str(tree / "cache")]
    done = subprocess.run(command, cwd=tree, capture_output=True, text=True)
    broken = {name for name in CONTRACTS if re.search(rf"^{re.escape(name)} BROKEN", done.stdout, re.MULTILINE)}
    assert done.returncode == bool(broken), done.stdout + done.stderr
    return broken, done.stdout


def test_the_tree_keeps_every_rule(tree: Path) -> None:
    assert broken_contracts(tree)[0] == set()


@pytest.mark.parametrize(("contract", "importer", "imported"), PLANTED)
def test_a_forbidden_import_breaks_its_rule(tree: Path, contract: str, importer: str, imported: str) -> None:
    package = tree / importer.replace(".", "/")
    path = package / "__init__.py" if package.is_dir() else package.with_suffix(".py")
    before = path.read_text()
    path.write_text(f"{before}\nimport {imported}\n")
    try:
        broken, output = broken_contracts(tree)
    finally:
        path.write_text(before)
    assert contract in broken
    assert importer in output.split("Broken contracts")[1]


@pytest.mark.parametrize(("contract", "path"), NEW_MODULES)
def test_a_new_module_must_be_given_a_layer(tree: Path, contract: str, path: str) -> None:
    (tree / path).write_text("")
    try:
        broken, output = broken_contracts(tree)
    finally:
        (tree / path).unlink()
    assert broken == {contract}
    assert "conveniences" in output


def test_every_rule_is_broken_once() -> None:
    assert {contract for contract, _, _ in PLANTED} == set(CONTRACTS)
