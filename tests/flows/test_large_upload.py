"""A TIFF of 121 MB in a real browser: the server is killed and the page reloaded while it is sent."""

import hashlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import psutil
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, Request, expect

from tests.flows.conftest import Site, make_dataset, start_site, wait_until

pytestmark = [pytest.mark.flow, pytest.mark.slow]
SIDE = 11_000
"""Pixels, of one byte each."""
PATIENCE = 240_000
SLOW = 12e6
"""Bytes a second: some ten seconds for the file."""


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("large") / "large.tif"
    pixels = np.random.default_rng(0).integers(0, 256, (SIDE, SIDE), dtype=np.uint8)
    Image.fromarray(pixels).save(path)
    return path


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    site = start_site(tmp_path / "var", "--no-demo")
    about = ("--username", "ada", "--email", "ada@example.org")
    made = site.manage("createsuperuser", "--noinput", *about, DJANGO_SUPERUSER_PASSWORD="correct horse")
    assert made.returncode == 0, made.stderr
    yield site
    site.process.terminate()
    site.process.wait(timeout=60)


@pytest.fixture
def page(browser: Browser, site: Site) -> Iterator[Page]:
    """Signed in, with a slow connection; a console that tells of broken requests is no failure here."""
    context = browser.new_context(base_url=site.url)
    page = context.new_page()
    page.set_default_timeout(60_000)
    slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": SLOW}
    context.new_cdp_session(page).send("Network.emulateNetworkConditions", slow)
    page.goto("/accounts/login/")
    page.fill("#id_login", "ada")
    page.fill("#id_password", "correct horse")
    page.click("main button.primary")
    yield page
    context.close()


def share_sent(page: Page) -> float:
    return float(page.locator(".upload-row progress").get_attribute("value") or 0)


def send(page: Page, file: Path) -> None:
    page.set_input_files("#id_file", file)
    page.select_option("#id_label", "pearlite")
    page.click("#plan-send")


def kill_web(site: Site) -> None:
    """SIGKILL to every web process; the supervisor starts them again."""
    for process in psutil.Process(site.process.pid).children(recursive=True):
        if "gunicorn" in " ".join(process.cmdline()):
            os.kill(process.pid, signal.SIGKILL)


def test_a_large_file_survives_a_killed_server_and_a_reload(site: Site, page: Page, large: Path, tmp_path: Path):
    offsets: list[int] = []

    def note(request: Request) -> None:
        if request.method == "PATCH":
            offsets.append(int(request.headers["upload-offset"]))

    page.on("request", note)
    make_dataset(page, "Large")
    send(page, large)
    wait_until(lambda: share_sent(page) > 0.3, 120)
    kill_web(site)
    wait_until(lambda: share_sent(page) > 0.6, 120)
    before = len(offsets)
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    expect(page.locator("#unfinished-uploads")).to_contain_text("large.tif: ")
    send(page, large)
    row = page.locator(".upload-row")
    expect(row).to_have_attribute("data-state", "needs_scale", timeout=PATIENCE)
    assert offsets.count(0) == 1
    assert offsets[before] > 0.4 * large.stat().st_size
    masters = list((tmp_path / "var" / "media" / "masters").iterdir())
    assert [hashlib.sha256(one.read_bytes()).hexdigest() for one in masters] == [
        hashlib.sha256(large.read_bytes()).hexdigest()
    ]
    assert list((tmp_path / "var" / "uploads").iterdir()) == []
    page.goto(f"{urlsplit(page.url).path.removesuffix('upload/')}?label=pearlite")
    expect(page.get_by_text("1 micrograph match")).to_be_visible()
