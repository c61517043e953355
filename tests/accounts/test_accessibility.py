"""axe-core finds nothing against WCAG 2.2 AA on the pages of accounts, and none is wider than a telephone."""

import pytest
from playwright.sync_api import Browser, Page

from tests.accounts.allauth_pages import PAGES, People, address
from tests.accounts.test_allauth_pages import people
from tests.flows.conftest import browser, fail_on_console_errors
from tests.quizzes.test_accessibility import violations
from tests.quizzes.test_browser import rows_beside_the_browser

__all__ = ["browser", "people", "rows_beside_the_browser"]  # fixtures
pytestmark = [pytest.mark.flow, pytest.mark.django_db(transaction=True)]
ANSWERS_401 = {"socialaccount_login_error"}
"""Which a browser's console reports."""


def test_axe_finds_nothing_on_any_page_of_accounts(browser: Browser, live_server, people: People):
    context = browser.new_context(base_url=live_server.url)
    page, found = context.new_page(), []
    with fail_on_console_errors(page):
        for name in PAGES.keys() - ANSWERS_401:
            context.clear_cookies()
            path, come = PAGES[name]
            if cookie := come(people).cookies.get("sessionid"):
                context.add_cookies([{"name": "sessionid", "value": cookie.value, "url": live_server.url}])
            found += seen(page, address(path, people))
    found += [error for name in ANSWERS_401 for error in seen(context.new_page(), PAGES[name][0])]
    context.close()
    assert found == []


def seen(page: Page, path: str) -> list[str]:
    """What is wrong with a page, wide and narrow."""
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(path)
    found = violations(page)
    page.set_viewport_size({"width": 390, "height": 844})
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        found.append(f"{path} is wider than 390 pixels")
    return found
