"""From verdicts back to labels in a real browser: label issues by keys, and a scored selection that is relabelled."""

from collections.abc import Iterator

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from classifier import draw_micrograph
from tests.flows.conftest import Site, make_dataset, signed_in

SCALE = 12.0
DRAWN = {"ferrite": "equiaxed-ferrite", "pearlite": "pearlite"}
WRONG = 2
"""Micrographs of pearlite that are labelled ferrite."""
PATIENCE = 120_000

pytestmark = [pytest.mark.flow, pytest.mark.slow]


@pytest.fixture(scope="module")
def person(browser: Browser, site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """Ada, with a version trained on eight micrographs of each class and two wrong labels."""
    folder = tmp_path_factory.mktemp("verdicts")
    lines = ["filename,label,pixels_per_micrometre,specimen,split"]
    for material, drawn in DRAWN.items():
        for seed in range(8 + (WRONG if material == "pearlite" else 0)):
            name, label = f"{material}-{seed}.png", "ferrite" if seed >= 8 else material
            pixels = draw_micrograph(
                drawn, pixels_per_micrometre=SCALE, seed=seed, specimen=seed, width=260, height=220
            )
            Image.fromarray(pixels).save(folder / name)
            lines.append(f"{name},{label},{SCALE},{name},train")
    (folder / "micrographs.csv").write_text("\n".join(lines))
    with signed_in(browser, site) as page:
        make_dataset(page, "Verdicts")
        for command in (["import_dataset", str(folder), "--name", "Verdicts"], ["train", "verdicts", "--wait"]):
            made = site.manage(*command)
            assert made.returncode == 0, made.stderr
        yield page


def test_a_wrong_label_is_kept_and_the_decision_undone_by_keys(person: Page):
    person.goto("/datasets/verdicts/suspects/")
    person.get_by_role("link", name="by keys").click()
    total = int(person.locator("#labelling-total").inner_text())
    assert total >= 1
    expect(person.locator("#labelling-evidence")).to_contain_text("Version 1 predicts")
    first = person.locator("#labelling-name").inner_text()
    person.keyboard.press("y")
    expect(person.locator("#labelling-status")).to_contain_text("Kept")
    expect(person.locator("#labelling-done")).to_have_text("1")
    person.keyboard.press("u")
    expect(person.locator("#labelling-status")).to_contain_text("Undone")
    expect(person.locator("#labelling-done")).to_have_text("0")
    expect(person.locator("#labelling-name")).to_have_text(first)
    person.keyboard.press("x")
    expect(person.locator("#labelling-status")).to_contain_text("Saved")
    person.goto("/datasets/verdicts/?label=unsure")
    expect(person.get_by_role("link", name=first)).to_be_visible()


def test_a_selection_of_the_gallery_is_scored_and_a_prediction_becomes_a_label(person: Page):
    person.goto("/datasets/verdicts/?label=unsure")
    person.locator("[data-tile] input[type=checkbox]").check()
    person.get_by_role("button", name="Score", exact=True).click()
    expect(person.get_by_text("1 of 1 scored")).to_be_visible(timeout=PATIENCE)
    person.locator("[data-tile] input[type=checkbox]").check()
    person.get_by_role("button", name="Use the predictions as labels").click()
    expect(person.get_by_text("1 label was changed.")).to_be_visible()
    person.get_by_role("button", name="Undo").click()
    expect(person.get_by_text("1 micrograph is as before.")).to_be_visible()


def test_the_gallery_opens_its_facet_of_predictions(person: Page):
    person.goto("/datasets/verdicts/")
    person.locator("summary", has_text="Prediction").first.click()
    person.get_by_role("link", name="not scored").click()
    expect(person.get_by_text("17 micrographs")).to_be_visible()
