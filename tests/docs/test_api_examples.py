"""The examples of the guide to the API run as they are written, against a site with a worker."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from microdb.accounts.models import User
from microdb.accounts.services import create_api_token
from microdb.micrographs.models import Dataset, Micrograph
from microdb.scoring.services import BatchInput, create_batch
from microdb.training.models import ModelVersion
from tests.docs.texts import DOCS
from tests.trained import add_drawn, drawn, drawn_png, tiny_classifier, trained  # noqa: F401 # fixtures
from tests.workers import celery_worker

GUIDE = (DOCS / "how-to" / "api-client.md").read_text()
STRICT_CURL = 'curl() { command curl -sS --fail-with-body "$@" && echo; }\nset -euo pipefail\n'


@pytest.fixture
def environment(live_server, trained: ModelVersion, owner: User, tmp_path: Path) -> dict[str, str]:  # noqa: F811
    """What the guide asks for: its variables, and two files."""
    Dataset.objects.update(slug="my-steels")
    for number, name in enumerate(("001.tif", "002.tif")):
        (tmp_path / name).write_bytes(drawn_png("ferrite", 90 + number))
    token = create_api_token(user=owner, scopes=["read", "upload", "train", "score"])[1]
    return {**os.environ, "MICRODB_URL": live_server.url, "MICRODB_TOKEN": token}


def block_after(heading: str, fence: str = "```") -> str:
    """The first code block of a section."""
    section = GUIDE.split(f"## {heading}\n", 1)[1]
    found = re.search(rf"^{fence}\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
    assert found, heading
    return found[1]


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl")
@pytest.mark.django_db(transaction=True)
def test_the_curl_examples_run(environment: dict[str, str], trained: ModelVersion, tmp_path: Path):  # noqa: F811
    batch = create_batch(model_version=trained, items=[BatchInput("a.png", Micrograph.objects.first())], by=None)
    simple = block_after("With curl").replace("/ID/", f"/{batch.pk}/")
    script = STRICT_CURL + simple + block_after("Large folders").replace("wait=20", "wait=1")
    done = subprocess.run(
        ["bash", "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert '"state":"running","total":2' in done.stdout
    assert "filename,pixels_per_micrometre,predicted" in done.stdout


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl")
@pytest.mark.django_db(transaction=True)
def test_the_examples_of_large_files_run(environment: dict[str, str], tmp_path: Path):
    given = "".join(block_after("With curl").splitlines(keepends=True)[:2])
    program = tmp_path / "send.py"
    program.write_text(block_after("Files over 50 MB", "```python"))
    for command in (["bash", "-c", STRICT_CURL + given + block_after("Files over 50 MB")], [sys.executable, program]):
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    sent = Micrograph.objects.filter(filename__in=["001.tif", "002.tif"]).order_by("filename")
    assert [(one.sha256, one.label) for one in sent] == [
        (hashlib.sha256((tmp_path / "001.tif").read_bytes()).hexdigest(), ""),
        (hashlib.sha256((tmp_path / "002.tif").read_bytes()).hexdigest(), "pearlite"),
    ]


@pytest.mark.django_db(transaction=True)
def test_the_python_example_scores_a_folder(environment: dict[str, str], tmp_path: Path):
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "a.png").write_bytes(drawn_png("ferrite", 95))
    (folder / "b.png").write_bytes(b"no image")
    (folder / "micrographs.csv").write_text("filename,pixels_per_micrometre\na.png,10\nb.png,10\n")
    program = tmp_path / "score_folder.py"
    program.write_text(block_after("With Python", "```python").replace("time.sleep(5)", "time.sleep(0.3)"))
    with celery_worker("ingest,score,batch,sweep", tmp_path / "worker.log"):
        command = [sys.executable, str(program), str(folder)]
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=240, check=False
        )
    assert done.returncode == 0, done.stderr[-2000:]
    first, second = done.stdout.splitlines()
    assert re.match(r"a\.png,(ferrite|pearlite|none-of-these),0\.\d+,", first), first
    assert second.startswith("b.png,,None,")
