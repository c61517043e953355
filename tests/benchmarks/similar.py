"""``python -m tests.benchmarks.similar``: the search for similar micrographs among 100,000 descriptors.

On a site of its own with drawn rows: the search in the web process, the search by pgvector where the server has it, and
a naive peer that reads every descriptor for each search, all in one run. Each time is that of the whole answer, with
the check of what the person may see. The goal is 150 ms.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

from tests.benchmarks.own_site import own_site

COUNT, WIDTH = 100_000, 65
REPEATS, NAIVE_REPEATS = 50, 3


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=COUNT)
    given = parser.parse_args()
    with own_site():
        measure(given.count)
    return 0


def measure(count: int) -> None:
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from microdb.micrographs.models import Dataset
    from microdb.similar.models import Descriptor
    from microdb.similar.ranking.pgvector import schema
    from microdb.similar.search import Options, similar_to

    version = prepared(count)
    dataset = Dataset.objects.get(pk=version.dataset_id)
    rows = Descriptor.objects.select_related("micrograph", "model_version__dataset")
    asked = list(rows.filter(model_version=version)[: REPEATS + 1])

    def search(index: int) -> Any:
        return similar_to(asked[index], dataset, Options(near_scale=False))

    print(f"{Descriptor.objects.count()} descriptors of {WIDTH} numbers")
    assert schema() is None
    started = time.monotonic()
    search(0)
    print(f"the first search of a process, which reads all of them: {1000 * (time.monotonic() - started):.0f} ms")
    report("in the web process", search, REPEATS)
    expected = [one.micrograph.pk for one in search(0)]
    naive = naive_search(asked[0], dataset, Options(near_scale=False))
    assert [one.pk for one in naive] == expected, "the naive peer finds others"
    report("naive peer", lambda index: naive_search(asked[index], dataset, Options(near_scale=False)), NAIVE_REPEATS)
    if not add_pgvector():
        print("pgvector: the server has none")
        return
    assert schema() is not None
    assert [one.micrograph.pk for one in search(0)] == expected, "pgvector finds others"
    report("by pgvector", search, REPEATS)


def report(name: str, search: Callable[[int], Any], repeats: int) -> None:
    times = []
    for index in range(repeats):
        started = time.monotonic()
        search(index)
        times.append(1000 * (time.monotonic() - started))
    late = sorted(times)[int(0.95 * (repeats - 1))]
    print(f"{name}: median {statistics.median(times):.0f} ms, 95 % within {late:.0f} ms ({repeats} searches)")


def naive_search(descriptor: Any, dataset: Any, options: Any) -> list[Any]:
    """The obvious way: every row that may be shown, with its vector, sorted by its distance in Python."""
    from microdb.similar.models import Descriptor

    own, shown = descriptor.micrograph, dataset.shown().kept()
    rows = Descriptor.objects.up_to_date().filter(model_version=descriptor.model_version, micrograph__in=shown)
    rows = rows.exclude(micrograph=own).exclude(micrograph__specimen=own.specimen).select_related("micrograph")

    def distance(row: Any) -> float:
        return sum((a - b) ** 2 for a, b in zip(row.vector, descriptor.vector, strict=True))

    return [row.micrograph for row in sorted(rows, key=distance)[: options.most]]


def prepared(count: int) -> Any:
    """An active version of a seeded dataset, and a descriptor at a random place for each of its micrographs."""
    from django.db import connection

    from microdb.micrographs.models import DatasetVersion, Micrograph
    from microdb.similar.models import Describing
    from microdb.training.models import ModelVersion
    from tests.benchmarks.seed import seed, vacuum

    _owner, middle = seed(count)
    dataset = Micrograph.objects.get(pk=middle).dataset
    frozen = DatasetVersion.objects.create(dataset=dataset, number=1, sha256="0" * 64)
    version = ModelVersion.objects.create(
        dataset=dataset, dataset_version=frozen, number=1, state="done", is_active=True
    )
    Describing.objects.create(model_version=version, state="done", wanted=False, revision=1)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO similar_descriptor (model_version_id, micrograph_id, vector, trained_on,
                pixels_per_micrometre, data_bar_top, masked, revision)
            SELECT %s, m.id, array(SELECT random()::real FROM generate_series(1, %s) WHERE m.id IS NOT NULL),
                m.split = 'train', m.pixels_per_micrometre, coalesce(m.data_bar_top, 0), m.masked, 1
            FROM micrographs_micrograph m WHERE m.state = 'ready' AND m.pixels_per_micrometre IS NOT NULL
            """,
            [version.pk, WIDTH],
        )
    vacuum()
    return version


def add_pgvector() -> bool:
    """As the administrator of the embedded Postgres; False where the server has no pgvector."""
    import psycopg2
    from django.db import connection

    own = connection.get_connection_params()
    admin = psycopg2.connect(user="postgres", **{name: own[name] for name in ("host", "port", "password", "dbname")})
    admin.autocommit = True
    with admin.cursor() as cursor:
        cursor.execute("SELECT FROM pg_available_extensions WHERE name = 'vector'")
        if not cursor.rowcount:
            return False
        cursor.execute("CREATE EXTENSION vector")
    admin.close()
    return True


if __name__ == "__main__":
    sys.exit(main())
