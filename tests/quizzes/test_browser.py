"""The readers' pages in a real browser, on the site's own web service."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, expect

from microdb.accounts.models import Panel
from microdb.quizzes.models import Ballot
from microdb.quizzes.services import simulate_readers, start_ballot, submit_ballot
from tests.flows.conftest import browser, fail_on_console_errors
from tests.quizzes.crowd import web
from tests.workers import database_url

__all__ = ["browser"]  # a fixture
pytestmark = [pytest.mark.flow, pytest.mark.django_db(transaction=True)]
PATIENCE = 20_000


@pytest.fixture(scope="module", autouse=True)
def rows_beside_the_browser() -> Iterator[None]:
    """Playwright keeps a loop running in this thread, in which Django would refuse to read rows."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        yield


@pytest.fixture
def context(browser: Browser, quiz, tmp_path) -> Iterator[BrowserContext]:
    with web(tmp_path, database_url()) as (_service, port):
        context = browser.new_context(base_url=f"http://127.0.0.1:{port}", viewport={"width": 360, "height": 740})
        context.set_default_timeout(PATIENCE)
        expect.set_options(timeout=PATIENCE)
        yield context
        context.close()


@pytest.fixture
def ballot(quiz) -> Ballot:
    return start_ballot(quiz=quiz, nickname="Ada", panel=Panel.EXPERT, consents=True)


def opened(context: BrowserContext, ballot: Ballot, number: int = 1) -> Page:
    page = context.new_page()
    page.goto(f"/quiz/{ballot.quiz.slug}/{ballot.key}/{number}/")
    return page


def labels(ballot: Ballot) -> list[str]:
    return sorted(answer.label for answer in ballot.answers.select_related("option"))


def test_answers_given_offline_are_kept_and_sent_when_the_network_is_back(context, ballot):
    page = opened(context, ballot)
    context.route("**/answer/", lambda route: route.abort("internetdisconnected"))
    for key in ("1", "2", "u"):
        page.keyboard.press(key)
        page.keyboard.press("ArrowRight")
    page.keyboard.press("0")
    context.route("**/quiz/image/**", lambda route: route.abort("internetdisconnected"))
    page.keyboard.press("ArrowRight")
    expect(page.locator("#question-heading")).to_have_text("Question 5 of 7")
    expect(page.locator("#save-mark")).to_contain_text("Not sent yet")
    assert labels(ballot) == []
    context.unroute_all()
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(page.locator("#save-mark")).to_have_text("")
    expect(page.locator("#question-image")).not_to_have_js_property("naturalWidth", 0)
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#save-mark")).to_have_text("Saved")
    assert labels(ballot) == ["ferrite", "none-of-these", "pearlite", "unsure"]


def test_what_was_not_sent_before_the_page_was_closed_is_sent_when_it_opens_again(context, ballot):
    page = opened(context, ballot)
    page.route("**/answer/", lambda route: route.abort())
    page.keyboard.press("2")
    expect(page.locator("#save-mark")).to_contain_text("Not sent yet")
    page.close()
    again = opened(context, ballot)
    expect(again.locator("#save-mark")).to_have_text("Saved")
    assert labels(ballot) == ["pearlite"]


def test_two_tabs_show_the_same_answers_and_the_last_one_counts(context, ballot):
    first, second = opened(context, ballot), opened(context, ballot)
    first.keyboard.press("1")
    chosen = second.locator("button.choice[aria-pressed=true]")
    expect(chosen).to_contain_text("ferrite")
    second.keyboard.press("2")
    expect(first.locator("button.choice[aria-pressed=true]")).to_contain_text("pearlite")
    assert labels(ballot) == ["pearlite"]


def test_an_answer_kept_on_a_phone_gives_way_to_a_later_one_on_another_device_and_says_so(context, browser, ballot):
    phone = opened(context, ballot)
    context.route("**/answer/", lambda route: route.abort("internetdisconnected"))
    phone.keyboard.press("1")
    expect(phone.locator("#save-mark")).to_contain_text("Not sent yet")
    desk = browser.new_context(base_url=phone.url)
    on_desk = opened(desk, ballot)
    on_desk.clock.set_fixed_time("2001-01-01")  # clocks decide nothing
    on_desk.keyboard.press("2")
    expect(on_desk.locator("#save-mark")).to_have_text("Saved")
    context.unroute_all()
    phone.evaluate("window.dispatchEvent(new Event('online'))")
    expect(phone.locator("#refusal")).to_contain_text("Question 1: You answered it later in another tab")
    expect(phone.locator("button.choice[aria-pressed=true]")).to_contain_text("pearlite")
    assert labels(ballot) == ["pearlite"]
    phone.keyboard.press("1")
    expect(phone.locator("#refusal")).to_be_hidden()
    expect(phone.locator("#save-mark")).to_have_text("Saved")
    assert labels(ballot) == ["ferrite"]
    desk.close()


