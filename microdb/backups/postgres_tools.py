"""pg_dump, pg_restore and psql: those of the embedded Postgres's wheel, or else of the PATH."""

import os
import re
import shutil
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path

from django.db import connection

from microdb.errors import MicroDBError
from microdb.stack import StackError
from microdb.stack.servers.postgres import postgres_binary

PARAMETERS = ("host", "port", "user", "password", "sslmode", "sslrootcert", "sslcert", "sslkey")
"""Of a connection, besides the database; libpq reads each from a variable."""
NEW_SCHEMA = b"DROP SCHEMA IF EXISTS public CASCADE;\nCREATE SCHEMA public;\n"


def server_version() -> int:
    """The major version of the database's server."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        return int(cursor.fetchone()[0]) // 10_000


def dump(path: Path, *, snapshot: str) -> None:
    """Write the database, as the exported snapshot sees it, to a file that pg_restore reads.

    Without pgvector, which no column needs: ``migrate`` adds it where the server has it.
    """
    how = ["--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}", f"--file={path}"]
    _run([_tool("pg_dump"), "--exclude-extension=vector", *how])


def load(path: Path) -> None:
    """Put a dump in the place of all that the database holds, in one transaction: all of it or nothing."""
    read = [_tool("pg_restore"), "--no-owner", "--no-privileges", "--file=-", str(path)]
    write = [_tool("psql"), "--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1", "--file=-"]
    environment = _environment() | {"PGOPTIONS": "-c client_min_messages=warning"}
    connection.close()  # it would hold locks on what is replaced
    with tempfile.TemporaryFile() as errors:
        reader = subprocess.Popen(read, stdout=subprocess.PIPE, stderr=errors)
        writer = subprocess.Popen(
            write, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=errors, env=environment
        )
        _copy(reader, writer)
        if writer.wait() or reader.wait():
            errors.seek(0)
            output = errors.read().decode(errors="replace").strip()
            raise MicroDBError(f"The database could not be restored, and is as it was: {output}")


def _copy(reader: "subprocess.Popen[bytes]", writer: "subprocess.Popen[bytes]") -> None:
    """The SQL of a dump, in one transaction that is committed only where the dump was read to its end."""
    assert reader.stdout
    assert writer.stdin
    with suppress(BrokenPipeError), writer.stdin, reader.stdout:
        writer.stdin.write(b"BEGIN;\n" + NEW_SCHEMA)
        shutil.copyfileobj(reader.stdout, writer.stdin)
        if reader.wait() == 0:
            writer.stdin.write(b"COMMIT;\n")


def _tool(name: str) -> str:
    """The path of a tool that is not older than the server, which pg_dump demands."""
    needed, found = server_version(), []
    with suppress(StackError):
        found.append(str(postgres_binary(name)))
    found += [path for path in [shutil.which(name)] if path]
    versions = {path: _version(path) for path in found}
    for path, version in versions.items():
        if version >= needed:
            return path
    there = ", ".join(f"{path} is version {version}" for path, version in versions.items()) or "none was found"
    raise MicroDBError(
        f"The server is Postgres {needed}, which needs {name} of version {needed} or newer ({there}): "
        f"install the client of Postgres {needed} and put its folder into PATH."
    )


def _version(path: str) -> int:
    printed = subprocess.run([path, "--version"], capture_output=True, text=True, check=True).stdout
    match = re.search(r"(\d+)", printed)
    return int(match.group(1)) if match else 0


def _run(command: list[str]) -> None:
    done = subprocess.run(command, env=_environment(), capture_output=True, text=True)
    if done.returncode:
        raise MicroDBError(f"{Path(command[0]).name} failed: {done.stderr.strip()}")


def _environment() -> dict[str, str]:
    """Django's own connection, for libpq. The password is in no command line, which other users could read."""
    connection.ensure_connection()
    wanted = connection.get_connection_params()
    given = {f"PG{name.upper()}": str(wanted[name]) for name in PARAMETERS if wanted.get(name)}
    return os.environ | given | {"PGDATABASE": str(wanted["dbname"])}
