"""The supervisor, with small real processes."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from microdb.stack import StackError
from microdb.stack.process.service import Service
from microdb.stack.process.supervisor import StopAsked, Supervisor

ROOT = Path(__file__).resolve().parents[2]
SLEEPER = "import time; time.sleep(120)"
STUBBORN = "import signal; [signal.signal(s, signal.SIG_IGN) for s in (signal.SIGTERM, signal.SIGQUIT)]; "
WITH_CHILD = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {SLEEPER!r}]); "
KEEPER = """
import sys
from pathlib import Path
from microdb.stack.process.service import Service
from microdb.stack.process.supervisor import StopAsked, Supervisor
supervisor = Supervisor(lambda line: print(line, flush=True))
with supervisor.listening():
    for number, script in enumerate(sys.argv[2:]):
        service = Service(f"child{number}", [sys.executable, "-c", script], Path(sys.argv[1]), stop_limit=1)
        service.stage = number
        supervisor.keep(service)
        print(service.pid, flush=True)
    try:
        supervisor.wait(lambda: False)
    except StopAsked:
        supervisor.stop()
"""


def script(name: str, source: str, var: Path, **options: float) -> Service:
    return Service(name, [sys.executable, "-c", source], var, **options)  # type: ignore[arg-type]


def keeper(var: Path, *scripts: str) -> tuple[subprocess.Popen[str], list[psutil.Process]]:
    """A process that supervises these scripts, and their processes."""
    process = subprocess.Popen(
        [sys.executable, "-c", KEEPER, str(var), *scripts],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert process.stdout is not None
    return process, [psutil.Process(int(process.stdout.readline())) for _ in scripts]


def eventually(condition: Callable[[], bool], limit: float = 10) -> None:
    deadline = time.monotonic() + limit
    while not condition():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.05)


def ended(process: psutil.Process) -> bool:
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def family(process: psutil.Process) -> list[psutil.Process]:
    eventually(lambda: bool(process.children()))
    return [process, *process.children(recursive=True)]


@pytest.fixture
def lines() -> list[str]:
    return []


@pytest.fixture
def supervisor(lines: list[str]):
    supervisor = Supervisor(lines.append)
    yield supervisor
    supervisor.stop()


def test_a_dead_child_is_started_again_and_the_log_says_so(
    supervisor: Supervisor, lines: list[str], tmp_path: Path
) -> None:
    web = script("web", SLEEPER, tmp_path)
    supervisor.keep(web)
    first = web.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    supervisor.wait(lambda: any("runs again" in line for line in lines))
    assert web.pid != first
    assert web.is_running()
    assert lines[0].startswith("web was ended by SIGKILL; it starts again in 1 s (log: ")
    assert lines[1] == f"web runs again (process {web.pid})"


def test_a_child_that_dies_at_once_is_started_ever_more_slowly(
    supervisor: Supervisor, lines: list[str], tmp_path: Path
) -> None:
    supervisor.keep(script("web", "raise SystemExit(3)", tmp_path))
    supervisor.wait(lambda: sum("starts again" in line for line in lines) == 2)
    plans = [line.split(" (")[0] for line in lines if "starts again" in line]
    assert plans == [f"web ended with exit code 3; it starts again in {delay} s" for delay in (1, 2)]


def test_what_a_dead_child_left_running_ends_with_it(supervisor: Supervisor, tmp_path: Path) -> None:
    web = script("web", WITH_CHILD + SLEEPER, tmp_path)
    supervisor.keep(web)
    processes = family(psutil.Process(web.pid))
    processes[0].kill()
    supervisor.wait(lambda: all(ended(process) for process in processes))


def test_a_step_that_fails_is_told_with_the_end_of_its_log(supervisor: Supervisor, tmp_path: Path) -> None:
    step = script("migrate", "print('no such table'); raise SystemExit(1)", tmp_path)
    with pytest.raises(StackError, match=r"(?s)migrate ended with exit code 1\..*migrate\.log:\nno such table"):
        supervisor.run_to_end(step)


def test_a_step_is_ended_when_somebody_asks_to_stop(supervisor: Supervisor, tmp_path: Path) -> None:
    step = script("migrate", SLEEPER, tmp_path)
    with supervisor.listening():
        signal.raise_signal(signal.SIGTERM)
        with pytest.raises(StopAsked):
            supervisor.run_to_end(step)
    assert not step.is_running()


def test_sigterm_stops_every_stage_in_order_and_leaves_no_process(tmp_path: Path) -> None:
    process, children = keeper(tmp_path, SLEEPER, WITH_CHILD + SLEEPER, SLEEPER)
    everybody = [*children, *family(children[1])]
    process.send_signal(signal.SIGTERM)
    output, _ = process.communicate(timeout=20)
    assert output.splitlines() == ["Stopping child0", "Stopping child1", "Stopping child2"]
    assert process.returncode == 0
    assert all(ended(child) for child in everybody)
    assert list((tmp_path / "run").iterdir()) == []


def test_a_child_that_ignores_every_wish_is_ended_by_force(tmp_path: Path) -> None:
    process, children = keeper(tmp_path, STUBBORN + WITH_CHILD + SLEEPER)
    everybody = family(children[0])
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)
    assert all(ended(child) for child in everybody)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of its parent's death")
def test_children_end_with_a_supervisor_that_is_killed(tmp_path: Path) -> None:
    process, children = keeper(tmp_path, SLEEPER, STUBBORN + SLEEPER)
    process.kill()
    process.communicate()
    eventually(lambda: all(ended(child) for child in children))


def test_a_grandchild_left_by_a_killed_supervisor_is_ended_at_the_next_start(tmp_path: Path) -> None:
    process, children = keeper(tmp_path, WITH_CHILD + SLEEPER)
    everybody = family(children[0])
    for victim in (process, children[0]):
        victim.kill()
    process.communicate()
    grandchild = everybody[1]
    assert not ended(grandchild)
    again = script("child0", SLEEPER, tmp_path)
    again.start()
    assert ended(grandchild)
    assert json.loads(again.record.read_text())["pid"] == again.pid
    again.stop()


def test_a_long_log_is_put_aside_at_the_next_start(tmp_path: Path) -> None:
    web = script("web", "print('new')", tmp_path)
    web.log.parent.mkdir()
    web.log.write_bytes(b"old\n" * 2_000_000)
    web.start()
    eventually(lambda: web.exit_code() == 0)
    assert web.log.read_text() == "new\n"
    assert web.log.with_suffix(".log.1").stat().st_size == 8_000_000
