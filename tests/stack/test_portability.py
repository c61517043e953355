"""What replaces each Linux-only call on other systems, tested here with another `sys.platform`."""

import ast
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from microdb.stack import StackError
from microdb.stack.process import parent_death, privileges
from microdb.stack.process.identity import is_alive
from microdb.stack.process.leftovers import wait_while
from microdb.stack.process.service import Service
from microdb.stack.site import MACOS_FORKS, site_services

ROOT = Path(__file__).resolve().parents[2]
LINUX_ONLY = {
    "prctl", "capset", "waitid", "sched_getaffinity", "sched_setaffinity", "pidfd_open", "pidfd_send_signal",
    "memfd_create", "eventfd", "timerfd_create", "inotify_init", "epoll", "signalfd", "splice", "copy_file_range",
    "posix_fadvise", "posix_fallocate", "prlimit", "unshare", "setns", "getrandom", "RLIMIT_AS", "SO_PEERCRED",
    "SO_BINDTODEVICE", "TCP_QUICKACK", "accept4", "O_TMPFILE", "O_PATH", "SCHED_BATCH", "SCHED_IDLE",
}  # fmt: skip
"""Names of system calls and flags that macOS lacks or, as RLIMIT_AS, accepts without effect."""
WITH_FALLBACK = {
    ("microdb/stack/process/parent_death.py", "prctl"),
    ("microdb/stack/process/privileges.py", "prctl"),
    ("microdb/stack/process/privileges.py", "capset"),
    ("microdb/stack/site.py", "sched_getaffinity"),
    ("microdb/micrographs/reading/memory_limit.py", "RLIMIT_AS"),
}
"""Where such a name stands beside what other systems do instead; the tests below run that."""
WITHOUT_EFFECT = {("classifier/command_line/image_files/reader.py", "RLIMIT_AS")}
"""Where nothing stands in for it: on macOS only the bound on pixels holds the classifier's reader of images."""
PARENT = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", sys.argv[1]], stdout=subprocess.PIPE, text=True)
print(child.pid, child.stdout.readline(), flush=True)
time.sleep(60)
"""
CHILD = """
import sys, time
from microdb.stack.process.parent_death import end_with_parent
sys.platform = "darwin"
end_with_parent()
print("watching", flush=True)
time.sleep(60)
"""


@pytest.fixture
def macos(monkeypatch: pytest.MonkeyPatch) -> None:
    """The platform of macOS, and a C library without Linux's calls."""
    monkeypatch.setattr(sys, "platform", "darwin")
    for module in (parent_death, privileges):
        monkeypatch.setattr(module, "_libc", SimpleNamespace())
    for name in ("waitid", "sched_getaffinity"):
        monkeypatch.delattr(os, name, raising=False)


def test_a_linux_only_call_stands_only_beside_its_fallback() -> None:
    sources = [path for room in ("microdb", "classifier") for path in (ROOT / room).rglob("*.py")]
    found = {
        (path.relative_to(ROOT).as_posix(), name)
        for path in sources
        for node in ast.walk(ast.parse(path.read_text()))
        if (name := getattr(node, "attr", getattr(node, "name", ""))) in LINUX_ONLY
    }
    assert found == WITH_FALLBACK | WITHOUT_EFFECT
    folders = ("/proc", "/dev/shm", "/sys/")
    used = [
        path
        for path in sources
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and str(node.value).startswith(folders)
    ]
    assert used == []


def test_a_service_starts_ends_and_is_stopped_without_linux_calls(macos: None, tmp_path: Path) -> None:
    short = Service("short", [sys.executable, "-c", "raise SystemExit(3)"], tmp_path)
    short.start()
    assert wait_while(lambda: short.exit_code() is None, 10)
    assert short.exit_code() == 3
    long = Service("long", [sys.executable, "-c", "import time; time.sleep(60)"], tmp_path, niceness=1)
    long.start()
    assert long.is_running()
    long.stop()
    assert long.exit_code() == -signal.SIGTERM


def test_no_kernel_call_promises_a_signal_where_there_is_none(macos: None) -> None:
    assert not parent_death.signal_on_parent_death(signal.SIGKILL)


def test_a_pool_process_ends_with_its_worker_by_a_thread_where_no_kernel_does_it() -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, CHILD],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert parent.stdout is not None
    pid, word = parent.stdout.readline().split()
    child = psutil.Process(int(pid))
    assert word == "watching"
    time.sleep(2 * parent_death.WATCH_INTERVAL)
    assert is_alive(child)
    parent.kill()
    parent.communicate()
    assert wait_while(lambda: is_alive(child), 10)


def test_root_is_sent_away_where_no_capability_opens_its_closed_folders(
    macos: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(StackError, match=r"Postgres does not run as root.*run MicroDB as an ordinary user"):
        privileges.account_for(closed / "data", Path(sys.executable))


def test_an_ordinary_user_runs_postgres_on_every_system(macos: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 501)
    assert privileges.account_for(Path("/"), Path("/")) is None


def test_the_site_counts_cores_and_sets_what_forks_need_on_macos(macos: None, tmp_path: Path) -> None:
    services = site_services(base=tmp_path, var=tmp_path, host="127.0.0.1", port=1, environment={"SECRET_KEY": "s"})
    assert all(dict(service.environment).items() >= (MACOS_FORKS | {"SECRET_KEY": "s"}).items() for service in services)


@pytest.mark.skipif(sys.platform == "darwin", reason="macOS does need it")
def test_the_site_sets_nothing_of_macos_elsewhere(tmp_path: Path) -> None:
    services = site_services(base=tmp_path, var=tmp_path, host="127.0.0.1", port=1, environment={})
    assert not any(MACOS_FORKS.keys() & service.environment for service in services)
