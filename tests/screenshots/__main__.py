"""``make screenshots``: pictures of every page, in both themes and at two widths, from the demo and from UHCS.

Starts a site under VAR/screenshots, or continues it, and waits until the demo is trained and its quiz is open. Imports
UHCS, trains it and scores its quiz split where ``../shared/data/uhcs`` exists. Then opens one address of each route and
dataset, as the owner and signed out, and writes VAR/screenshots/pictures/<theme>-<width>/<page>.png.
"""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, sync_playwright

from tests.flows.conftest import CHROMIUM_FLAGS, ROOT, Site, start_site, wait_until
from tests.screenshots.crawl import pages, set_up_django

VAR = Path(os.environ.get("VAR", "var")).resolve() / "screenshots"
UHCS = ROOT.parent / "shared" / "data" / "uhcs" / "micrographs.csv"
Theme = Literal["light", "dark"]
THEMES: tuple[Theme, ...] = ("light", "dark")
WIDTHS = (390, 1280)
TALLEST = 6000
"""Pixels of a picture; longer pages are cut."""
PATIENCE = 3600
"""Seconds until the demo is ready, on a busy machine."""
SIGNED_OUT = ["/", "/guide/", "/accounts/login/", "/accounts/signup/", "/accounts/password/reset/", "/nowhere/"]
SIGNED_IN = [
    "/datasets/",
    "/quizzes/",
    "/jobs/",
    "/accounts/profile/",
    "/admin/",
    "/staff/components/",
    "/api/v1/docs/",
]


def main() -> int:
    chromium = shutil.which("chromium")
    if chromium is None:
        print("There is no chromium on this machine: apt-get install chromium", file=sys.stderr)
        return 1
    site = start_site(VAR)
    try:
        wait_until(lambda: quiz_is_open(site), PATIENCE, lambda: f"see {VAR.parent}/screenshots.log")
        with_uhcs(site)
        set_up_django(site)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS)
            found = [*pictures(site, browser, SIGNED_OUT, as_demo=False), *pictures(site, browser, SIGNED_IN)]
            browser.close()
    finally:
        site.process.terminate()
        site.process.wait(timeout=120)
    print(f"{len(found)} pictures are in {VAR}/pictures")
    return 0


def quiz_is_open(site: Site) -> bool:
    line = "from microdb.quizzes.models import Quiz; print(Quiz.objects.exclude(opened_at=None).exists())"
    return site.manage("shell", "-v", "0", "-c", line).stdout.strip() == "True"


def with_uhcs(site: Site) -> None:
    """Once; without the data the demo alone is shown."""
    if not UHCS.exists() or "UHCS" in site.manage(
        "shell", "-v", "0", "-c", "from microdb.micrographs.models import Dataset; print(*Dataset.objects.all())"
    ).stdout:  # fmt: skip
        return
    for command in (
        ["import_dataset", str(UHCS.parent), "--name", "UHCS", "--owner", "demo"],
        ["train", "uhcs", "--wait"],
        ["score", "uhcs"],
    ):
        done = site.manage(*command)
        assert done.returncode in (0, 1), done.stderr  # 1: a file could not be scored


def pictures(site: Site, browser: Browser, starts: list[str], *, as_demo: bool = True) -> Iterator[Path]:
    """Write the pictures of the pages that links lead to from ``starts``."""
    with window(site, browser, "light", WIDTHS[-1], as_demo) as page:
        found = (
            list(pages(site, page, starts))
            if as_demo
            else [(f"signed-out{one.replace('/', '-').rstrip('-')}", one) for one in starts]
        )
    for theme in THEMES:
        for width in WIDTHS:
            with window(site, browser, theme, width, as_demo) as page:
                for name, path in found:
                    target = VAR / "pictures" / f"{theme}-{width}" / f"{name}.png"
                    target.parent.mkdir(parents=True, exist_ok=True)
                    page.goto(path)
                    page.wait_for_load_state("networkidle")
                    height = min(TALLEST, page.evaluate("document.documentElement.scrollHeight"))
                    page.screenshot(
                        path=target, full_page=True, clip={"x": 0, "y": 0, "width": width, "height": height}
                    )
                    yield target


@contextmanager
def window(site: Site, browser: Browser, theme: Theme, width: int, as_demo: bool) -> Iterator[Page]:
    context = browser.new_context(base_url=site.url, viewport={"width": width, "height": 900}, color_scheme=theme)
    page = context.new_page()
    if as_demo:
        page.goto("/accounts/login/")
        page.fill("#id_login", "demo")
        page.fill("#id_password", (VAR / "demo_password").read_text().strip())
        page.click("main button.primary")
        page.wait_for_url(lambda url: "/login/" not in url)
    yield page
    context.close()


if __name__ == "__main__":
    sys.exit(main())
