"""The container files, as far as they can be checked without an engine: no image is built here."""

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
DOCKER = ROOT / "docker"
COMPOSE: dict[str, Any] = yaml.safe_load((DOCKER / "compose.yaml").read_text())
SITE_VARIABLES = {"DATABASE_URL": "d", "REDIS_URL": "r", "SECRET_KEY": "s", "ALLOWED_HOSTS": "a"}


def entrypoint(*arguments: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    # The folder of the image does not exist here.
    text = (DOCKER / "entrypoint.sh").read_text().replace("cd /srv/microdb", "")
    path = {"PATH": os.environ["PATH"]}
    return subprocess.run(
        ["sh", "-c", text, "microdb", *arguments], env=path | environment, capture_output=True, text=True
    )


def test_every_queue_has_a_worker() -> None:
    commands = [service.get("command", []) for service in COMPOSE["services"].values()]
    served = [queue for command in commands if command[:1] == ["worker"] for queue in command[2].split(",")]
    assert sorted(served) == ["batch", "ingest", "lettering", "score", "sweep", "train"]


def test_no_secret_has_a_default() -> None:
    text = "".join(path.read_text() for path in DOCKER.iterdir())
    for name in ("SECRET_KEY", "POSTGRES_PASSWORD", "REDIS_PASSWORD", "ALLOWED_HOSTS"):
        uses = re.findall(r"\$\{" + name + r"([^}]*)\}", text)
        assert uses
        assert all(use.startswith(":?") for use in uses), f"{name} must stop compose where it is not set"


def test_the_gpu_file_only_adds_to_services_that_exist() -> None:
    added = yaml.safe_load((DOCKER / "compose.gpu.yaml").read_text())["services"]
    assert set(added) < set(COMPOSE["services"])


def test_what_the_images_copy_exists() -> None:
    for name in ("Dockerfile", "Dockerfile.worker"):
        copied = re.findall(r"^COPY (.+) \S+$", (DOCKER / name).read_text(), re.MULTILINE)
        assert all((ROOT / source).exists() for line in copied for source in line.split())


def test_the_images_install_from_their_locks_with_checked_hashes() -> None:
    for name, process in (("Dockerfile", "web"), ("Dockerfile.worker", "worker")):
        installs = re.findall(r"pip install (.+?)(?: && pip check)?$", (DOCKER / name).read_text(), re.MULTILINE)
        assert installs[0] == f"--require-hashes --no-deps -r requirements-{process}.txt"
        assert all(line.endswith("-r requirements-torch.txt") for line in installs[1:])
        assert len(installs) == (1 if process == "web" else 2)


def test_docker_sends_what_the_images_copy() -> None:
    for name in ("Dockerfile", "Dockerfile.worker"):
        sent = re.findall(r"^!(.+)$", (DOCKER / f"{name}.dockerignore").read_text(), re.MULTILINE)
        copied = re.findall(r"^COPY (.+) \S+$", (DOCKER / name).read_text(), re.MULTILINE)
        assert {source.split("/")[0] for line in copied for source in line.split()} == set(sent)


@pytest.mark.parametrize("missing", sorted(SITE_VARIABLES))
def test_a_container_without_its_settings_refuses_in_one_sentence(missing: str) -> None:
    given = {name: value for name, value in SITE_VARIABLES.items() if name != missing}
    refused = entrypoint("echo", "started", environment=given)
    assert refused.returncode == 2
    assert refused.stderr == f"Set {missing}: a container of MicroDB has no default for it.\n"


def test_a_container_runs_any_other_command_as_given() -> None:
    assert entrypoint("echo", "a  b", environment=SITE_VARIABLES).stdout == "a  b\n"
