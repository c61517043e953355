"""Somebody without an account comes in by the front door, and everybody can use its pages."""

from collections.abc import Iterator

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from microdb.micrographs.models import Dataset, Licence
from microdb.micrographs.services import update_dataset
from microdb.quizzes.models import Answer, Quiz
from tests.flows.conftest import browser, fail_on_console_errors
from tests.quizzes.conftest import add, draft, held_out, quiz, score, version
from tests.quizzes.crowd import web
from tests.quizzes.test_accessibility import violations
from tests.quizzes.test_browser import rows_beside_the_browser
from tests.workers import database_url

__all__ = ["add", "browser", "draft", "held_out", "quiz", "rows_beside_the_browser", "score", "version"]  # fixtures
pytestmark = [pytest.mark.flow, pytest.mark.django_db(transaction=True)]
WIDTHS = (360, 1280)


@pytest.fixture
def public(dataset: Dataset, quiz: Quiz) -> Dataset:
    return update_dataset(dataset=dataset, public=True, licence=Licence.CC0)


@pytest.fixture
def visitor(browser: Browser, public: Dataset, quiz: Quiz, tmp_path, monkeypatch) -> Iterator[Page]:
    """A window of somebody who is not signed in."""
    monkeypatch.setenv("SAMPLE_QUIZ", quiz.slug)
    with web(tmp_path, database_url()) as (_service, port):
        context = browser.new_context(base_url=f"http://127.0.0.1:{port}")
        context.set_default_timeout(20_000)
        page = context.new_page()
        with fail_on_console_errors(page):
            yield page
        context.close()


def test_three_clicks_lead_from_the_front_door_to_an_answer_of_the_quiz(visitor: Page, quiz: Quiz) -> None:
    visitor.goto("/")
    visitor.get_by_role("link", name="Take the sample quiz").click()
    visitor.fill("#id_nickname", "Ada")
    visitor.check("#id_consents")
    visitor.get_by_role("button", name="Start the quiz").click()
    visitor.wait_for_url(f"**/quiz/{quiz.slug}/*/1/")
    with visitor.expect_response("**/answer/"):
        visitor.keyboard.press("1")
    assert Answer.objects.filter(ballot__quiz=quiz, ballot__nickname="Ada").count() == 1


def test_a_visitor_walks_through_a_public_dataset(visitor: Page, public: Dataset) -> None:
    visitor.goto("/")
    visitor.get_by_role("link", name="Look at a finished dataset").click()
    expect(visitor.get_by_role("heading", name=public.name)).to_be_visible()
    expect(visitor.get_by_text("CC0-1.0")).to_be_visible()
    visitor.locator(".tile-image").first.click()
    expect(visitor.locator(".viewer-stage img")).to_be_visible()
    visitor.get_by_role("link", name="Training").click()
    visitor.get_by_role("link", name="Version 1").click()
    expect(visitor.get_by_text("How this version was trained")).to_be_visible()


def test_axe_finds_nothing_on_the_pages_of_a_visitor(visitor: Page, public: Dataset) -> None:
    found = []
    pages = ("/", "/guide/", "/guide/results/", f"/datasets/{public.slug}/", f"/datasets/{public.slug}/training/1/")
    for path in pages:
        for width in WIDTHS:
            visitor.set_viewport_size({"width": width, "height": 800})
            visitor.goto(path)
            assert visitor.evaluate("document.documentElement.scrollWidth <= innerWidth"), (path, width)
            found += violations(visitor)
    assert found == []


def test_a_new_account_gets_a_sample_by_one_click(visitor: Page, stranger) -> None:
    client = Client()
    client.force_login(stranger)
    session = {"name": "sessionid", "value": client.cookies["sessionid"].value, "domain": "127.0.0.1", "path": "/"}
    visitor.context.add_cookies([session])
    visitor.goto("/")
    visitor.get_by_role("button", name="Try the sample dataset").click()
    expect(visitor.get_by_text("Your sample dataset is being drawn")).to_be_visible()
