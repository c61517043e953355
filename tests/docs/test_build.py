"""The documentation builds without a warning and loads nothing from another host."""

import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.docs.texts import DOCS, ROOT

LARGEST_IMAGE = 200_000
"""Bytes."""
CHROMIUM = shutil.which("chromium")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site, made from a copy so that the test writes nothing into the project."""
    folder = tmp_path_factory.mktemp("site")
    shutil.copytree(DOCS, folder / "docs")
    shutil.copy(ROOT / "mkdocs.yml", folder)
    command = [sys.executable, "-m", "zensical", "build", "--strict"]
    built = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)
    assert built.returncode == 0, built.stdout + built.stderr
    return folder / "var" / "docs"


class Resources(HTMLParser):
    """Collects the addresses that a browser loads for a page, and leaves out links that a person may click."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = {"script": ["src"], "img": ["src", "srcset"], "link": ["href"], "iframe": ["src"], "source": ["src"]}
        self.addresses += [value for name, value in attrs if name in names.get(tag, []) and value]


def test_the_pages_load_nothing_from_another_host_and_their_files_exist(site: Path) -> None:
    pages = list(site.rglob("*.html"))
    assert len(pages) > 60
    for page in pages:
        for address in Resources(page.read_text()).addresses:
            assert not re.match(r"[a-z]+:|//", address), f"{page.name} loads {address}"
            if page.name != "404.html":  # its addresses begin at the root of the server
                assert (page.parent / address.split("?")[0].split("#")[0]).exists(), f"{page.name}: {address}"


class Quiet(SimpleHTTPRequestHandler):
    """Serves a folder without writing a log."""

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def address(site: Path) -> Iterator[str]:
    """A web server on the built site."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(site))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine: apt-get install chromium")
def test_a_reader_finds_a_page_by_the_search_and_the_browser_asks_no_other_host(address: str) -> None:
    asked: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{address}/index.html")
        page.keyboard.press("Control+k")
        page.keyboard.type("mahalanobis")
        expect(page.get_by_text("None of these").last).to_be_visible()
        browser.close()
    assert len(asked) > 3
    assert [url for url in asked if not url.startswith((address, "data:", "blob:"))] == []


def test_no_page_has_a_diagram_or_formula_that_a_script_from_elsewhere_would_draw() -> None:
    for page in DOCS.rglob("*.md"):
        assert not re.search(r"^ *```\s*mermaid|\$\$|\\\(", page.read_text(), re.MULTILINE), page


def test_images_are_small_and_used() -> None:
    text = "".join(page.read_text() for page in [*DOCS.rglob("*.md"), ROOT / "README.md"])
    for image in (DOCS / "img").iterdir():
        assert image.stat().st_size < LARGEST_IMAGE, image
        assert f"img/{image.name}" in text, image


def test_every_page_is_in_the_navigation() -> None:
    navigation = (ROOT / "mkdocs.yml").read_text().split("nav:")[1]
    for page in DOCS.rglob("*.md"):
        name = str(page.relative_to(DOCS))
        if not re.match(r"decisions/\d", name):  # reached by the index of the decisions
            assert name in navigation, name
