"""Processor time of one request of each kind, in the web service and in Postgres.

Unlike a waiting time it hardly depends on what else the machine does.
"""

import itertools
import json
import re
from collections.abc import Callable
from pathlib import Path

import psutil

from tests.quizzes.reader import Reader, token_of

WARM_UP, REQUESTS = 20, 200


def print_costs(slug: str, port: int, *, web: int, var: Path) -> None:
    """One reader after the other, on an open quiz; ``web`` is gunicorn's process."""
    postgres = int((var / "postgres" / "data" / "postmaster.pid").read_text().split()[0])
    for kind, request in _requests(slug, port).items():
        for _ in range(WARM_UP):
            request()
        before = _processor_seconds(web), _processor_seconds(postgres)
        for _ in range(REQUESTS):
            request()
        after = _processor_seconds(web), _processor_seconds(postgres)
        in_web, in_postgres = (1000 * (b - a) / REQUESTS for a, b in zip(before, after, strict=True))
        print(f"  {kind:9s} {in_web:5.2f} ms in the web service, {in_postgres:5.2f} ms in Postgres")


def _requests(slug: str, port: int) -> dict[str, Callable[[], object]]:
    reader = Reader(slug, port, 0, think=0.001)
    reader.begin()
    finished = Reader(slug, port, 1, think=0.001)
    finished.sit()
    page = reader.ask("GET", f"{reader.ballot}/1/", "page")[1]
    token, choices = token_of(page), itertools.cycle(re.findall(r'name="choice"\s+value="(\w+)"', page))
    sheet = json.loads(re.search(r'id="ballot-sheet" type="application/json">(.*?)</script>', page)[1])
    questions = itertools.cycle(sheet["questions"])

    def answer() -> None:
        reader.answer(next(questions), next(choices), token)

    return {
        "first page": lambda: reader.ask("GET", f"/quiz/{slug}/", "page"),
        "question": lambda: reader.ask("GET", f"{reader.ballot}/1/", "page"),
        "image": lambda: reader.ask("GET", next(questions)["image"], "image"),
        "answer": answer,
        "compare": lambda: reader.ask("GET", f"{finished.ballot}/compare/", "page"),
    }


def _processor_seconds(pid: int) -> float:
    """Of the process, its children, and those of them that have ended."""
    root = psutil.Process(pid)
    times = [process.cpu_times() for process in (root, *root.children(recursive=True))]
    return sum(t.user + t.system + t.children_user + t.children_system for t in times)
