"""``python -m tests.load``: seed a database of its own, start its pages, and let locust's users ask 50 times a second.

Prints locust's table, with the 95th percentile of each kind of request, and the memory of the web processes after a
warm-up and at the end. ``--queries``: without locust, each page once, with its queries, the time of each that takes
longer than 50 ms, and how Postgres plans it. ``--keep DIR``: leave the seeded database in DIR, and use the one that is
there without seeding again. Exit 1: locust saw a failure, or a 95th percentile above 300 ms.
"""

import argparse
import csv
import os
import subprocess
import sys
import time
from pathlib import Path

import psutil

from tests.benchmarks.own_site import own_site

ROOT = Path(__file__).resolve().parents[2]
LOCUST = ROOT / ".venv-load" / "bin" / "locust"
MOST_MILLISECONDS = 300
USERS = 100
WARM_UP = 60
"""Seconds after which each web process has answered each kind of request."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--micrographs", type=int, default=100_000)
    parser.add_argument("--scores", type=int, default=1_000_000)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--users", type=int, default=USERS)
    parser.add_argument("--queries", action="store_true")
    parser.add_argument("--keep", type=Path)
    given = parser.parse_args()
    with own_site("127.0.0.1,testserver", keep=given.keep) as var:
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        from tests.load.queries import print_slow_queries, without_collected_files
        from tests.load.seed import seed_once

        if given.queries:
            without_collected_files()
        seeded = seed_once(var, given.micrographs, given.scores)
        if given.queries:
            print_slow_queries(seeded)
            return 0
        return under_load(var, seeded.environment(), given.users, given.minutes)


def under_load(var: Path, environment: dict[str, str], users: int, minutes: float) -> int:
    from tests.quizzes.crowd import web

    seconds = 60 * minutes
    command = [
        *(str(LOCUST), "-f", "tests/load/locustfile.py", "--headless", "--only-summary", "--csv", str(var / "load")),
        *("-u", str(users), "-r", "10", "--run-time", f"{seconds:.0f}s"),
    ]
    with web(var, os.environ["DATABASE_URL"]) as (service, port):
        asking = {**os.environ, **environment}
        locust = subprocess.Popen([*command, "--host", f"http://127.0.0.1:{port}"], cwd=ROOT, env=asking)
        time.sleep(min(WARM_UP, seconds / 2))
        warm = memory(service.pid or 0)
        returncode = locust.wait()
        print(f"memory of the web processes: {warm} MiB after the warm-up, {memory(service.pid or 0)} MiB at the end")
    with Path(var, "load_stats.csv").open() as file:
        slow = [row for row in csv.DictReader(file) if float(row["95%"] or 0) > MOST_MILLISECONDS]
    for row in slow:
        print(f"above {MOST_MILLISECONDS} ms: {row['Name']}, 95 %: {row['95%']} ms")
    return int(bool(slow) or returncode != 0)


def memory(pid: int) -> int:
    """MiB that the process and its children do not share."""
    process = psutil.Process(pid)
    return sum(one.memory_full_info().uss for one in (process, *process.children(recursive=True))) // 2**20


if __name__ == "__main__":
    sys.exit(main())
