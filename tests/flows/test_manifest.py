"""Manifests and large drops in a real browser: read by the server, applied to stored files, and undone."""

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.flows.conftest import Site, make_dataset, signed_in

pytestmark = pytest.mark.flow
PATIENCE = 180_000
PAIRS = 300
"""TIFFs with a sidecar each; before sidecars travelled alone, a few hundred were too much for one request."""


def picture(seed: int, kind: str = "PNG") -> bytes:
    pixels = np.random.default_rng(seed).integers(0, 256, (48, 64), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind)
    return file.getvalue()


@pytest.fixture(scope="module")
def person(browser: Browser, site: Site) -> Iterator[Page]:
    with signed_in(browser, site) as page:
        make_dataset(page, "Listed")
        yield page


def rows(page: Page, state: str):
    return page.locator(f".upload-row[data-state={state}]")


@pytest.mark.slow
def test_a_drop_of_hundreds_of_pairs_is_planned_and_sent(person: Page, tmp_path: Path):
    folder = tmp_path / "scans"
    folder.mkdir()
    for seed in range(PAIRS):
        (folder / f"{seed:04}.tif").write_bytes(picture(seed, "TIFF"))
        text = f"[SemImageFile]\r\nPixelSize=25\r\nNote={'x' * 15_000}\r\n"
        (folder / f"{seed:04}.txt").write_text(text)
    person.set_input_files("#folder", folder)
    person.click("#plan-send")
    expect(person.locator("#upload-summary")).to_contain_text(f"{PAIRS} of {PAIRS} ready", timeout=PATIENCE)
    expect(person.locator(".upload-row").first).to_contain_text("Ready: 40 px/µm")


def test_a_manifest_of_excel_over_one_megabyte_updates_files_that_are_stored(person: Page, tmp_path: Path):
    (tmp_path / "a.png").write_bytes(picture(9001))
    person.goto("/datasets/listed/upload/")
    person.set_input_files("#id_file", tmp_path / "a.png")
    person.click("#plan-send")
    expect(rows(person, "needs_scale")).to_have_count(1, timeout=PATIENCE)
    lines = "".join(f"files/of another session/{number:06}.png;;;\r\n" for number in range(100_000))
    text = f"Filename;Pixels_per_micrometre;Specimen;Split\r\n{lines}a.png;10,3;S1;train\r\n"
    (tmp_path / "micrographs.csv").write_text(text)
    person.goto("/datasets/listed/upload/")
    person.set_input_files("#id_file", [tmp_path / "a.png", tmp_path / "micrographs.csv"])
    expect(person.locator("#plan-notes")).to_have_text(
        "micrographs.csv was read as semicolon-separated, decimal comma.", timeout=PATIENCE
    )
    expect(person.locator("#plan-missing")).to_contain_text("100000 files that were not dropped")
    offer = person.locator(".upload-update")
    expect(offer).to_contain_text("update: scale none → 10.3, specimen none → S1, split none → train")
    expect(offer.locator("input")).to_be_checked()
    person.click("#plan-send")
    expect(rows(person, "there")).to_contain_text("Updated: scale none → 10.3")
    person.goto("/datasets/listed/?search=a.png")
    person.locator(".tiles a").first.click()
    expect(person.locator(".facts")).to_contain_text("10.3")


def test_a_manifest_in_an_old_encoding_is_answered_with_what_to_do(person: Page, tmp_path: Path):
    (tmp_path / "b.png").write_bytes(picture(9002))
    (tmp_path / "micrographs.csv").write_bytes("filename,label\nb.png,Gefüge\n".encode("cp1252"))
    page = person.context.new_page()  # its console may report the answer 400
    page.goto("/datasets/listed/upload/")
    page.set_input_files("#id_file", [tmp_path / "b.png", tmp_path / "micrographs.csv"])
    expect(page.locator("#upload-error")).to_contain_text("Save it as “CSV UTF-8”")
    expect(page.locator(".upload-row")).to_have_count(0)
    page.close()


def test_a_csv_is_applied_in_the_gallery_and_undone(person: Page, tmp_path: Path):
    (tmp_path / "labels.csv").write_text("filename,label\na.png,pearlite\n")
    person.goto("/datasets/listed/")
    person.get_by_role("link", name="Apply a CSV").click()
    person.set_input_files("#manifest", tmp_path / "labels.csv")
    person.get_by_role("button", name="Show the changes").click()
    expect(person.locator("#manifest-updates")).to_contain_text("label none → pearlite")
    person.get_by_role("button", name="Make these changes").click()
    expect(person.get_by_text("The CSV changed 1 micrograph.")).to_be_visible()
    person.get_by_role("button", name="Undo").click()
    expect(person.get_by_text("1 micrograph is as before.")).to_be_visible()
