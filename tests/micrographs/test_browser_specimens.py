"""Specimens in a real browser: found in two clicks, described with a CSV."""

from collections.abc import Callable, Iterator

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from microdb.micrographs import services
from microdb.micrographs.models import Dataset, Micrograph, Specimen
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
def page(
    browser: Browser, dataset: Dataset, add: Callable[..., Micrograph], signed_in: Client, owner, png, tmp_path
) -> Iterator[Page]:
    for seed, specimen in enumerate(["S1", "S1", "S2"]):
        add(seed, specimen=specimen)
    record = {"composition": {"C": 0.9}, "heat_treatment": "970 °C, 90 min, quenched in water"}
    services.update_specimens(dataset=dataset, records={"S1": record}, by=owner)
    with web(tmp_path, database_url()) as (_service, port):
        context = browser.new_context(base_url=f"http://127.0.0.1:{port}")
        context.set_default_timeout(PATIENCE)
        expect.set_options(timeout=PATIENCE)
        session = signed_in.cookies["sessionid"].value
        context.add_cookies([{"name": "sessionid", "value": session, "url": f"http://127.0.0.1:{port}"}])
        # Its files lie elsewhere than those of this process.
        context.route("**/thumbnail/", lambda route: route.fulfill(body=png(), content_type="image/png"))
        page = context.new_page()
        with fail_on_console_errors(page):
            yield page
        context.close()


def test_a_condition_is_two_clicks_from_the_gallery(page: Page):
    page.goto("/datasets/steels/")
    page.get_by_text("Condition", exact=True).click()
    page.get_by_role("link", name="0.9 % C, 970 °C, quenched").click()
    expect(page.locator("[data-tile]")).to_have_count(2)
    expect(page.locator(".facet a[aria-current]").filter(has_text="970 °C").first).to_be_visible()


def test_a_csv_is_shown_applied_and_undone(page: Page, tmp_path):
    (tmp_path / "mine.csv").write_text("specimen;C;heat treatment\nS2;0,2;970C 90M FC\nS1;120;\n")
    page.goto("/datasets/steels/specimens-csv/")
    page.set_input_files("#table", tmp_path / "mine.csv")
    page.get_by_role("button", name="Show the changes").click()
    expect(page.locator("#specimen-updates")).to_contain_text("read as 970 °C, 90 min, furnace-cooled")
    expect(page.locator("#specimen-updates")).to_contain_text("from 0 to 100 mass percent; 120 was given")
    page.get_by_role("button", name="Make these changes").click()
    expect(page.locator("main")).to_contain_text("The CSV changed 1 specimen.")
    assert Specimen.objects.get(name="S2").composition == {"C": 0.2}
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("main")).to_contain_text("1 specimen is as before.")
    assert Specimen.objects.get(name="S2").is_blank
