"""docs/design.md in a real browser: the main pages at two widths and in both themes."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, BrowserContext, Page

from microdb.accounts.models import User
from microdb.micrographs.models import Dataset, MaterialClass
from tests.flows.conftest import browser, fail_on_console_errors
from tests.permissions.world import World, build
from tests.quizzes.test_accessibility import violations
from tests.quizzes.test_browser import rows_beside_the_browser

__all__ = ["browser", "rows_beside_the_browser"]  # fixtures
pytestmark = [pytest.mark.flow, pytest.mark.django_db(transaction=True)]
WIDTHS = (1280, 390)
ONE_ROW = 64
"""Pixels of a header that has not wrapped."""
LONG_NAMES = {"ferrite": "spheroidite+widmanstaetten", "pearlite": "martensite_tempered-650C"}

BROKEN_WORDS = """() => {
  const broken = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const text = texts.currentNode;
    if (text.parentElement.closest(".hash, script, style, svg, option")) continue;
    for (const { 0: word, index } of text.data.matchAll(/\\p{L}{2,}/gu)) {
      const range = document.createRange();
      range.setStart(text, index);
      range.setEnd(text, index + word.length);
      const lines = new Set([...range.getClientRects()].map(({ top }) => Math.round(top)));
      if (lines.size > 1) broken.push(word);
    }
  }
  return broken;
}"""
"""Words that stand on two lines."""


@pytest.fixture
def world(settings: Any, tmp_path: Any) -> World:
    settings.MEDIA_ROOT = tmp_path
    world = build()
    for plain, long in LONG_NAMES.items():
        MaterialClass.objects.filter(name=plain).update(name=long)
    return world


@pytest.fixture
def context(browser: Browser, live_server: Any) -> Iterator[BrowserContext]:  # a fixture
    context = browser.new_context(base_url=live_server.url)
    yield context
    context.close()


def signed_in(context: BrowserContext, user: User | None, url: str) -> Page:
    client = Client()
    assert user
    client.force_login(user)
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": url}])
    return context.new_page()


def pages_of_a_dataset(world: World) -> list[str]:
    slug, value = world.values["datasets/slug"], world.values
    names = (
        "micrographs:gallery", "micrographs:specimen_list", "micrographs:upload", "micrographs:labelling",
        "micrographs:quality_report", "training:model_version_list", "scoring:score_list",
        "quizzes:dataset_quizzes", "micrographs:settings",
    )  # fmt: skip
    return [
        *(reverse(name, args=[slug]) for name in names),
        reverse("micrographs:micrograph", args=[slug, value["micrographs/pk"]]),
        reverse("training:model_version", args=[slug, value["training/number"]]),
        reverse("scoring:score", args=[value["scores/pk"]]),
        reverse("scoring:batch", args=[value["batches/pk"]]),
    ]


def other_pages(world: World) -> list[str]:
    return [
        reverse("micrographs:dataset_list"),
        reverse("activity:jobs"),
        reverse("quizzes:quiz_results", args=[world.values["quizzes/slug"]]),
        "/no/such/page/",
    ]


def flaws(page: Page, path: str, width: int) -> list[str]:
    """What axe-core objects to, and what is wider than the window, broken in mid-word or in a second row."""
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(path)
    found = violations(page)
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        found.append(f"{path} is wider than {width} pixels")
    found += [f"{path} at {width} breaks {word}" for word in page.evaluate(BROKEN_WORDS)]
    header = page.locator(".site-header").bounding_box()
    if not header or header["height"] > ONE_ROW:
        found.append(f"{path} at {width} has no header of one row: {header}")
    return found


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_is_wrong_on_the_main_pages(context: BrowserContext, live_server: Any, world: World, width: int):
    page, found = signed_in(context, world.people["owner"], live_server.url), []
    for path in (*pages_of_a_dataset(world), *other_pages(world)):
        found += flaws(page, path, width)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_is_wrong_with_any_component(context: BrowserContext, live_server: Any, world: World, width: int):
    page = signed_in(context, world.people["superuser"], live_server.url)
    with fail_on_console_errors(page):
        found = flaws(page, reverse("components"), width)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("width", WIDTHS)
def test_the_tabs_stay_where_they_are_from_page_to_page(
    context: BrowserContext, live_server: Any, world: World, width: int
):
    page, places = signed_in(context, world.people["owner"], live_server.url), set()
    page.set_viewport_size({"width": width, "height": 844})
    for path in pages_of_a_dataset(world):
        page.goto(path)
        tabs = page.locator(".tabs")
        widths = tabs.evaluate("(tabs) => [...tabs.children].map((tab) => tab.offsetWidth)")
        places.add((tabs.bounding_box()["y"], *widths))  # type: ignore[index] # tabs are always visible
    assert len(places) == 1, places


def test_the_header_has_one_row_and_a_menu_on_the_narrowest_telephone(
    context: BrowserContext, live_server: Any, world: World
):
    page = signed_in(context, world.people["superuser"], live_server.url)
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(reverse("micrographs:dataset_list"))
    assert page.locator(".site-header").bounding_box()["height"] <= ONE_ROW  # type: ignore[index] # it is visible
    link = page.locator("#site-nav").get_by_role("link", name="Quizzes")
    assert not link.is_visible()
    page.get_by_role("button", name="Menu").press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert link.evaluate("(link) => link === document.activeElement")
    page.keyboard.press("Escape")
    assert not link.is_visible()


def test_motion_is_reduced_for_those_who_ask(context: BrowserContext, live_server: Any, world: World):
    page = signed_in(context, world.people["owner"], live_server.url)
    page.emulate_media(reduced_motion="reduce")
    page.goto(reverse("micrographs:gallery", args=[Dataset.objects.earliest("pk").slug]))
    moving = "[...document.querySelectorAll('*')].filter((one) => getComputedStyle(one).transitionDuration !== '0s')"
    assert page.evaluate(f"{moving}.length") == 0
