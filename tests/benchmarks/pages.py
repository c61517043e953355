"""``python -m tests.benchmarks.pages``: the pages of a dataset with 100,000 micrographs, on a database of its own.

Prints a table: queries, milliseconds of processor time of Python and of Postgres (means; they hold on a busy machine
too), and milliseconds by the clock (median, 95th percentile), asked through Django's test client by a signed-in owner,
one request after another; cold: right after a change somewhere in the dataset.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

import psutil

from tests.benchmarks.own_site import own_site

ROUNDS = 40
PAGES = {
    "gallery": "/datasets/seeded/",
    "gallery, filtered": "/datasets/seeded/?label=pearlite&split=train&sort=scale",
    "gallery, last page": "/datasets/seeded/?page=99999",
    "labelling": "/datasets/seeded/label/",
    "labelling queue": "/datasets/seeded/label/queue/",
    "health": "/datasets/seeded/health/",
    "micrograph": "/datasets/seeded/micrographs/{pk}/",
    "datasets": "/datasets/",
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    given = parser.parse_args()
    with own_site():
        measure(given.count, given.rounds)
    return 0


def measure(count: int, rounds: int) -> None:
    """Seed and ask each page; the first answer, which fills caches, is not counted."""
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.test import Client

    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "whitenoise" not in name]
    settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    call_command("migrate", verbosity=0)
    from tests.benchmarks.seed import seed

    started = time.monotonic()
    owner, pk = seed(count)
    print(f"{count:,} micrographs seeded in {time.monotonic() - started:.0f} s")
    client = Client()
    client.force_login(owner)
    head = f"{'queries':>8}{'python':>8}{'db':>6}{'ms':>6}{'p95':>6}"
    print(f"{'':<22}{'kept':>34}{'cold':>34}\n{'page':<22}{head}{head}")
    for name, address in PAGES.items():
        told = [ask(client, address.format(pk=pk), rounds, before).told for before in (lambda: None, forget)]
        print(f"{name:<22}{''.join(told)}", flush=True)


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

    client.get(address)
    before()
    with CaptureQueriesContext(connection) as captured:
        response = client.get(address)
    queries = len(captured)  # the next request forgets them
    assert response.status_code == 200, f"{address}: {response.status_code}"
    times, python, database = [], 0.0, 0.0
    for _ in range(rounds):
        before()
        started, own, of_postgres = time.perf_counter(), time.process_time(), postgres_seconds(connection)
        client.get(address)
        python += time.process_time() - own
        times.append(time.perf_counter() - started)
        database += postgres_seconds(connection) - of_postgres
    return Asked(queries, python / rounds, database / rounds, times)


def postgres_seconds(connection) -> float:
    """Of processor time, by the connection's server process and the helpers that its queries started."""
    backend = psutil.Process(connection.connection.info.backend_pid)
    mine, postmaster = backend.cpu_times(), backend.parent().cpu_times()
    return mine.user + mine.system + postmaster.children_user + postmaster.children_system


if __name__ == "__main__":
    sys.exit(main())
