"""The embedded Postgres and Valkey, run for real in a folder of their own."""

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import psutil
import psycopg2
import pytest
import redis

from microdb.stack import StackError
from microdb.stack.addresses import StackAddresses, stack_addresses
from microdb.stack.process.identity import is_alive
from microdb.stack.process.leftovers import end_leftover
from microdb.stack.servers.postgres import EmbeddedPostgres
from microdb.stack.servers.running import running_servers

ROOT = Path(__file__).resolve().parents[2]
HOLD = """
import sys, time
from pathlib import Path
from microdb.stack.servers.running import running_servers
with running_servers(Path(sys.argv[1])):
    print("up", flush=True)
    time.sleep(120)
"""


@pytest.fixture(scope="module")
def var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One VAR for the module, with blanks and deeper than a socket path may be long."""
    return tmp_path_factory.mktemp("stack") / ("deep " * 25).strip() / "var"


def hold_servers(var: Path) -> subprocess.Popen[str]:
    """Another process that holds the servers of this VAR."""
    command = [sys.executable, "-c", HOLD, str(var)]
    holder = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)})
    assert holder.stdout is not None
    assert holder.stdout.readline() == "up\n"
    return holder


def processes_of(var: Path) -> list[psutil.Process]:
    return [p for p in psutil.process_iter() if is_alive(p) and _works_in(p, var)]


def _works_in(process: psutil.Process, var: Path) -> bool:
    try:
        return process.cwd().startswith(str(var.resolve())) or any(str(var) in part for part in process.cmdline())
    except psutil.Error:
        return False


def wait_until_gone(var: Path, limit: float = 10) -> None:
    deadline = time.monotonic() + limit
    while processes_of(var):
        assert time.monotonic() < deadline, processes_of(var)
        time.sleep(0.05)


def rows(addresses: StackAddresses, statement: str) -> list[tuple[object, ...]]:
    connection = psycopg2.connect(addresses.database_url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(statement)
        found = cursor.fetchall() if cursor.description else []
    connection.close()
    return found


def test_servers_answer_at_the_addresses_that_others_find_and_are_gone_afterwards(var: Path) -> None:
    with running_servers(var) as addresses:
        assert stack_addresses(var) == addresses
        assert rows(addresses, "SELECT current_user, current_setting('fsync')") == [("microdb", "on")]
        assert rows(addresses, "SELECT rolsuper, rolcreatedb FROM pg_roles WHERE rolname = 'microdb'") == [
            (False, True)
        ]
        client = redis.Redis.from_url(addresses.redis_url)
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
    assert stack_addresses(var) is None
    assert processes_of(var) == []


def test_servers_refuse_a_visitor_without_the_password(var: Path) -> None:
    with running_servers(var) as addresses:
        with pytest.raises(psycopg2.OperationalError, match="password"):
            psycopg2.connect(addresses.database_url.replace("microdb:", "microdb:x", 1))
        port = int(addresses.redis_url.rsplit(":", 1)[1].split("/")[0])
        with socket.create_connection(("127.0.0.1", port)) as visitor:
            visitor.sendall(b"KEYS *\r\n")
            assert visitor.recv(100).startswith(b"-NOAUTH")


def test_killed_servers_keep_every_acknowledged_row_and_key(var: Path) -> None:
    holder = hold_servers(var)
    addresses = stack_addresses(var)
    assert addresses is not None
    rows(addresses, "CREATE TABLE kept (n int)")
    rows(addresses, "INSERT INTO kept VALUES (42)")
    redis.Redis.from_url(addresses.redis_url).set("kept", "42")
    for process in [*processes_of(var), psutil.Process(holder.pid)]:
        with suppress(psutil.NoSuchProcess):  # a session of Postgres ends with its server
            process.send_signal(signal.SIGKILL)
    holder.wait()
    assert stack_addresses(var) is None
    with running_servers(var) as addresses:
        assert rows(addresses, "SELECT n FROM kept") == [(42,)]
        assert redis.Redis.from_url(addresses.redis_url, decode_responses=True).get("kept") == "42"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of its parent's death")
def test_servers_end_with_an_owner_that_is_killed(var: Path) -> None:
    holder = hold_servers(var)
    holder.kill()
    holder.wait()
    wait_until_gone(var)


def test_a_second_stack_on_the_same_var_is_refused_in_one_sentence(var: Path) -> None:
    holder = hold_servers(var)
    with pytest.raises(StackError, match=rf"already runs with VAR=.*process {holder.pid}.*another VAR"):
        running_servers(var).__enter__()
    holder.terminate()
    holder.wait()
    wait_until_gone(var)


def test_a_var_that_is_no_folder_is_refused_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("")
    with pytest.raises(StackError, match=r"VAR=.* must be a folder that you can write \(File exists: .*\): choose"):
        running_servers(tmp_path / "var").__enter__()


def test_a_stale_pid_file_that_names_a_stranger_does_not_stop_postgres(var: Path) -> None:
    data = EmbeddedPostgres(var).data
    (data / "postmaster.pid").write_text(f"{os.getppid()}\n{data}\n1\n5432\n\n\n\n")
    with running_servers(var) as addresses:
        assert rows(addresses, "SELECT 1") == [(1,)]


def test_an_interrupted_first_start_leaves_nothing_in_the_way(tmp_path: Path) -> None:
    postgres = EmbeddedPostgres(tmp_path)
    (postgres.directory / "draft").mkdir(parents=True)
    (postgres.directory / "draft" / "PG_VERSION").write_text("18\n")
    with postgres as url:
        psycopg2.connect(url).close()


def test_a_server_that_cannot_start_says_why(var: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        postgres = EmbeddedPostgres(var, port=other.getsockname()[1])
        with pytest.raises(StackError, match=r"(?s)postgres ended with exit code 1.*could not bind"):
            postgres.__enter__()


def test_a_record_that_does_not_prove_ownership_ends_nobody(tmp_path: Path) -> None:
    stranger = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    started = psutil.Process(stranger.pid).create_time()
    record = tmp_path / "web.json"
    for number, command in ((started, '["gunicorn"]'), (started - 100, "[]")):
        record.write_text(
            f'{{"pid": {stranger.pid}, "started": {number}, "command": {command}, "run": "x", "orphan_signal": 3}}'
        )
        assert not end_leftover(record)
        assert not record.exists()
    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()
