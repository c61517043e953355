"""The table of permissions, ``routes.md``, and the routes that the site has."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

FILE = Path(__file__).with_name("routes.md")
ROLES = ("anonymous", "stranger", "viewer", "labeller", "curator", "owner", "staff", "superuser")
HEADINGS = ("route", "method", "sends", *ROLES, "scope")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
NO_SCOPE = "–"
"""In the column of the scope: tokens do not sign in here."""
SIGN_IN, ANY_TOKEN, NO_TOKEN_NEEDED = "sign-in", "token", "any"
"""In the column of the scope, for the API: no token may, every token may, everybody may."""


@dataclass(frozen=True)
class Row:
    """One request, and the status with which each of ``ROLES`` is answered."""

    route: str
    method: str
    sends: str
    statuses: tuple[int, ...]
    scope: str

    @property
    def body(self) -> Any:
        """The fields that are sent; ``file`` stands for an image, ``part`` for a part of a large one."""
        return self.sends if self.sends in ("file", "part") else json.loads(self.sends or "{}")

    def matches(self, route: str) -> bool:
        """``*`` stands for one part of a path."""
        return re.fullmatch(re.escape(self.route).replace(r"\*", "[^/<>]+"), route) is not None

    def __str__(self) -> str:
        return " ".join(part for part in (self.method, self.route, self.sends) if part)


def line_of(row: Row) -> str:
    """As it stands in the file."""
    return f"| {' | '.join([row.route, row.method, row.sends, *map(str, row.statuses), row.scope])} |"


@cache
def rows() -> list[Row]:
    """All rows of the file; raises ValueError for one that can't be understood."""
    found = []
    for number, line in enumerate(FILE.read_text().splitlines(), start=1):
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if not line.startswith("|") or cells[0] == HEADINGS[0] or set(cells[0]) <= set(":-"):
            continue
        if len(cells) != len(HEADINGS):
            raise ValueError(f"{FILE.name}, line {number}: {len(HEADINGS)} cells are needed, {len(cells)} are there.")
        route, method, sends, *statuses, scope = cells
        found.append(Row(route, method, sends, tuple(map(int, statuses)), scope))
    return found


def rows_of(route: str) -> list[Row]:
    """The rows that match a route with the fewest ``*``."""
    matching = [row for row in rows() if row.matches(route)]
    fewest = min((row.route.count("*") for row in matching), default=0)
    return [row for row in matching if row.route.count("*") == fewest]


@cache
def routes() -> list[str]:
    """Every address pattern of the site, those of the admin and of installed packages included."""
    return sorted(set(_routes(get_resolver())))


def _routes(resolver: URLResolver, before: str = "") -> Iterator[str]:
    for pattern in resolver.url_patterns:
        route = before + re.sub(r"\(\?P<(\w+)>[^)]*\)", r"<\1>", str(pattern.pattern)).strip("^$")
        if isinstance(pattern, URLPattern):
            yield f"/{route}"
        else:
            yield from _routes(pattern, route)