def test_on_a_phone_the_next_question_begins_at_its_image(context, ballot):
    page = opened(context, ballot)
    page.locator("#next").click()
    expect(page.locator("#question-heading")).to_have_text("Question 2 of 7")
    expect(page.locator("#question-image")).to_be_in_viewport()
    expect(page.locator("#question-heading")).to_be_in_viewport()


def test_the_keyboard_alone_zooms_shows_examples_says_how_sure_and_finishes(context, quiz):
    type(quiz).objects.filter(pk=quiz.pk).update(asks_confidence=True)
    ballot = start_ballot(quiz=quiz, nickname="Ada", panel=Panel.EXPERT, consents=True)
    page = opened(context, ballot)
    with fail_on_console_errors(page):
        page.locator(".viewer-frame").focus()
        before = page.locator("[data-zoom-level]").inner_text()
        page.keyboard.press("+")
        expect(page.locator("[data-zoom-level]")).not_to_have_text(before)
        page.keyboard.press("-")
        expect(page.locator("[data-zoom-level]")).to_have_text(before)
        page.keyboard.press("e")
        expect(page.locator("#exemplars")).to_be_visible()
        page.keyboard.press("e")
        expect(page.locator("#exemplars")).not_to_be_visible()
        for number in range(1, 8):
            page.keyboard.press("0")
            page.keyboard.press("Shift+Digit4")
            expect(page.locator("#save-mark")).to_have_text("Saved")
            if number < 7:
                page.keyboard.press("ArrowRight")
                expect(page.locator("#question-heading")).to_have_text(f"Question {number + 1} of 7")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
    answers = ballot.answers.all()
    assert {(answer.label, answer.confidence) for answer in answers} == {("none-of-these", 80)}
    assert all(answer.active_ms > 0 for answer in answers)


def test_teaching_shows_truth_and_machine_after_each_answer_which_then_stays(context, quiz):
    type(quiz).objects.filter(pk=quiz.pk).update(teaching=True, shuffled=False)
    quiz.refresh_from_db()
    ballot = start_ballot(quiz=quiz, nickname="Ada", panel=Panel.EXPERT, consents=True)
    page = opened(context, ballot)
    with fail_on_console_errors(page):
        expect(page.locator("#revealed .compared")).to_have_count(0)
        page.keyboard.press("2")
        expect(page.locator("#revealed")).to_contain_text("the machine beat you")
        expect(page.locator("button.choice").first).to_be_disabled()
        page.keyboard.press("ArrowRight")
        expect(page.locator("#revealed .compared")).to_have_count(0)
        page.keyboard.press("1")
        expect(page.locator("#revealed")).to_contain_text("you beat the machine")
    assert labels(ballot) == ["ferrite", "pearlite"]


def test_when_the_time_is_over_the_page_goes_to_the_end_by_itself(context, quiz):
    type(quiz).objects.filter(pk=quiz.pk).update(time_limit_minutes=10)
    quiz.refresh_from_db()
    ballot = start_ballot(quiz=quiz, nickname="Ada", panel=Panel.EXPERT, consents=True)
    Ballot.objects.filter(pk=ballot.pk).update(started_at=timezone.now() - timedelta(minutes=9, seconds=52))
    page = opened(context, ballot)
    expect(page.locator("#countdown")).to_contain_text(re.compile(r"0:0\d left"))
    page.keyboard.press("1")
    page.wait_for_url("**/submit/")
    expect(page.locator("main")).to_contain_text("Your time is over")
    assert labels(ballot) == ["ferrite"]


def test_every_chart_of_the_results_is_saved_as_svg_and_png(context, quiz, ballot, answer_all):
    simulate_readers(quiz=quiz, experts=4, non_experts=4, seed=2)
    answer_all(ballot)
    submit_ballot(ballot=ballot)
    page = context.new_page()
    with fail_on_console_errors(page):
        saved = 0
        for section in ("verdict", "people", "agreement", "questions"):
            page.goto(f"/quizzes/{quiz.slug}/results/?section={section}&simulated=1&ballot={ballot.key}")
            expect(page.locator(".chart .main-svg").first).to_be_visible()
            charts = page.locator(".exhibit", has=page.locator(".chart")).all()
            saved += len(charts)
            for chart in charts:
                for kind, start in (("svg", b"<svg"), ("png", b"\x89PNG")):
                    chart.get_by_text("Save", exact=True).click()
                    with page.expect_download() as download:
                        chart.locator(f"[data-save-figure={kind}]").click()
                    assert download.value.path().read_bytes().startswith(start)
                    page.wait_for_timeout(150)  # without a pause the eleventh file was lost: more than a person saves
            assert page.evaluate("document.documentElement.scrollWidth") <= 360
        assert saved >= 8
