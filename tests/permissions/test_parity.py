"""What a page can do, the API can: each page has a row in the table, with a request that exists or a reason."""

import re
from dataclasses import dataclass
from functools import cache

import pytest
from django.urls import get_resolver

from tests.audit_log.test_routes import patterns
from tests.docs.texts import DOCS
from tests.permissions.table import NO_SCOPE, routes, rows_of

TABLE = DOCS / "reference" / "pages-and-api.md"
LINE = re.compile(r"\| `(?P<page>[^`]+)` \| (?P<method>GET|POST) \| (?P<counterpart>.+) \|")
REQUEST = re.compile(r"`(?P<method>GET|POST|PATCH|PUT|DELETE) (?P<path>[^`]+)`")
SHORTEST_REASON = 14


@dataclass(frozen=True)
class Line:
    """A page, and the requests that do the same, or the reason why there are none."""

    page: str
    method: str
    counterpart: str

    @property
    def requests(self) -> list[tuple[str, str]]:
        """Method and path; none where the cell is a reason."""
        found = REQUEST.findall(self.counterpart)
        return found if REQUEST.sub("", self.counterpart).strip(", ") == "" else []


@cache
def lines() -> list[Line]:
    return [Line(**found.groupdict()) for found in map(LINE.fullmatch, TABLE.read_text().splitlines()) if found]


def shown(route: str) -> str:
    """As the table writes it: ``<slug:slug>`` is ``{slug}``."""
    return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route)


@cache
def pages() -> set[tuple[str, str]]:
    """Address and method of every page; those of the admin and of packages without a name of ours are left out."""
    return {
        (shown(route), row.method)
        for route in routes()
        if not route.startswith(("/api/", "/admin/"))
        for row in rows_of(route)
        if row.scope == NO_SCOPE
    }


@cache
def operations() -> set[tuple[str, str]]:
    """Method and path of every operation of the API."""
    return {
        (method, shown(path).removeprefix("/api/v1/"))
        for one, _name, path in patterns(get_resolver().url_patterns)
        if (view := getattr(one.callback, "cls", None)) is not None
        for method in ("GET", "POST", "PATCH", "PUT", "DELETE")
        if method.lower() in view.http_method_names and hasattr(view, method.lower())
    }


def line_of(page: str, method: str) -> Line | None:
    """The row of a page: its own, or else the one whose ``*`` stands for the rest of the address."""
    own = [line for line in lines() if (line.page, line.method) == (page, method)]
    wild = [line for line in lines() if line.page.endswith("*") and line.method == method]
    return next(iter([*own, *(line for line in wild if page.startswith(line.page[:-1]))]), None)


@pytest.mark.parametrize(("page", "method"), sorted(pages()))
def test_every_page_has_a_row(page: str, method: str) -> None:
    assert line_of(page, method), f"Add to {TABLE.name}: | `{page}` | {method} | the request that does the same |"


@pytest.mark.parametrize("line", lines(), ids=lambda line: f"{line.method} {line.page}")
def test_every_row_names_a_page_and_requests_that_exist_or_a_reason(line: Line) -> None:
    assert any(line_of(page, method) is line for page, method in pages()), "there is no such page"
    assert [request for request in line.requests if request not in operations()] == []
    assert line.requests or len(line.counterpart) >= SHORTEST_REASON


def test_no_page_is_in_the_table_twice() -> None:
    named = [(line.page, line.method) for line in lines()]
    assert len(named) == len(set(named)) > 100
