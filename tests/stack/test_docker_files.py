"""The container files, as far as they can be checked without an engine: no image is built here."""

import os
import re
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
DOCKER = ROOT / "docker"
COMPOSE: dict[str, Any] = yaml.safe_load((DOCKER / "compose.yaml").read_text())
DOCKERFILE = (DOCKER / "Dockerfile").read_text()
STAGES = {
    part.split(maxsplit=3)[3].split("\n", 1)[0]: part.split("\n", 1)[1]
    for part in re.split(r"^(?=FROM )", DOCKERFILE, flags=re.MULTILINE)[1:]
}
"""The instructions of each stage of the Dockerfile, by its name."""
COPIED = [
    source for line in re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE) for source in line.split()
]
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
    assert sorted(served) == ["batch", "ingest", "lettering", "score", "sweep", "train", "webhooks"]


def test_no_secret_has_a_default() -> None:
    text = "".join(path.read_text() for path in DOCKER.iterdir())
    for name in ("SECRET_KEY", "POSTGRES_PASSWORD", "REDIS_PASSWORD", "ALLOWED_HOSTS"):
        uses = re.findall(r"\$\{" + name + r"([^}]*)\}", text)
        assert uses
        assert all(use.startswith(":?") for use in uses), f"{name} must stop compose where it is not set"


def test_the_gpu_file_only_adds_to_services_that_exist() -> None:
    added = yaml.safe_load((DOCKER / "compose.gpu.yaml").read_text())["services"]
    assert set(added) < set(COMPOSE["services"])
    assert {service["build"]["target"] for service in added.values()} == {"cuda"}


def test_every_service_is_confined() -> None:
    for name, service in COMPOSE["services"].items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert {"memory", "pids"} <= service["deploy"]["resources"]["limits"].keys(), name
        assert any(folder.startswith("/tmp") for folder in service["tmpfs"]), name
        assert "privileged" not in service, name
        assert service.get("user") != "root", name


def test_every_service_that_keeps_running_has_a_health_check() -> None:
    services = COMPOSE["services"]
    assert [name for name in services if "healthcheck" not in services[name]] == ["migrate"]
    assert services["migrate"]["restart"] == "on-failure"


def test_only_the_proxy_is_reached_from_outside() -> None:
    assert [name for name, service in COMPOSE["services"].items() if "ports" in service] == ["nginx"]
    assert not any(service.get("network_mode") for service in COMPOSE["services"].values())


def test_every_image_has_a_version() -> None:
    images = {service["image"] for service in COMPOSE["services"].values() if "build" not in service}
    assert all(re.search(r":[a-z]*\d", image) for image in images)
    bases = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    assert {base for base in bases if base not in STAGES} == {"python:3.11-slim"}


def test_the_compose_files_build_stages_that_exist() -> None:
    targets = {service["build"]["target"] for service in COMPOSE["services"].values() if "build" in service}
    assert targets == {"web", "cpu"}
    assert targets | {"cuda"} <= set(STAGES)


def test_every_image_runs_as_a_user_without_rights() -> None:
    for stage in ("web", "cpu", "cuda"):
        assert re.findall(r"^USER (.+)$", STAGES[stage], re.MULTILINE) == ["10001"]


def test_what_the_images_copy_exists() -> None:
    assert COPIED
    assert all((ROOT / source).exists() for source in COPIED)


def test_the_images_install_from_their_locks_with_checked_hashes() -> None:
    installs = {
        stage: re.findall(r"pip install (.+?)(?: && .*)?$", text, re.MULTILINE) for stage, text in STAGES.items()
    }
    assert installs["web-packages"] == ["--require-hashes --no-deps -r requirements-web.txt"]
    assert installs["worker-packages"] == ["--require-hashes --no-deps -r requirements-worker.txt"]
    assert all(installs[stage][0].endswith("-r requirements-torch.txt") for stage in ("cpu-packages", "cuda-packages"))
    assert sum(map(len, installs.values())) == 4


def test_the_web_image_has_no_torch() -> None:
    stages = STAGES["python"] + STAGES["web-packages"] + STAGES["runtime"] + STAGES["web"]
    instructions = re.sub(r"^#.*$", "", stages, flags=re.MULTILINE)
    assert "torch" not in instructions


def test_docker_sends_what_the_images_copy() -> None:
    sent = re.findall(r"^!(.+)$", (DOCKER / "Dockerfile.dockerignore").read_text(), re.MULTILINE)
    assert {source.split("/")[0] for source in COPIED} == set(sent)


@pytest.mark.parametrize(("linter", "file"), [("hadolint", "Dockerfile"), ("shellcheck", "entrypoint.sh")])
def test_linters_find_nothing(linter: str, file: str) -> None:
    if not shutil.which(linter):
        pytest.skip(f"{linter} is not installed")
    done = subprocess.run([linter, str(DOCKER / file)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_a_worker_is_healthy_as_long_as_it_touches_its_file(tmp_path: Path) -> None:
    alive = tmp_path / "alive"
    given = {"ALIVE_FILE": str(alive)}
    assert entrypoint("healthy", environment=given).returncode != 0
    alive.touch()
    assert entrypoint("healthy", environment=given).returncode == 0
    os.utime(alive, (time.time() - 300,) * 2)
    assert entrypoint("healthy", environment=given).returncode != 0


@pytest.mark.parametrize("missing", sorted(SITE_VARIABLES))
def test_a_container_without_its_settings_refuses_in_one_sentence(missing: str) -> None:
    given = {name: value for name, value in SITE_VARIABLES.items() if name != missing}
    refused = entrypoint("echo", "started", environment=given)
    assert refused.returncode == 2
    assert refused.stderr == f"Set {missing}: a container of MicroDB has no default for it.\n"


def test_a_container_runs_any_other_command_as_given() -> None:
    assert entrypoint("echo", "a  b", environment=SITE_VARIABLES).stdout == "a  b\n"
