"""The descriptor map in a real browser: from a crop to its micrograph, and from a lasso to the gallery."""

import math
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.flows.conftest import Site, signed_in
from tests.flows.test_masking import DRAWN, SCALE, draw

VERSION = "/datasets/mapped/training/1/"
SECTION = "#descriptor-map"

pytestmark = [pytest.mark.flow, pytest.mark.slow]


@pytest.fixture(scope="module")
def person(browser: Browser, site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """Ada, with a trained dataset of her own."""
    folder = tmp_path_factory.mktemp("mapped")
    lines = ["filename,label,pixels_per_micrometre,specimen,split"]
    for material in DRAWN:
        for seed in range(4):
            name = f"{material}-{seed}.png"
            draw(material, seed).save(folder / name)
            lines.append(f"{name},{material},{SCALE},{name},train")
    (folder / "micrographs.csv").write_text("\n".join(lines))
    imported = ["import_dataset", str(folder), "--name", "Mapped", "--owner", "ada"]
    for command in (imported, ["train", "mapped", "--wait"]):
        made = site.manage(*command)
        assert made.returncode == 0, made.stderr
    with signed_in(browser, site) as page:
        yield page


@pytest.fixture
def chart(person: Page) -> Locator:
    """The map, drawn."""
    person.goto(VERSION)
    person.locator(SECTION).scroll_into_view_if_needed()
    expect(person.locator(f"{SECTION} .points path").first).to_be_visible(timeout=TIME_TO_DRAW)
    return person.locator(f"{SECTION} .descriptor-map")


TIME_TO_DRAW = 30_000
"""Milliseconds; Plotly is loaded first."""


def centre(element: Locator) -> tuple[float, float]:
    box = element.bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_plotly_and_the_map_are_loaded_when_the_map_is_seen(person: Page) -> None:
    asked: list[str] = []
    person.on("request", lambda request: asked.append(request.url))
    person.set_viewport_size({"width": 1280, "height": 500})
    person.goto(VERSION)
    person.wait_for_load_state("networkidle")
    assert not [url for url in asked if "plotly.min" in url or url.endswith("/map/")]
    person.locator(SECTION).scroll_into_view_if_needed()
    expect(person.locator(f"{SECTION} .points path").first).to_be_visible(timeout=TIME_TO_DRAW)
    assert [url for url in asked if "plotly.min" in url]
    person.set_viewport_size({"width": 1280, "height": 900})


def test_the_security_policy_refuses_nothing_of_the_map(person: Page) -> None:
    refused: list[str] = []
    person.on("console", lambda message: refused.append(message.text) if message.type == "error" else None)
    person.goto(VERSION)
    person.locator(SECTION).scroll_into_view_if_needed()
    person.mouse.move(*centre(person.locator(f"{SECTION} .points path").first))
    expect(person.locator(f"{SECTION} [data-inset] img")).to_be_visible()
    assert refused == []


def test_a_crop_shows_its_micrograph_and_opens_it(person: Page, chart: Locator) -> None:
    x, y = centre(chart.locator(".point").nth(3))
    person.mouse.move(x, y)
    card = person.locator(f"{SECTION} [data-inset]")
    expect(card.locator("img")).to_be_visible()
    expect(card).to_contain_text(re.compile(r"(ferrite|pearlite)-\d\.png"))
    expect(chart).to_contain_text("crops of this micrograph")
    filename = card.locator("p a").first.inner_text()
    person.mouse.click(x, y)
    person.wait_for_url("**/micrographs/*/")
    expect(person.locator("main")).to_contain_text(filename)


def test_the_keyboard_goes_from_crop_to_crop_chooses_and_opens(person: Page, chart: Locator) -> None:
    chart.focus()
    person.keyboard.press("ArrowRight")
    person.keyboard.press("ArrowLeft")
    person.keyboard.press("Space")
    expect(person.locator("[data-chosen-count]")).to_have_text("1 micrograph chosen")
    person.keyboard.press("Escape")
    expect(person.locator("[data-chosen]")).to_be_hidden()
    person.keyboard.press("Enter")
    person.wait_for_url("**/micrographs/*/")


def test_a_lasso_chooses_micrographs_for_the_gallery(person: Page, chart: Locator) -> None:
    person.get_by_role("button", name="Choose by lasso").click()
    box = chart.locator(".nsewdrag").bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    corners = [(math.cos(turn / 8 * math.tau), math.sin(turn / 8 * math.tau)) for turn in range(9)]
    path = [(x + 0.48 * box["width"] * right, y + 0.48 * box["height"] * up) for right, up in corners]
    person.mouse.move(*path[0])
    person.mouse.down()
    for place in path[1:]:
        person.mouse.move(*place, steps=3)
    person.mouse.up()
    count = person.locator("[data-chosen-count]")
    expect(count).to_contain_text("chosen")
    chosen = int(count.inner_text().split()[0])
    assert 0 < chosen <= 8
    person.get_by_role("link", name="Open in the gallery").click()
    person.wait_for_url("**/datasets/mapped/?among=map*")
    expect(person.locator("[data-tile]")).to_have_count(chosen)
    person.locator("[data-tile] input[type=checkbox]").first.check()  # shows the bar
    person.get_by_role("button", name="Choose this page").click()
    person.select_option("#bulk-label", "pearlite")
    person.locator(".joined", has=person.locator("#bulk-label")).get_by_role("button").click()
    expect(person.locator("[data-tile]")).to_have_count(chosen)
    expect(person.locator(".tile-label", has_text="pearlite")).to_have_count(chosen)


def test_the_slider_previews_a_limit_and_the_tables_lead_back_to_the_map(person: Page, chart: Locator) -> None:
    slider = person.get_by_label("Preview another limit")
    before = person.locator("#limit-consequences").inner_text()
    slider.press("End")
    expect(person.locator("#limit-consequences")).to_contain_text("preview")
    assert person.locator("#limit-consequences").inner_text() != before
    person.get_by_text("The map as tables").click()
    person.get_by_role("button", name=re.compile("on the map")).first.click()
    expect(chart).to_be_focused()
    expect(person.locator(f"{SECTION} [data-inset] img")).to_be_visible()
