"""``python -m tests.benchmarks.admin_pages``: the admin's lists and the organisers' pages with a million micrographs
and a million scores, on a database of its own.

Prints a table: queries, milliseconds of processor time of Python and of Postgres (means), milliseconds by the clock
(median, 95th percentile), and the indexes that the plans of the page use. Exit 1: a page takes more than 300 ms of
processor time, or reads the whole of a table with more than 100,000 rows. ``--keep FOLDER`` keeps the database.
"""

import argparse
import re
import sys
from pathlib import Path
from typing import Any

from tests.benchmarks.own_site import own_site
from tests.benchmarks.pages import ask

ROUNDS = 10
MOST_SECONDS = 0.3
LARGE = 100_000
MICROGRAPHS, SCORES = "/admin/micrographs/micrograph/", "/admin/scoring/score/"
PAGES = {
    "admin, front page": "/admin/",
    "micrographs": MICROGRAPHS,
    "micrographs, last page": f"{MICROGRAPHS}?p=200",
    "micrographs by name, reversed": f"{MICROGRAPHS}?o=-2",
    "micrographs by scale": f"{MICROGRAPHS}?o=5",
    "micrographs by specimen": f"{MICROGRAPHS}?o=6",
    "micrographs of a label": f"{MICROGRAPHS}?label=ferrite",
    "micrographs being read": f"{MICROGRAPHS}?state__exact=reading",
    "micrographs with a flaw": f"{MICROGRAPHS}?flaw__exact=blank",
    "micrographs in the trash": f"{MICROGRAPHS}?trashed_at__isempty=0",
    "micrographs, search": f"{MICROGRAPHS}?q=field-0420",
    "micrographs, search for all": f"{MICROGRAPHS}?q=field",
    "micrographs, search in vain": f"{MICROGRAPHS}?q=nothing-like-it",
    "changes": "/admin/micrographs/change/",
    "readings": "/admin/micrographs/reading/",
    "specimens": "/admin/micrographs/specimen/",
    "near-duplicates": "/admin/micrographs/nearduplicate/",
    "datasets in the admin": "/admin/micrographs/dataset/",
    "scores": SCORES,
    "scores, last page": f"{SCORES}?p=100",
    "scores that failed": f"{SCORES}?state__exact=failed",
    "scores of a class": f"{SCORES}?predicted=ferrite",
    "scores, search": f"{SCORES}?q=field-0420",
    "batches": "/admin/scoring/batch/",
    "new quiz": "/datasets/seeded/quizzes/new/",
    "draft of 498 questions": "/quizzes/large/",
    "editing the draft": "/quizzes/large/edit/",
    "quizzes": "/quizzes/",
    "results": "/quizzes/load/results/",
    "list of datasets": "/datasets/",
    "settings and members": "/datasets/seeded/settings/",
    "versions": "/datasets/seeded/versions/",
    "trash": "/datasets/seeded/trash/",
    "log of the site": "/log/",
    "log, filtered": "/log/?what=curation",
    "check of stored files": "/upkeep/files/",
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--micrographs", type=int, default=1_000_000)
    parser.add_argument("--scores", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--keep", type=Path)
    given = parser.parse_args()
    with own_site(keep=given.keep) as var:
        import django

        django.setup()
        from django.core.management import call_command

        from tests.load.queries import without_collected_files
        from tests.load.seed import seed_once

        without_collected_files()
        call_command("migrate", verbosity=0)
        seeded = seed_once(var, given.micrographs, given.scores)
        _large_draft()
        return measure(seeded.admin_session, given.rounds)


def measure(session: str, rounds: int) -> int:
    from django.test import Client

    client = Client()
    client.cookies["sessionid"] = session
    print(f"{'page':<32}{'queries':>8}{'python':>8}{'db':>6}{'ms':>6}{'p95':>6}  indexes")
    slow = []
    for name, address in PAGES.items():
        asked = ask(client, address, rounds, lambda: None)
        plans = explained(client, address)
        whole = whole_tables(plans)
        print(f"{name:<32}{asked.told}  {', '.join(indexes(plans)) or '-'}", flush=True)
        if asked.python + asked.database > MOST_SECONDS or whole:
            slow.append(f"{name}: {1000 * (asked.python + asked.database):.0f} ms, whole tables read: {whole}")
    print("\n".join(slow))
    return int(bool(slow))


def explained(client: Any, address: str) -> str:
    """The plans of all queries of the page."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as captured:
        client.get(address)
    lines: list[str] = []
    with connection.cursor() as cursor:
        for query in captured.captured_queries:
            if query["sql"].startswith("SELECT"):
                cursor.execute(f"EXPLAIN {query['sql']}")
                lines += [line for (line,) in cursor.fetchall()]
    return "\n".join(lines)


def indexes(plans: str) -> list[str]:
    """Of the large tables, in the order of the plans."""
    named = re.findall(r"(?:Scan(?: Backward)? using|Bitmap Index Scan on) (\w+)", plans)
    large = re.compile("micrograph_|change_|reading_|score_|version_|near_|audit_")
    return [name for name in dict.fromkeys(named) if large.match(name)]


def whole_tables(plans: str) -> list[str]:
    """Large tables that a plan reads from end to end, but for those where it stops after the first rows."""
    from django.db import connection

    found = set()
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relkind = 'r' AND reltuples > %s", [LARGE])
        large = {name for (name,) in cursor.fetchall()}
    lines = plans.splitlines()
    for number, line in enumerate(lines):
        table = re.search(r"Seq Scan on (\w+)", line)
        if table and table[1] in large and "Limit" not in lines[number - 1]:
            found.add(table[1])
    return sorted(found)


def _large_draft() -> None:
    """A draft with as many questions as a quiz may ask; an earlier run may have made it."""
    from microdb.micrographs.models import Dataset
    from microdb.quizzes.composition.candidates import offered_questions
    from microdb.quizzes.models import Quiz
    from microdb.quizzes.services import create_quiz

    if Quiz.objects.filter(slug="large").exists():
        return
    dataset = Dataset.objects.get(slug="seeded")
    versions = dataset.model_versions.filter(is_active=True)
    create_quiz(
        dataset=dataset, title="Large", micrographs=offered_questions(dataset, ()), competitors=versions, by=None
    )


if __name__ == "__main__":
    sys.exit(main())
