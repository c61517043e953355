"""The main job by clicks alone, counted: from a first sign-in to a finished quiz."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from classifier import draw_micrograph
from tests.flows.conftest import Site, fail_on_console_errors

pytestmark = [pytest.mark.flow, pytest.mark.slow]
CLASSES = ("pearlite", "spheroidite")
OF_EACH = 8
SCALE = 12.0
PATIENCE = 240_000
"""Milliseconds for work in the background."""


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """A manifest that names scale and specimen, and micrographs whose names begin with their class."""
    folder = tmp_path_factory.mktemp("drawn")
    lines = ["filename,pixels_per_micrometre,specimen"]
    for number, material in enumerate(CLASSES * OF_EACH):
        name = f"{material}-{number}.png"
        about = {"pixels_per_micrometre": SCALE, "seed": number, "specimen": number, "width": 260, "height": 220}
        Image.fromarray(draw_micrograph(material, **about)).save(folder / name)
        lines.append(f"{name},{SCALE},{number}")
    (folder / "micrographs.csv").write_text("\n".join(lines))
    return sorted(folder.iterdir())


class Clicks:
    """A person with a mouse."""

    def __init__(self, page: Page) -> None:
        self.page, self.count = page, 0

    def click(self, target: Locator) -> None:
        target.click()
        self.count += 1

    def button(self, name: str) -> None:
        self.click(self.page.get_by_role("button", name=name, exact=True))

    def link(self, name: str) -> None:
        self.click(self.page.get_by_role("link", name=name, exact=True).first)

    def taken(self) -> int:
        """Since the last time."""
        count, self.count = self.count, 0
        return count


@pytest.fixture
def newcomer(browser: Browser, site: Site) -> Iterator[Page]:
    """Somebody who has just got an account and signs in for the first time."""
    code = "from microdb.accounts.models import User; User.objects.create_user('grace', password='correct horse')"
    made = site.manage("shell", "-c", code)
    assert made.returncode == 0, made.stderr
    context = browser.new_context(base_url=site.url)
    page = context.new_page()
    page.set_default_timeout(30_000)
    with fail_on_console_errors(page):
        page.goto("/accounts/login/")
        page.fill("#id_login", "grace")
        page.fill("#id_password", "correct horse")
        page.keyboard.press("Enter")
        yield page
    context.close()


def test_a_newcomer_gets_to_a_finished_quiz_by_few_clicks(newcomer: Page, files: list[Path]):
    page, mouse = newcomer, Clicks(newcomer)
    mouse.link("New dataset")
    page.fill("#id_name", "Clicked")
    page.fill("#id_class_names", "\n".join(CLASSES))
    mouse.button("Make the dataset")
    assert mouse.taken() == 2

    with page.expect_file_chooser() as chooser:
        mouse.click(page.locator("#id_file"))
    chooser.value.set_files(files)
    mouse.button(f"Send {len(CLASSES) * OF_EACH} files")
    assert mouse.taken() == 2
    expect(page.locator("#upload-summary")).to_contain_text("16 of 16 ready", timeout=PATIENCE)

    mouse.link("Label them")
    for labelled in range(len(CLASSES) * OF_EACH):
        expect(page.locator("#labelling-done")).to_have_text(str(labelled))
        shown = page.locator("#labelling-name").inner_text()
        mouse.click(page.locator(".labelling-classes button").nth(CLASSES.index(shown.split("-")[0])))
    expect(page.locator("#labelling-done")).to_have_text("16")
    assert mouse.taken() == 16 + 1

    mouse.link("Overview")
    mouse.taken()
    mouse.button("Train the model")
    assert mouse.taken() == 1
    expect(page.get_by_text("active: it scores")).to_be_visible(timeout=PATIENCE)

    mouse.link("Overview")
    mouse.taken()
    mouse.button("Make a quiz")
    expect(page.get_by_role("button", name="Open the quiz")).to_be_visible(timeout=PATIENCE)
    mouse.button("Open the quiz")
    mouse.button("Start the quiz")
    assert mouse.taken() == 3
    page.wait_for_url("**/1/")
    page.wait_for_load_state()
    for number in range(1, 5):
        expect(page.locator("#question-heading")).to_have_text(f"Question {number} of 4")
        page.keyboard.press("1")
        expect(page.locator("#save-mark")).to_have_text("Saved")
        if number < 4:
            page.keyboard.press("ArrowRight")
    page.locator("#finish").click()
    page.get_by_role("button", name="Submit my answers").click()
    expect(page.get_by_role("heading", name="grace and the machine")).to_be_visible()
