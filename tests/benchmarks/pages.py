"""``python -m tests.benchmarks.pages``: the pages and lists of a dataset with 1,000,000 micrographs and as many scores.

Prints a table: queries, milliseconds of processor time of Python and of Postgres (means; they hold on a busy machine
too), and milliseconds by the clock (median, 95th percentile), asked through Django's test client, one request after
another; cold: right after a change somewhere in the dataset. Exit 1: a query read a large table from one end to the
other although no count was due, or a page did more queries for the large dataset than for the small one beside it.

``--keep DIR``: as for ``tests.load``. ``--only TEXT``: the addresses whose names contain it.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.benchmarks.addresses import API_LISTS, LISTS, keys_of
from tests.benchmarks.own_site import own_site

ROUNDS = 20
MILLION = 1_000_000


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=MILLION)
    parser.add_argument("--scores", type=int, default=MILLION)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--only", default="")
    given = parser.parse_args()
    with own_site("127.0.0.1,testserver", keep=given.keep) as var:
        return measure(var, given)


def measure(var: Path, given: argparse.Namespace) -> int:
    """Seed and ask each page; the first answer, which fills caches of the process, is not counted."""
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from tests.load.queries import without_collected_files
    from tests.load.seed import seed_once

    without_collected_files()
    seeded = seed_once(var, given.count, given.scores)
    site = Site(seeded.owner_session, seeded.token)
    head = f"{'queries':>8}{'python':>8}{'db':>6}{'ms':>6}{'p95':>6}"
    print(f"{'':<38}{'kept':>34}{'cold':>34}\n{'page':<38}{head}{head}")
    found = [
        site.shown(name, address, given.rounds)
        for name, address in {**LISTS, **API_LISTS}.items()
        if given.only in name
    ]
    return int(not all(found))


class Site:
    """Asks the large dataset and the small one, as the owner of both."""

    def __init__(self, session: str, token: str) -> None:
        from django.test import Client

        self.browser, self.script = Client(), Client(headers={"authorization": f"Token {token}"})
        self.browser.cookies["sessionid"] = session
        self.large, self.small = keys_of("seeded"), keys_of("small")

    def shown(self, name: str, address: str, rounds: int) -> bool:
        """Print the row of a page, and what is wrong; False where something is."""
        client = self.script if address.startswith("/api/") else self.browser
        large, small = address.format(**self.large), address.format(**self.small)
        kept, cold = (ask(client, large, rounds, before) for before in (lambda: None, forget))
        wrong = sorted(f"reads all of {table}" for table in kept.read_whole)
        if (of_small := queries_of(client, small)) and of_small < kept.queries - SPREAD:
            wrong.append(f"{kept.queries} queries, {of_small} for the small dataset")
        print(f"{name:<38}{kept.told}{cold.told}  {'; '.join(wrong)}".rstrip(), flush=True)
        return not wrong


SPREAD = 5
"""Queries that an empty list saves."""


def queries_of(client, address: str) -> int:
    """How many an answer takes; 0 where there is no such page."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        status = client.get(address).status_code
    return len(captured) if status == 200 else 0


def p95(times: list[float]) -> float:
    return sorted(times)[max(0, round(0.95 * len(times)) - 1)]


def forget() -> None:
    """As if somebody had just changed something in every dataset."""
    from microdb.micrographs.gallery.cached_counts import touch
    from microdb.micrographs.models import Dataset

    touch(Dataset.objects.values_list("pk", flat=True))


@dataclass(frozen=True)
class Asked:
    """What one page took: queries of a request, processor seconds a request, and the seconds of each by the clock."""

    queries: int
    python: float
    database: float
    times: list[float]
    read_whole: frozenset[str]
    """Large tables that a query read from one end to the other."""

    @property
    def told(self) -> str:
        milliseconds = (self.python, self.database, statistics.median(self.times), p95(self.times))
        widths = (8, 6, 6, 6)
        return f"{self.queries:>8}" + "".join(
            f"{1000 * value:>{width}.0f}" for value, width in zip(milliseconds, widths, strict=True)
        )


def ask(client, address: str, rounds: int, before: Callable[[], None]) -> Asked:
    """The first answer, which fills caches of the process, is not counted."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from tests.benchmarks.plans import read_whole

    client.get(address)
    before()
    with CaptureQueriesContext(connection) as captured:
        response = client.get(address)
    queries, whole = len(captured), [read_whole(one["sql"]) for one in captured.captured_queries]
    assert response.status_code == 200, f"{address}: {response.status_code}"
    times, python, database = [], 0.0, 0.0
    for _ in range(rounds):
        before()
        started, own, of_postgres = time.perf_counter(), time.process_time(), postgres_seconds(connection)
        client.get(address)
        python += time.process_time() - own
        times.append(time.perf_counter() - started)
        database += postgres_seconds(connection) - of_postgres
    return Asked(queries, python / rounds, database / rounds, times, frozenset().union(*whole))


def postgres_seconds(connection) -> float:
    """Of processor time, by the connection's server process and the helpers that its queries started."""
    backend = psutil.Process(connection.connection.info.backend_pid)
    mine, postmaster = backend.cpu_times(), backend.parent().cpu_times()
    return mine.user + mine.system + postmaster.children_user + postmaster.children_system


if __name__ == "__main__":
    sys.exit(main())
