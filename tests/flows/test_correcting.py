"""From a wrong prediction to a corrected label, to a new version, to its comparison with the old one."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from classifier import draw_micrograph
from tests.flows.conftest import Site, make_dataset, signed_in

SCALE = 12.0
DRAWN = {"ferrite": "equiaxed-ferrite", "pearlite": "pearlite"}
MISLABELLED = "ferrite-5.png"
PATIENCE = 180_000
TRAINING = "/datasets/corrected/training/"

pytestmark = [pytest.mark.flow, pytest.mark.slow]


@pytest.fixture(scope="module")
def person(browser: Browser, site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """Ada, with a version that was trained on a wrong label."""
    folder = tmp_path_factory.mktemp("corrected")
    lines = ["filename,label,pixels_per_micrometre,specimen,split"]
    for label, material in DRAWN.items():
        for seed in range(8):
            name = f"{label}-{seed}.png"
            pixels = draw_micrograph(
                material, pixels_per_micrometre=SCALE, seed=seed, specimen=seed, width=320, height=240
            )
            Image.fromarray(pixels).save(folder / name)
            given = "pearlite" if name == MISLABELLED else label
            lines.append(f"{name},{given},{SCALE},{name},train")
    (folder / "micrographs.csv").write_text("\n".join(lines))
    with signed_in(browser, site) as page:
        make_dataset(page, "Corrected")
        for command in (["import_dataset", str(folder), "--name", "Corrected"], ["train", "corrected", "--wait"]):
            made = site.manage(*command)
            assert made.returncode == 0, made.stderr
        yield page


def test_a_cell_of_the_confusion_opens_its_micrographs(person: Page):
    person.goto(f"{TRAINING}1/")
    cell = person.locator('a[href*="label=pearlite&predicted=ferrite"]')
    expect(cell).to_have_text("1")
    cell.click()
    expect(person.locator("[data-tile]")).to_have_count(1)
    expect(person.locator("[data-tile]")).to_contain_text(MISLABELLED)


def test_a_key_corrects_the_label(person: Page):
    person.locator("[data-tile] a").focus()
    person.keyboard.press("1")
    expect(person.locator("[data-label-status]")).to_contain_text("ferrite")
    expect(person.locator("[data-tile] [data-answer-text]")).to_have_text("ferrite")


def test_the_version_says_that_a_label_was_changed_and_shows_it(person: Page):
    person.goto(f"{TRAINING}1/")
    person.get_by_role("link", name="1 label was changed").click()
    expect(person.locator("[data-tile]")).to_contain_text(MISLABELLED)
    person.get_by_role("link", name="Train with these labels").click()
    person.get_by_role("button", name="Train", exact=True).click()
    person.wait_for_url(f"**{TRAINING}2/")
    expect(person.get_by_role("heading", name="Predictions for the held-out micrographs")).to_be_visible(
        timeout=PATIENCE
    )


def test_the_two_versions_are_compared(person: Page):
    person.goto(TRAINING)
    person.get_by_role("button", name="Compare").click()
    person.wait_for_url(re.compile(r"/training/compare/\?"))
    expect(person.locator("main")).to_contain_text("what changed")
    expect(person.locator("main")).to_contain_text("15")


def test_the_version_leaves_as_a_zip_and_comes_back(person: Page, tmp_path: Path):
    person.goto(f"{TRAINING}2/")
    with person.expect_download() as download:
        person.get_by_role("link", name="Export as zip").click()
    path = tmp_path / "model.zip"
    download.value.save_as(path)
    person.goto(TRAINING)
    person.get_by_text("Import a version").click()
    person.set_input_files("#import-file", path)
    person.get_by_role("button", name="Import", exact=True).click()
    expect(person.locator("#imports").get_by_role("link", name="Version 3")).to_be_visible(timeout=PATIENCE)


def test_the_learning_curve_is_measured_and_shown(person: Page):
    person.goto(f"{TRAINING}2/")
    person.get_by_role("button", name="Measure the learning curve").click()
    expect(person.locator("#learning-curve")).to_contain_text("Without about half of one class", timeout=PATIENCE)


def test_the_model_card_has_the_numbers_and_a_pdf(person: Page):
    person.goto(f"{TRAINING}2/")
    person.get_by_role("link", name="Model card").click()
    expect(person.get_by_role("heading", name="Intended use")).to_be_visible()
    with person.expect_download() as download:
        person.get_by_role("link", name="Download as PDF").click()
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF")
