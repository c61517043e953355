"""The API's schema is complete, and its docs can be read in a real browser without any outside host."""

import io
from pathlib import Path

import pytest
from django.core.management import call_command

CHROMIUM = Path("/usr/bin/chromium")


def test_the_schema_has_no_warnings(db):
    call_command("spectacular", "--fail-on-warn", "--validate", stdout=io.StringIO(), stderr=io.StringIO())


@pytest.mark.skipif(not CHROMIUM.exists(), reason=f"there is no Chromium at {CHROMIUM}")
def test_the_docs_render_under_the_content_security_policy(live_server):
    from playwright.sync_api import sync_playwright

    said: list[str] = []
    asked: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{live_server.url}/api/v1/docs/")
        page.get_by_text("/datasets/{slug}/micrographs/", exact=True).first.click()
        page.get_by_text("pixels_per_micrometre").first.wait_for()
        page.screenshot(path="/tmp/micro_docs.png")
        browser.close()
    print("\n".join(said))
    assert not [url for url in asked if not url.startswith((live_server.url, "data:"))]
    assert said == []
