"""A zip of mixed files in a real browser: planned, sent, and dropped again after a break."""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from classifier import draw_micrograph
from tests.flows.conftest import Site, make_dataset, signed_in

pytestmark = pytest.mark.flow
PATIENCE = 120_000


def picture(seed: int) -> bytes:
    pixels = np.random.default_rng(seed).integers(0, 256, (60, 80), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two known classes, a new one, a sidecar, and four ways to go wrong."""
    path = tmp_path_factory.mktemp("zip") / "mine.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mine/ferrite/a.png", picture(1))
        archive.writestr("mine/ferrite/a.txt", "[SemImageFile]\r\nPixelSize=25\r\n".encode("utf-16"))
        archive.writestr("mine/pearlite/b.png", picture(2))
        archive.writestr("mine/granite/c.png", picture(3))
        archive.writestr("mine/ferrite/again.png", picture(1))
        archive.writestr("mine/ferrite/cut.png", picture(4)[:900])
        archive.writestr("mine/inner.zip", b"PK")
        archive.writestr("mine/../evil.png", picture(5))
    return path


@pytest.fixture(scope="module")
def person(browser: Browser, site: Site) -> Iterator[Page]:
    with signed_in(browser, site) as page:
        make_dataset(page, "Zipped")
        yield page


def row(page: Page, name: str):
    return page.locator(".upload-row").filter(has=page.locator(".upload-name", has_text=name))


def test_a_zip_is_planned_before_anything_is_sent(person: Page, packed: Path):
    person.set_input_files("#id_file", packed)
    expect(person.locator("#upload-plan")).to_be_visible()
    expect(person.locator("#plan-class-names")).to_have_text("granite")
    expect(row(person, "ferrite/a.png")).to_contain_text("from a.txt")
    expect(row(person, "ferrite/a.png").locator("[data-column=label]")).to_have_text("ferrite")
    expect(row(person, "inner.zip")).to_contain_text("A zip inside a zip is not opened")
    expect(row(person, "evil.png")).to_contain_text("points outside the zip")


def test_a_second_drop_joins_one_that_waits_to_be_agreed_to(person: Page, tmp_path: Path, packed: Path):
    (tmp_path / "beside.png").write_bytes(picture(50))
    person.set_input_files("#id_file", tmp_path / "beside.png")
    expect(person.locator("#plan-summary")).to_contain_text("6 files are ready to be sent")
    person.click("#plan-cancel")
    expect(person.locator(".upload-row")).to_have_count(0)
    person.set_input_files("#id_file", packed)
    expect(person.locator("#plan-summary")).to_contain_text("5 files are ready to be sent")


def test_what_is_sound_is_sent_and_the_rest_refused_beside_its_name(person: Page):
    person.click("#plan-send")
    ready = person.locator(".upload-row[data-state=ready]")
    expect(ready).to_have_count(1, timeout=PATIENCE)
    expect(row(person, "ferrite/a.png")).to_contain_text("Ready: 40 px/µm")
    expect(person.locator(".upload-row[data-state=needs_scale]")).to_have_count(2, timeout=PATIENCE)
    expect(row(person, "again.png")).to_contain_text("The same file as mine/ferrite/a.png")
    expect(row(person, "cut.png")).to_contain_text("cut short or damaged", timeout=PATIENCE)
    person.goto("/datasets/zipped/?label=granite")
    expect(person.get_by_text("1 micrograph match")).to_be_visible()


def test_after_a_reload_only_what_is_missing_is_sent(person: Page, packed: Path):
    person.goto("/datasets/zipped/upload/")
    person.set_input_files("#id_file", packed)
    person.click("#plan-send")
    expect(person.locator(".upload-row[data-state=there]")).to_have_count(4, timeout=PATIENCE)
    expect(person.locator(".upload-row[data-state=refused]")).to_have_count(3, timeout=PATIENCE)


def test_loose_files_are_planned_with_pictures_and_some_of_them_get_values_of_their_own(person: Page, tmp_path: Path):
    for name in ("first", "second", "third"):
        (tmp_path / f"{name}.png").write_bytes(picture(sum(name.encode())))
    person.goto("/datasets/zipped/upload/")
    person.set_input_files("#id_file", sorted(tmp_path.glob("*.png")))
    expect(person.locator(".upload-row canvas")).to_have_count(3)
    expect(row(person, "first")).to_contain_text("read after upload")
    person.fill("#id_pixels_per_micrometre", "8")
    person.select_option("#id_label", "ferrite")
    expect(row(person, "third")).to_contain_text("8 px/µm")
    person.get_by_label("Select second.png").focus()
    person.keyboard.press("Space")
    expect(person.locator("#plan-whose")).to_have_text("For the 1 selected file")
    person.select_option("#id_label", "pearlite")
    person.fill("#id_specimen", "S2")
    expect(row(person, "first").locator("[data-column=label]")).to_have_text("ferrite")
    expect(row(person, "second").locator("[data-column=label]")).to_have_text("pearlite")
    person.get_by_role("button", name="Send 3 files").click()
    expect(person.locator(".upload-row[data-state=ready]")).to_have_count(3, timeout=PATIENCE)
    person.goto("/datasets/zipped/?label=pearlite&search=second")
    expect(person.get_by_text("1 micrograph match")).to_be_visible()
    person.goto("/datasets/zipped/?label=ferrite&search=third")
    expect(person.get_by_text("1 micrograph match")).to_be_visible()


def test_of_thousands_of_files_only_those_in_view_are_in_the_page(person: Page, tmp_path: Path):
    content = picture(77)
    for number in range(2000):
        (tmp_path / f"{number:04}.png").write_bytes(content + bytes([number % 256, number // 256]))
    person.goto("/datasets/zipped/upload/")
    person.set_input_files("#folder", tmp_path)
    expect(person.locator("#plan-summary")).to_contain_text("2000 files are ready", timeout=PATIENCE)
    assert person.locator(".upload-row").count() < 80
    person.evaluate("scrollTo(0, document.body.scrollHeight)")
    expect(row(person, "1999.png")).to_be_visible()
    assert person.locator(".upload-row").count() < 80
    row(person, "1999.png").get_by_role("checkbox").check()
    expect(person.locator("#plan-whose")).to_have_text("For the 1 selected file")
    person.click("#plan-cancel")
    expect(person.locator(".upload-row")).to_have_count(0)


def test_while_the_connection_is_lost_files_wait_and_go_on_by_themselves(person: Page, tmp_path: Path):
    names = [tmp_path / f"{seed}.png" for seed in (11, 12, 13, 14, 15)]
    for seed, path in enumerate(names):
        path.write_bytes(picture(100 + seed))
    context = person.context.browser.new_context(base_url=person.url.split("/datasets")[0])
    context.add_cookies(person.context.cookies())
    page = context.new_page()
    page.goto("/datasets/zipped/upload/")
    page.route(
        "**/upload/",
        lambda route: route.abort("connectionrefused") if route.request.method == "POST" else route.continue_(),
    )
    page.set_input_files("#id_file", names)
    page.click("#plan-send")
    expect(page.locator(".upload-row[data-state=waiting]").first).to_contain_text("goes on by itself")
    expect(page.locator(".upload-row[data-state=failed]")).to_have_count(0)
    page.unroute("**/upload/")
    expect(page.locator(".upload-row[data-state=needs_scale]")).to_have_count(5, timeout=PATIENCE)
    context.close()


def test_a_micron_bar_in_the_data_bar_is_measured_by_clicks_and_the_edge_moved_by_keys(person: Page, tmp_path: Path):
    drawn = draw_micrograph("martensite", pixels_per_micrometre=12, seed=7, data_bar=True)
    Image.fromarray(drawn).save(tmp_path / "bar.png")
    person.goto("/datasets/zipped/upload/")
    person.set_input_files("#id_file", tmp_path / "bar.png")
    person.click("#plan-send")
    expect(person.locator(".upload-row[data-state=needs_scale]")).to_have_count(1, timeout=PATIENCE)
    person.get_by_role("link", name="Measure the bar").click()
    expect(person.locator("[name=bar_pixels]")).to_have_value("120.0")
    person.click("#measure")
    image = person.locator(".viewer-stage img")
    box = image.bounding_box()
    assert box
    zoom = min(box["width"] / 640, box["height"] / 480)
    for share in (0.2, 0.4):
        image.click(position={"x": box["width"] * share, "y": box["height"] * 0.97}, force=True)
    expect(person.locator("#measure")).to_have_attribute("aria-pressed", "false")
    assert float(person.input_value("[name=bar_pixels]")) == pytest.approx(0.2 * box["width"] / zoom, abs=2)
    person.fill("[name=bar_length]", "16")
    person.locator("#micron-bar-form").get_by_role("button", name="Set scale").click()
    expect(person.locator(".facts")).to_contain_text("its micron bar")
    row = int(person.input_value("[name=data_bar_top]"))
    person.get_by_role("slider", name="First row of the data bar").press("ArrowUp")
    person.get_by_role("button", name="Set the edge").click()
    expect(person.locator("#data-bar")).to_contain_text(f"The data bar begins at row {row - 1}")


def test_a_sidecar_that_comes_later_is_offered_applied_and_undone(person: Page, tmp_path: Path):
    """The picture b.png is stored without a scale."""
    (tmp_path / "b.txt").write_bytes(b"[SemImageFile]\r\nPixelSize=25\r\n")
    (tmp_path / "other.txt").write_bytes(b"notes")
    person.goto("/datasets/zipped/upload/")
    person.set_input_files("#id_file", [tmp_path / "b.txt", tmp_path / "other.txt"])
    late = row(person, "b.txt")
    expect(late).to_contain_text("update: scale none → 40 (b.txt: Hitachi PixelSize = 25 nm)", timeout=PATIENCE)
    expect(person.locator("#plan-notes")).to_contain_text("1 text file belongs neither to an image of this drop")
    person.click("#plan-send")
    expect(late).to_contain_text("Ready: 40 px/µm", timeout=PATIENCE)
    expect(person.locator("#update-undo")).to_be_visible()
    person.click("text=See them in the gallery")
    notice = person.locator(".notice", has_text="The drop changed 1 stored micrograph.")
    notice.get_by_role("button", name="Undo").click()
    expect(person.locator(".notice", has_text="The drop changed")).to_have_count(0)
