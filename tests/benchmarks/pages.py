"""``python -m tests.benchmarks.pages``: the pages of a dataset with 100,000 micrographs, on a database of its own.

Prints a table: queries and milliseconds (median, 95th percentile) of each page, asked through Django's test client by
a signed-in owner, one request after another; cold: right after a change somewhere in the dataset.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

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
    from microdb.stack.servers import running_servers

    with tempfile.TemporaryDirectory(prefix="microdb-bench-") as var, running_servers(Path(var)) as addresses:
        os.environ.update(
            VAR=var,
            DATABASE_URL=addresses.database_url,
            REDIS_URL=addresses.redis_url,
            SECRET_KEY="only for this run",
            ALLOWED_HOSTS="testserver",
            DJANGO_SETTINGS_MODULE="microdb.settings",
            LOG_LEVEL="ERROR",
        )
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
    print(f"{'page':<22}{'queries':>8}{'ms':>9}{'p95':>7}{'cold ms':>9}{'p95':>7}")
    for name, address in PAGES.items():
        queries, warm = ask(client, address.format(pk=pk), rounds)
        _queries, cold = ask(client, address.format(pk=pk), rounds, before=forget)
        told = [f"{1000 * statistics.median(times):>9.0f}{1000 * p95(times):>7.0f}" for times in (warm, cold)]
        print(f"{name:<22}{queries:>8}{''.join(told)}", flush=True)


def p95(times: list[float]) -> float:
    return sorted(times)[max(0, round(0.95 * len(times)) - 1)]


def forget() -> None:
    """As if somebody had just changed something in every dataset."""
    from microdb.micrographs.models import Dataset
    from microdb.micrographs.remembered import touch

    touch(Dataset.objects.values_list("pk", flat=True))


def ask(client, address: str, rounds: int, before: Callable[[], None] = lambda: None) -> tuple[int, list[float]]:
    """The number of queries of one request, and the seconds of each round."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        response = client.get(address)
    queries = len(captured)  # the next request forgets them
    assert response.status_code == 200, f"{address}: {response.status_code}"
    times = []
    for _ in range(rounds):
        before()
        started = time.perf_counter()
        client.get(address)
        times.append(time.perf_counter() - started)
    return queries, times


if __name__ == "__main__":
    sys.exit(main())
