"""The main journey in a real browser: upload, label, train, score, and a quiz against the model."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from classifier import draw_micrograph
from tests.flows.conftest import Site, fail_on_console_errors, signed_in

SCALE = 12.0
CLASSES = ("pearlite", "spheroidite")
PATIENCE = 120_000
"""Milliseconds for work in the background; these machines are busy."""

pytestmark = pytest.mark.flow
expect.set_options(timeout=30_000)


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Path]]:
    """Files to train on, to hold out, and to score; a file's name begins with its class."""
    folder = tmp_path_factory.mktemp("drawn")

    def draw(use: str, count: int, specimen: int) -> list[Path]:
        paths = []
        for number, material in enumerate(CLASSES * count):
            path = folder / f"{material}-{use}-{number}.png"
            pixels = draw_micrograph(
                material, pixels_per_micrometre=SCALE, seed=number, specimen=specimen, width=260, height=220
            )
            Image.fromarray(pixels).save(path)
            paths.append(path)
        return paths

    return {"train": draw("train", 6, 1), "quiz": draw("quiz", 2, 2), "score": draw("score", 1, 3)}


@pytest.fixture(scope="module")
def person(browser: Browser, site: Site) -> Iterator[Page]:
    """Ada at her desk, signed in, in the same window for the whole journey."""
    with signed_in(browser, site) as page:
        yield page


def test_a_dataset_is_made(person: Page):
    person.goto("/datasets/")
    person.get_by_role("link", name="New dataset").first.click()
    person.fill("#id_name", "Journey")
    person.fill("#id_class_names", "\n".join(CLASSES))
    person.get_by_role("button", name="Make the dataset").click()
    expect(person.get_by_role("heading", name="Journey")).to_be_visible()


def test_several_files_are_uploaded_and_a_broken_one_is_refused_beside_its_name(
    person: Page, drawn: dict[str, list[Path]], tmp_path: Path
):
    broken = tmp_path / "broken.png"
    broken.write_bytes(drawn["train"][0].read_bytes()[:900])
    upload(person, [*drawn["train"], broken], split="train")
    expect(person.locator(".upload-row[data-state=ready]")).to_have_count(12, timeout=PATIENCE)
    refused = person.locator(".upload-row[data-state=refused]")
    expect(refused).to_have_count(1, timeout=PATIENCE)
    expect(refused).to_contain_text("broken.png")
    upload(person, [path for path in drawn["quiz"] if "pearlite" in path.name], split="quiz", label="pearlite")
    expect(person.locator(".upload-row[data-state=ready]")).to_have_count(2, timeout=PATIENCE)
    upload(person, [path for path in drawn["quiz"] if "spheroidite" in path.name], split="quiz", label="spheroidite")
    expect(person.locator(".upload-row[data-state=ready]")).to_have_count(2, timeout=PATIENCE)


def test_the_keyboard_alone_labels_them(person: Page):
    person.goto("/datasets/journey/label/")
    for labelled in range(4, 16):
        expect(person.locator("#labelling-done")).to_have_text(str(labelled))
        shown = person.locator("#labelling-name").inner_text()
        person.keyboard.press(str(1 + CLASSES.index(shown.split("-")[0])))
    expect(person.locator("#labelling-end")).to_be_visible()
    expect(person.locator("#labelling-done")).to_have_text("16")  # the last label is stored
    person.goto("/datasets/journey/?label=pearlite")
    expect(person.get_by_text("8 micrographs")).to_be_visible()


def test_a_model_is_trained_while_one_watches(person: Page):
    person.goto("/datasets/journey/training/")
    person.get_by_role("button", name="Train", exact=True).click()
    expect(person.locator("#progress")).to_be_visible()
    expect(person.get_by_text("active: it scores")).to_be_visible(timeout=PATIENCE * 2)
    person.locator("#descriptor-map").scroll_into_view_if_needed()
    expect(person.locator("#descriptor-map .points path").first).to_be_visible()


