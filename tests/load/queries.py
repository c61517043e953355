"""The pages of the load once each, with the queries that take long and how Postgres plans them."""

import time

from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.benchmarks.addresses import API_LISTS, LISTS, keys_of
from tests.load.seed import Seeded

SLOW = 0.05
"""Seconds of one query."""
ADMIN = (
    *("scoring/score/", "scoring/score/?predicted=ferrite", "scoring/score/?q=field-0420", "scoring/batch/"),
    *(
        "micrographs/micrograph/",
        "micrographs/micrograph/?q=field-0420",
        "micrographs/change/",
        "training/modelversion/",
    ),
)


def without_collected_files() -> None:
    """Pages link plain static files; call it before anything links one."""
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "whitenoise" not in name]
    settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}


def print_slow_queries(seeded: Seeded) -> None:
    client = Client(raise_request_exception=False)
    client.cookies["sessionid"] = seeded.admin_session
    keys = keys_of("seeded")
    for path in (*(address.format(**keys) for address in LISTS.values()), *(f"/admin/{page}" for page in ADMIN)):
        _print(client, path, {})
    for address in API_LISTS.values():
        _print(Client(), address.format(**keys), {"authorization": f"Token {seeded.token}"})


def _print(client: Client, path: str, headers: dict[str, str]) -> None:
    client.get(path, headers=headers)
    with CaptureQueriesContext(connection) as captured:
        start = time.perf_counter()
        status = client.get(path, headers=headers).status_code
        taken = time.perf_counter() - start
    print(f"{path:<60}{status:>5}{1000 * taken:>8.0f} ms{len(captured):>4} queries", flush=True)
    for query in captured.captured_queries:
        if float(query["time"]) >= SLOW:
            print(f"    {query['time']} s: {query['sql'][:400]}")
            _explain(query["sql"])


def _explain(sql: str) -> None:
    if not sql.startswith("SELECT"):
        return
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {sql.replace('%', '%%')}")
        for (line,) in cursor.fetchall()[:12]:
            print(f"        {line}")
