"""A backup of a filled site is restored into an empty stack, which then answers alike."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.cache import cache
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection

from microdb.backups import making
from microdb.backups.archive import Archive, Backup
from microdb.backups.making import LAST_BACKUP, make_backup
from microdb.backups.restoring import verify
from microdb.errors import MicroDBError
from microdb.jobs import Job
from microdb.micrographs.models import Micrograph
from microdb.quizzes.models import Ballot, Quiz
from microdb.scoring.models import Score
from microdb.stack.servers.running import running_servers
from microdb.training.models import ModelVersion
from microdb.upkeep.checking import check_files
from tests.workers import database_url

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "backups"


def back_up(folder: Path) -> Backup:
    archive = Archive(folder)
    with archive.writing():
        return make_backup(archive, report=print)


def environment(**given: str) -> dict[str, str]:
    return {**os.environ, "OMP_NUM_THREADS": "1", **given}


def manage(*arguments: object, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "manage.py", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=120, check=False)


def addresses() -> list[str]:
    """Pages and API of everything that the site holds."""
    dataset, quiz, version = "/datasets/steels", Quiz.objects.get(), ModelVersion.objects.get()
    found = ["/datasets/", f"{dataset}/", f"{dataset}/health/", f"{dataset}/training/{version.number}/"]
    found += [f"/quizzes/{quiz.slug}/", f"/quizzes/{quiz.slug}/results/", f"/quizzes/{quiz.slug}/record.json"]
    found += [f"/quizzes/{quiz.slug}/readers/", f"/quiz/{quiz.slug}/{Ballot.objects.get().key}/"]
    found += [f"{dataset}/micrographs/{one.pk}/" for one in Micrograph.objects.exclude(master="")]
    api = ["datasets/", "datasets/steels/", "datasets/steels/classes/", "datasets/steels/model-versions/", "quizzes/"]
    api += ["datasets/steels/micrographs/", f"quizzes/{quiz.slug}/results/"]
    api += [f"micrographs/{one.pk}/{what}/" for one in Micrograph.objects.exclude(master="") for what in ("master", "thumbnail")]
    for score in Score.objects.filter(state=Job.State.DONE):
        api += [f"scores/{score.pk}/", f"scores/{score.pk}/saliency/"]
    return found + [f"/api/v1/{path}" for path in api]


def answers(asked: list[str], token: str, env: dict[str, str]) -> dict[str, list[object]]:
    command = [sys.executable, "-m", "tests.backups.answers", token]
    done = subprocess.run(
        command, cwd=ROOT, env=env, input=json.dumps(asked), capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_an_empty_stack_answers_alike_after_a_restoration(site: Path, token: str, folder: Path, tmp_path: Path):
    asked, here = addresses(), environment(DATABASE_URL=database_url(), VAR=str(site))
    before = answers(asked, token, here)
    assert {status for status, _body in before.values()} == {200}
    done = manage("backup", folder, env=here)
    assert done.returncode == 0, done.stderr

    new = environment(VAR=str(tmp_path / "restored"))
    for name in ("DATABASE_URL", "REDIS_URL"):
        del new[name]
    done = manage("restore", folder, env=new)
    assert done.returncode == 0, done.stderr
    assert "Restored" in done.stdout
    with running_servers(tmp_path / "restored"):
        after = answers(asked, token, new)
        checked = manage("check_files", env=new)
        again = manage("restore", folder, env=new)
    assert after == before
    assert checked.returncode == 0, checked.stderr
    assert "0 missing, 0 altered, 0 orphan" in checked.stdout
    assert again.returncode == 1
    assert "The site is not empty: it has 1 users, 1 datasets" in again.stderr
