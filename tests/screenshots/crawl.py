"""Every page of a running site: one address of each route and dataset, found by following links."""

import os
from collections import deque
from collections.abc import Iterator
from secrets import token_urlsafe
from urllib.parse import urljoin, urlsplit

from playwright.sync_api import Page

from tests.flows.conftest import Site

MOST = 400
"""Addresses that are opened, at most."""
ENDS_THE_SESSION = ("/accounts/logout/",)


def pages(site: Site, page: Page, starts: list[str]) -> Iterator[tuple[str, str]]:
    """A name and the path of each page that links lead to, while ``page`` shows it."""
    waiting, seen = deque(starts), set()
    for _ in range(MOST):
        if not waiting:
            return
        path = waiting.popleft()
        name = name_of(path)
        if name in seen or path.startswith(ENDS_THE_SESSION):
            continue
        seen.add(name)
        if not is_page(site, page, path):
            continue
        page.goto(path)
        yield name, path
        links = page.eval_on_selector_all("a[href]:not([download])", "all => all.map(one => one.getAttribute('href'))")
        for address in (urljoin(page.url, link) for link in links):
            if address.startswith(site.url + "/"):
                waiting.append(urlsplit(address).path)


def is_page(site: Site, page: Page, path: str) -> bool:
    """Whether the path gives HTML, and no download."""
    answer = page.request.get(site.url + path, max_redirects=3)
    is_html = answer.headers.get("content-type", "").startswith("text/html")
    return is_html and "attachment" not in answer.headers.get("content-disposition", "")


def name_of(path: str) -> str:
    """The route of a path, with the dataset or quiz that it is about, as a name for files."""
    from django.urls import Resolver404, resolve

    try:
        found = resolve(path)
    except Resolver404:
        return path.strip("/").replace("/", "-") or "home"
    slug = found.kwargs.get("slug") or found.kwargs.get("page") or ""
    return "-".join(filter(None, [*found.namespaces, found.url_name or found.func.__name__, slug]))


def set_up_django(site: Site) -> None:
    """The table of routes, without a database."""
    os.environ.update(
        DJANGO_SETTINGS_MODULE="microdb.settings",
        SECRET_KEY=token_urlsafe(64),
        ALLOWED_HOSTS="127.0.0.1",
        VAR=site.environment["VAR"],
    )
    os.environ.update(DATABASE_URL="postgres://nowhere/nothing", REDIS_URL="redis://nowhere:1")
    import django

    django.setup()
