"""`manage.py quickstart` as a person runs it: the whole site, started, found by others, and ended."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from microdb.stack.addresses import stack_addresses
from microdb.stack.process.identity import is_alive
from microdb.stack.process.leftovers import wait_while
from microdb.stack.process.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
READY_LIMIT = 180.0  # seconds, on a machine that is busy with other things
PROCESSES = {
    "postgres",
    "valkey",
    "web",
    "worker-ingest",
    "worker-train",
    "worker-score",
    "worker-sweep",
    "worker-webhooks",
    "beat",
}


@pytest.fixture(scope="module")
def var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("quickstart") / "var"


def environment(var: Path) -> dict[str, str]:
    """No address of this test run's own servers; what measures coverage in child processes is passed on."""
    passed_on = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME") or "COVERAGE" in name}
    return passed_on | {"VAR": str(var)}


def manage(var: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment(var), capture_output=True, text=True, timeout=60)


def shell(var: Path, line: str) -> str:
    return manage(var, "shell", "-v", "0", "-c", line).stdout.strip()


@contextmanager
def site(var: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A quickstart that is ready, and its address."""
    command = [sys.executable, "manage.py", "quickstart", "--no-demo", "--port", str(free_port())]
    process = subprocess.Popen(command, cwd=ROOT, env=environment(var), stdout=subprocess.PIPE, text=True)
    alarm = time.monotonic() + READY_LIMIT
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if "MicroDB is ready: " in line:
                yield process, line.split("ready: ")[1].strip()
                break
            assert time.monotonic() < alarm, line
        else:
            pytest.fail("quickstart ended before it was ready")
    finally:
        process.terminate()
        process.communicate(timeout=60)


def family(process: subprocess.Popen[str]) -> list[psutil.Process]:
    return psutil.Process(process.pid).children(recursive=True)


def test_the_site_answers_is_found_by_other_commands_and_ends_without_a_trace(var: Path) -> None:
    with site(var) as (process, address):
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        assert direct.open(f"{address}readyz", timeout=10).status == 200
        assert {record.stem for record in (var / "run").glob("*.json")} == PROCESSES
        assert "[X] 0001_initial" in manage(var, "showmigrations", "accounts").stdout
        again = manage(var, "quickstart", "--port", str(free_port()))
        assert again.returncode == 2
        assert f"already runs with VAR={var} (process {process.pid})" in again.stderr
        everybody = family(process)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
        assert process.returncode == 0
        assert [other for other in everybody if is_alive(other)] == []
    assert stack_addresses(var) is None
    assert (var / "secret_key").stat().st_mode & 0o777 == 0o600
    refused = manage(var, "showmigrations")
    assert refused.returncode != 0
    assert f"Nothing is running for VAR={var}" in refused.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of its parent's death")
@pytest.mark.slow
def test_a_killed_quickstart_takes_everything_with_it_even_a_busy_worker(var: Path) -> None:
    with site(var) as (process, _):
        everybody = family(process)
        pools = [p for p in everybody if "celery" in p.cmdline() and "celery" in p.parent().cmdline()]
        assert len(pools) == 7  # two sweep, so that the check of files does not hold up the others, and two deliver
        for pool in pools:
            pool.suspend()  # like a pool process deep in a long job, it takes no notice of a closed pipe
        process.kill()
        assert wait_while(lambda: any(is_alive(other) for other in everybody), 20)


@pytest.mark.slow
def test_a_site_whose_every_process_was_killed_at_once_starts_again_with_its_data(var: Path) -> None:
    with site(var) as (process, _):
        shell(var, "User.objects.create_user('kept')")
        everybody = [psutil.Process(process.pid), *family(process)]
        for victim in everybody:
            victim.kill()
        assert wait_while(lambda: any(is_alive(victim) for victim in everybody), 20)
    with site(var) as (_, address):
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        assert direct.open(f"{address}readyz", timeout=10).status == 200
        assert shell(var, "print(User.objects.get())") == "kept"


def test_a_port_in_use_is_told_in_one_sentence_and_nothing_starts(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        refused = manage(tmp_path, "quickstart", "--port", str(port))
    assert refused.returncode == 2
    assert refused.stderr.strip() == (
        f"CommandError: Port {port} of 127.0.0.1 is in use by another program: "
        "choose another one with PORT=... (make) or --port (quickstart)."
    )
    assert [path.name for path in tmp_path.iterdir()] == ["stack.lock"]
