"""``python -m tests.benchmarks.two_workers``: how much faster two scoring workers are than one.

On a Postgres, a queue and Celery workers of its own. Each worker has one numerical thread and one processor core, so
that the gain can be seen on two cores. One worker and two score the same batch of drawn micrographs of 645 x 481, in
turn. Prints the times and their ratio, and where each run's time went: the processor time per micrograph of the
workers, Postgres and the queue, how busy each worker was, and how many database sessions waited for a lock at a time.
On a busy machine the processor times still hold.
"""

import argparse
import os
import statistics
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psutil

from tests.benchmarks.own_site import own_site

MICROGRAPHS, ROUNDS = 400, 2
LOOK_EVERY = 0.5
"""Seconds between two looks at the sessions of the database."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=MICROGRAPHS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    given = parser.parse_args()
    cores = sorted(psutil.Process().cpu_affinity())[:2]
    if len(cores) < 2:
        print("This needs two processor cores.")
        return 1
    with own_site() as var:
        measure(var, given.count, given.rounds, cores)
    return 0


def measure(var: Path, count: int, rounds: int, cores: list[int]) -> None:
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from tests.benchmarks.scoring import prepared

    version, micrographs = prepared(count)
    walls: dict[int, list[float]] = {1: [], 2: []}
    for _round in range(rounds):
        for number, times in walls.items():
            with scoring_workers(var, cores[:number], version, micrographs) as workers:
                times.append(timed_batch(version, micrographs, workers))
    one, two = (statistics.median(times) for times in walls.values())
    print(f"two workers are {one / two:.2f} times as fast as one, at a load of {os.getloadavg()[0]:.1f}")


@contextmanager
def scoring_workers(
    var: Path, cores: list[int], version: Any, micrographs: list[Any]
) -> Iterator[dict[str, psutil.Process]]:
    """One worker on each core, which has loaded the model."""
    from microdb.scoring.services import request_score
    from microdb.scoring.tasks import score_micrograph
    from tests.workers import celery_worker, wait_until

    log = var / "worker.log"
    with ExitStack() as stack:
        workers = {}
        for number, core in enumerate(cores, start=1):
            own_queue = f"worker-{number}"
            process = psutil.Process(stack.enter_context(celery_worker(f"score,batch,{own_queue}", log)).pid)
            process.cpu_affinity([core])  # its children inherit it
            workers[f"worker {number}"] = process
            score = request_score(model_version=version, micrograph=micrographs[number])
            score_micrograph.apply_async(args=[str(score.pk)], queue=own_queue)
        wait_until(nothing_waits, seconds=180, log=log)
        yield workers


def timed_batch(version: Any, micrographs: list[Any], workers: Mapping[str, psutil.Process]) -> float:
    """Score all micrographs anew; prints where the time went, and returns the seconds."""
    from microdb.scoring.models import Batch, Score
    from microdb.scoring.services import BatchInput, create_batch, settle_items
    from microdb.scoring.tasks import enqueue_batch
    from tests.benchmarks.ingest import postmaster, tree_seconds

    Batch.objects.all().delete()
    Score.objects.all().delete()
    batch = create_batch(model_version=version, items=[BatchInput(one.filename, one) for one in micrographs], by=None)
    while settle_items(batch.items.all()):
        pass
    parts = {**workers, "Postgres": postmaster(), "queue": queue_server()}
    before = {name: tree_seconds(part) for name, part in parts.items()}
    started = time.monotonic()
    with lock_waits() as waiting:
        enqueue_batch(batch)
        while not nothing_waits():
            time.sleep(LOOK_EVERY)
    wall = time.monotonic() - started
    used = {name: tree_seconds(part) - before[name] for name, part in parts.items()}
    assert Score.objects.filter(state="done").count() == len(micrographs)
    each = ", ".join(f"{name} {1000 * seconds / len(micrographs):.1f} ms" for name, seconds in used.items())
    busy = ", ".join(f"{100 * used[name] / wall:.0f} %" for name in workers)
    print(f"{len(workers)} worker{'s'[: len(workers) - 1]}: {len(micrographs)} micrographs in {wall:.1f} s")
    print(f"  processor time per micrograph: {each}; together {1000 * sum(used.values()) / len(micrographs):.1f} ms")
    print(f"  busy: {busy}; sessions that wait for a lock: {statistics.mean(waiting):.3f} on average", flush=True)
    return wall


def nothing_waits() -> bool:
    from microdb.scoring.models import Score

    return not Score.objects.active().exists()


def queue_server() -> psutil.Process:
    from django.core.cache import cache

    return psutil.Process(cache._cache.get_client().info("server")["process_id"])  # type: ignore[attr-defined] # of Redis


@contextmanager
def lock_waits() -> Iterator[list[int]]:
    """How many sessions of the database wait for a lock, looked at now and then by another thread."""
    from django.db import connection

    counts: list[int] = []
    over = threading.Event()

    def look() -> None:
        while not over.wait(LOOK_EVERY):
            with connection.cursor() as cursor:
                cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
                counts.append(cursor.fetchone()[0])
        connection.close()

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield counts
    finally:
        over.set()
        thread.join()


if __name__ == "__main__":
    sys.exit(main())
