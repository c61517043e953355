"""The API's schema is complete, and its docs can be read in a real browser without any outside host."""

import io
import shutil

import pytest
from django.core.management import call_command
from playwright.sync_api import sync_playwright

CHROMIUM = shutil.which("chromium")


def test_the_schema_has_no_warnings(db):
    call_command("spectacular", "--fail-on-warn", "--validate", stdout=io.StringIO(), stderr=io.StringIO())


@pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine: apt-get install chromium")
@pytest.mark.filterwarnings("ignore:No directory at")  # static files come from the finders here
def test_the_docs_open_under_the_content_security_policy(live_server):
    said: list[str] = []
    asked: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{live_server.url}/api/v1/docs/")
        wanted = page.locator('.opblock-post [data-path$="{slug}/micrographs/"]')
        page.locator(".opblock").first.wait_for()
        for _ in range(60):  # the page draws the operations that are in view
            if wanted.count():
                break
            page.mouse.wheel(0, 400)
            page.wait_for_timeout(200)
        wanted.click()
        page.get_by_text("pixels_per_micrometre").first.wait_for()
        browser.close()
    assert said == []
    assert [url for url in asked if not url.startswith((live_server.url, "data:"))] == []
