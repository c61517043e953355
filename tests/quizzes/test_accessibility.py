"""What a screen reader is told, and that axe-core finds nothing against WCAG 2.2 AA, in light and dark."""

import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from playwright.sync_api import BrowserContext, Page, expect

from microdb.accounts.models import Panel, User
from microdb.micrographs.models import Micrograph
from microdb.quizzes.models import Ballot
from microdb.quizzes.services import create_quiz, invite, simulate_readers, start_ballot, submit_ballot
from tests.flows.conftest import browser
from tests.quizzes.test_browser import context, opened, rows_beside_the_browser

__all__ = ["browser", "context", "rows_beside_the_browser"]  # fixtures
pytestmark = [pytest.mark.flow, pytest.mark.django_db(transaction=True)]
SECTIONS = ("verdict", "people", "agreement", "questions", "method")
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture
def asking(quiz) -> Ballot:
    """A ballot in progress, in a quiz that asks for confidence."""
    quiz.asks_confidence = True
    quiz.save()
    return start_ballot(quiz=quiz, nickname="Ada", panel=Panel.EXPERT, consents=True)


def violations(page: Page) -> list[str]:
    """What axe-core objects to in light and in dark, in a line each."""
    options = {"resultTypes": ["violations"], "runOnly": {"type": "tag", "values": WCAG}}
    found = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for one in Axe().run(page, options=options).response["violations"]:
            found += [f"{page.url} {scheme} {one['id']}: {node['html'][:200]}" for node in one["nodes"]]
    return found


def test_axe_finds_nothing_on_any_page_of_a_reader(
    context: BrowserContext, asking: Ballot, answer_all: Callable[..., None]
):
    quiz, page = asking.quiz, opened(context, asking)
    there = f"/quiz/{quiz.slug}/{asking.key}"
    found = violations(page)
    page.keyboard.press("e")
    expect(page.locator("#exemplars")).to_be_visible()
    found += violations(page)
    (invitation,) = invite(quiz=quiz, count=1, by=None)
    for path in (f"/quiz/{quiz.slug}/invited/{invitation.key}/", f"{there}/submit/", f"{there}/withdraw/"):
        page.goto(path)
        found += violations(page)
    answer_all(asking, wrong=3)
    submit_ballot(ballot=asking)
    simulate_readers(quiz=quiz, experts=3, non_experts=3, seed=1)
    page.goto(f"{there}/compare/")
    found += violations(page)
    for section in SECTIONS:
        page.goto(f"/quizzes/{quiz.slug}/results/?section={section}&simulated=1&ballot={asking.key}")
        page.evaluate("for (const part of document.querySelectorAll('main details')) part.open = true")
        found += violations(page)
    page.goto(f"/quizzes/{quiz.slug}/record/?ballot={asking.key}")
    found += violations(page)
    assert found == []


def test_axe_finds_nothing_on_any_page_of_an_organiser(
    context: BrowserContext,
    asking: Ballot,
    owner: User,
    signed_in: Client,
    held_out: list[Micrograph],
    answer_all: Callable[..., None],
):
    quiz, dataset = asking.quiz, asking.quiz.dataset
    competitors = list(quiz.competitors.all())
    draft = create_quiz(
        dataset=dataset, title="Draft", micrographs=held_out, competitors=competitors, by=owner, needs_sign_off=True
    )
    invite(quiz=quiz, count=2, by=owner)
    answer_all(asking, wrong=3)
    submit_ballot(ballot=asking)
    simulate_readers(quiz=quiz, experts=3, non_experts=3, seed=1)
    session = signed_in.cookies["sessionid"].value
    page = context.new_page()
    context.add_cookies([{"name": "sessionid", "value": session, "domain": "127.0.0.1", "path": "/"}])
    found = []
    for path in (
        "/quizzes/",
        f"/datasets/{dataset.slug}/quizzes/",
        f"/datasets/{dataset.slug}/quizzes/new/",
        f"/quizzes/{draft.slug}/",
        f"/quizzes/{quiz.slug}/",
        f"/quizzes/{quiz.slug}/invitations/",
        f"/quizzes/{draft.slug}/edit/",
        f"/quizzes/{draft.slug}/preview/",
        f"/quizzes/{quiz.slug}/readers/",
        f"/quizzes/{quiz.slug}/record/",
        f"/quizzes/{quiz.slug}/compare/",
        *(f"/quizzes/{quiz.slug}/results/?section={section}&simulated=1" for section in SECTIONS),
    ):
        response = page.goto(path)
        assert response
        assert response.ok
        assert "/login/" not in page.url
        page.evaluate("for (const part of document.querySelectorAll('main details')) part.open = true")
        found += violations(page)
    assert found == []


def test_a_screen_reader_hears_names_states_the_next_question_and_that_an_answer_is_saved(
    context: BrowserContext, asking: Ballot
):
    page = opened(context, asking)
    expect(page.get_by_role("group", name="What does it show?")).to_be_visible()
    for name in ("1 ferrite", "2 pearlite", "0 None of these", "u Unsure"):
        expect(page.get_by_role("button", name=name, pressed=False)).to_be_visible()
    expect(page.get_by_role("radio", name="80 %")).to_be_disabled()
    expect(page.get_by_role("progressbar", name="Answered questions")).to_have_attribute("value", "0")
    page.get_by_role("button", name="2 pearlite").press("Enter")
    expect(page.get_by_role("button", name="2 pearlite", pressed=True)).to_be_focused()
    expect(page.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    expect(page.get_by_role("radio", name="80 %")).to_be_enabled()
    page.get_by_role("checkbox", name=re.compile("Keys are on")).uncheck()
    page.get_by_role("button", name="Fit").press("1")
    expect(page.get_by_role("button", name="2 pearlite", pressed=True)).to_be_visible()
    page.get_by_role("link", name=re.compile("Next")).press("Enter")
    heading = page.get_by_role("heading", level=1, name="Question 2 of 7")
    expect(heading).to_have_attribute("aria-live", "polite")
    expect(page).to_have_title(re.compile("Question 2 of 7"))
