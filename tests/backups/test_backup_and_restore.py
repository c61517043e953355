"""A backup of a filled site is restored into an empty stack, which then answers alike."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from microdb.jobs import Job
from microdb.micrographs.models import Micrograph
from microdb.quizzes.models import Ballot, Quiz
from microdb.scoring.models import Score
from microdb.stack.servers.running import running_servers
from microdb.training.models import ModelVersion
from tests.workers import database_url

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).resolve().parents[2]


SWEEP = """
from microdb.scoring.models import Score
from microdb.scoring.tasks import sweep
sweep()
print(sorted(Score.objects.exclude(state="done").values_list("state", flat=True)))
"""


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
    found += [f"/quizzes/{quiz.slug}/readers/", f"/quiz/{quiz.slug}/{Ballot.objects.get().key}/1/"]
    found += [f"{dataset}/micrographs/{one.pk}/" for one in Micrograph.objects.exclude(master="")]
    api = ["datasets/", "datasets/steels/", "datasets/steels/classes/", "datasets/steels/model-versions/", "quizzes/"]
    api += ["datasets/steels/micrographs/", f"quizzes/{quiz.slug}/results/"]
    for one in Micrograph.objects.exclude(master=""):
        api += [f"micrographs/{one.pk}/master/", f"micrographs/{one.pk}/thumbnail/"]
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


def test_an_empty_stack_answers_alike_after_a_restoration(site: Path, token: str, tmp_path: Path):
    folder = tmp_path / "backups"
    asked, here = addresses(), environment(DATABASE_URL=database_url(), VAR=str(site))
    before = answers(asked, token, here)
    assert {address: status for address, (status, _body) in before.items() if status != 200} == {}
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
        swept = manage("shell", "-v", "0", "-c", SWEEP, env=new)
        again = manage("restore", folder, env=new)
    assert after == before
    assert checked.returncode == 0, checked.stderr
    assert "0 missing, 0 altered, 0 orphan" in checked.stdout
    assert swept.stdout == "['queued', 'queued']\n", "what waited and what ran goes on, as after a crash"
    assert again.returncode == 1
    assert "The site is not empty: it has 1 users, 1 datasets" in again.stderr