def test_uploads_are_scored_and_their_verdicts_appear_without_a_reload(person: Page, drawn: dict[str, list[Path]]):
    person.goto("/datasets/journey/scores/")
    person.evaluate("window.sameDocument = true")
    person.fill("input[name=pixels_per_micrometre]", str(SCALE))
    person.set_input_files("#score-files", drawn["score"])
    cards = person.locator(".score-card")
    expect(cards.locator(".verdict")).to_have_count(2, timeout=PATIENCE)
    for card in cards.all():
        assert sum(float(meter.get_attribute("value") or 0) for meter in card.locator("meter").all()) == pytest.approx(
            1, abs=0.02
        )
        card.locator(".saliency-toggle").check()
        expect(card.locator("img.overlay")).to_be_visible()
    assert person.evaluate("window.sameDocument")


def test_a_place_of_a_map_tells_its_probabilities_by_click_and_by_keys(person: Page):
    person.goto("/datasets/journey/scores/")
    person.locator(".score-table a").first.click()
    layer, place = person.locator("canvas.saliency-layer"), person.locator("#saliency-place")
    expect(layer).to_be_visible()
    person.locator(".viewer-frame").click()
    expect(place).to_contain_text("At column")
    shares = [float(one.evaluate("meter => meter.value")) for one in person.locator("#saliency-probe meter").all()]
    assert sum(shares) == pytest.approx(1, abs=0.02)
    clicked = place.inner_text()
    person.locator(".viewer-frame").press("Shift+ArrowRight")
    expect(place).not_to_have_text(clicked)
    before = layer.evaluate("canvas => canvas.toDataURL()")
    person.locator("input[name=saliency-outcome][value='1']").check()
    assert layer.evaluate("canvas => canvas.toDataURL()") != before


def test_a_quiz_is_opened_and_a_stranger_takes_it_on_a_phone_beside_the_model(
    person: Page, browser: Browser, site: Site
):
    person.goto("/datasets/journey/quizzes/new/")
    person.fill("#id_title", "Pearlite or not")
    person.get_by_role("button", name="Make the draft").click()
    person.get_by_role("button", name="Ask the models").click()
    # The uploads named no specimens.
    person.get_by_label("I know that no question shows a specimen").check(timeout=PATIENCE)
    person.get_by_role("button", name="Open the quiz").click()
    link = person.input_value("#quiz-link")

    phone = browser.new_context(base_url=site.url, viewport={"width": 360, "height": 740})
    reader = phone.new_page()
    with fail_on_console_errors(reader):
        reader.goto(link)
        reader.fill("#id_nickname", "Grace")
        reader.get_by_label("Expert", exact=True).or_(reader.locator("input[value=expert]")).first.check()
        reader.get_by_label("I agree").check()
        reader.get_by_role("button", name="Start the quiz").click()
        reader.wait_for_url("**/1/")
        reader.wait_for_load_state()
        for number in range(1, 5):
            expect(reader.locator("#question-heading")).to_have_text(f"Question {number} of 4")
            reader.keyboard.press("1")
            expect(reader.locator("#save-mark")).to_have_text("Saved")
            if number < 4:
                reader.keyboard.press("ArrowRight")
        assert reader.evaluate("document.documentElement.scrollWidth") <= 360
        reader.locator("#finish").click()
        reader.get_by_role("button", name="Submit my answers").click()
        expect(reader.get_by_role("heading", name="Grace and the machine")).to_be_visible()
        own = reader.locator(".card", has=reader.get_by_role("heading", name="You", exact=True))
        expect(own).to_contain_text("50 %")  # the same answer to two questions of each class
        expect(reader.locator(".compared")).to_have_count(4)
        reader.get_by_role("link", name="Everybody's results").click()
        expect(reader.locator(".chart .barlayer path").first).to_be_visible()
        expect(reader.locator(".headline")).to_contain_text("Model version 1 was right on")
    phone.close()


def upload(page: Page, files: list[Path], *, split: str, label: str = "") -> None:
    """Send files through the upload page, with what is said about all of them."""
    page.goto("/datasets/journey/upload/")
    page.set_input_files("#id_file", files)
    page.fill("#id_pixels_per_micrometre", str(SCALE))
    page.select_option("#id_split", split)
    page.select_option("#id_label", label)
    page.click("#plan-send")
