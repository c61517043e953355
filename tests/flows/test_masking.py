"""A label in the picture, in a real browser: masked by a drag, shown, and left out of the score's map."""

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from classifier import draw_micrograph
from tests.flows.conftest import Site, make_dataset, signed_in

SCALE = 12.0
DRAWN = {"ferrite": "equiaxed-ferrite", "pearlite": "pearlite"}
PATIENCE = 120_000

pytestmark = [pytest.mark.flow, pytest.mark.slow]


def draw(material: str, seed: int) -> Image.Image:
    pixels = draw_micrograph(
        DRAWN[material], pixels_per_micrometre=SCALE, seed=seed, specimen=seed, width=320, height=240
    )
    return Image.fromarray(pixels)


@pytest.fixture(scope="module")
def person(browser: Browser, site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """Ada, with a trained dataset and one more micrograph in it."""
    folder = tmp_path_factory.mktemp("masked")
    lines = ["filename,label,pixels_per_micrometre,specimen,split"]
    for material in DRAWN:
        for seed in range(4):
            name = f"{material}-{seed}.png"
            draw(material, seed).save(folder / name)
            lines.append(f"{name},{material},{SCALE},{name},train")
    draw("pearlite", 9).save(folder / "shown.png")
    lines.append(f"shown.png,,{SCALE},new,")
    (folder / "micrographs.csv").write_text("\n".join(lines))
    with signed_in(browser, site) as page:
        make_dataset(page, "Masked")
        for command in (["import_dataset", str(folder), "--name", "Masked"], ["train", "masked", "--wait"]):
            made = site.manage(*command)
            assert made.returncode == 0, made.stderr
        page.goto("/datasets/masked/?search=shown")
        page.get_by_role("link", name="shown.png").first.click()
        yield page


def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    """From one place of the 320 × 240 pixels to another."""
    box = page.locator(".viewer-stage img").bounding_box()
    assert box
    zoom = min(box["width"] / 320, box["height"] / 240)
    left, top = box["x"] + (box["width"] - 320 * zoom) / 2, box["y"] + (box["height"] - 240 * zoom) / 2
    page.mouse.move(left + start[0] * zoom, top + start[1] * zoom)
    page.mouse.down()
    page.mouse.move(left + end[0] * zoom, top + end[1] * zoom, steps=5)
    page.mouse.up()


def test_a_drag_over_the_image_masks_a_rectangle_which_is_hatched_until_one_hides_it(person: Page):
    person.get_by_role("button", name="Draw").click()
    drag(person, (10, 190), (130, 230))
    values = [int(person.input_value(f"#id_masked_{name}")) for name in ("x", "y", "width", "height")]
    assert values == pytest.approx([10, 190, 120, 40], abs=2)
    assert (
        person.locator(".viewer-stage").evaluate("(stage) => stage.style.transform").startswith("translate(0px, 0px)")
    )
    person.get_by_role("button", name="Mask", exact=True).click()
    expect(person.locator(".masked-list li")).to_have_count(1)
    expect(person.locator("rect.masked")).to_be_visible()
    person.get_by_role("checkbox", name="Masked rectangles").uncheck()
    expect(person.locator("rect.masked")).to_be_hidden()


def test_a_second_one_is_typed_and_removed_and_the_history_brings_it_back(person: Page):
    for name, value in {"x": 250, "y": 5, "width": 60, "height": 30}.items():
        person.fill(f"#id_masked_{name}", str(value))
    person.keyboard.press("Enter")
    expect(person.locator(".masked-list li")).to_have_count(2)
    person.locator(".masked-list li", has_text="60 × 30 px at 250, 5").get_by_role("button", name="Remove").click()
    expect(person.locator(".masked-list li")).to_have_count(1)
    person.get_by_role("button", name="Put masked rectangles back to").first.click()
    expect(person.locator(".masked-list li")).to_have_count(2)


def test_the_map_of_a_score_is_clear_where_the_picture_is_masked(person: Page):
    person.get_by_role("link", name="Scores", exact=True).last.click()
    person.get_by_role("button", name="Score").click()
    expect(person.locator(".verdict")).to_be_visible(timeout=PATIENCE)
    expect(person.locator(".facts")).to_contain_text("Masked rectangles")
    answer = person.request.get(f"{person.url}saliency/")
    opacity = np.asarray(Image.open(io.BytesIO(answer.body())).resize((320, 240)))[..., 3]
    assert opacity[200:220, 25:115].max() == 0
    assert opacity[10:30, 255:305].max() == 0
    assert opacity[:180, :240].min() > 0


def test_a_box_in_a_picture_is_found_when_it_is_uploaded(person: Page, tmp_path: Path):
    pixels = np.array(draw("ferrite", 20))
    pixels[210:, :90] = 255
    pixels[218:232, 10:70:6] = 0
    path = tmp_path / "boxed.png"
    Image.fromarray(pixels).save(path)
    person.goto("/datasets/masked/upload/")
    person.set_input_files("#id_file", path)
    person.click("#plan-send")
    expect(person.locator(".upload-row[data-state=needs_scale], .upload-row[data-state=ready]")).to_have_count(
        1, timeout=PATIENCE
    )
    person.goto("/datasets/masked/?search=boxed")
    person.get_by_role("link", name="boxed.png").first.click()
    expect(person.locator(".masked-list")).to_contain_text("found by MicroDB")
