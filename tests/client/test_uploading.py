"""Uploading with the client: labels from the manifest or the folders, and only what the dataset lacks."""

from pathlib import Path

import pytest

from microdb.micrographs.models import Dataset, Micrograph
from tests.client.conftest import Run
from tests.client.proxy import Proxy
from tests.trained import drawn_png

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def classes(tmp_path: Path) -> Path:
    """A folder with a subfolder for each class."""
    for label in ("ferrite", "pearlite"):
        (tmp_path / "steel" / label).mkdir(parents=True)
        for seed in range(2):
            (tmp_path / "steel" / label / f"{label}-{seed}.png").write_bytes(drawn_png(label, seed))
    return tmp_path / "steel"


def labels() -> dict[str, str]:
    found = Micrograph.objects.select_related("material_class")
    return {one.filename: one.material_class.name if one.material_class else "" for one in found}


def test_subfolders_are_labels_and_again_nothing_is_sent(
    signed_in_client: Proxy, dataset: Dataset, classes: Path, run: Run
):
    code, _printed, told = run("upload", "steels", classes)
    assert (code, "4 sent, 0 there already, 0 refused" in told) == (0, True), told
    assert labels() == {f"{label}-{seed}.png": label for label in ("ferrite", "pearlite") for seed in range(2)}
    code, _printed, told = run("upload", "steels", classes)
    assert (code, "0 sent, 4 there already" in told) == (0, True)
    assert signed_in_client.posts("/micrographs/") == 4


def test_a_manifest_says_label_scale_specimen_and_split(
    signed_in_client: Proxy, dataset: Dataset, tmp_path: Path, run: Run
):
    (tmp_path / "a.png").write_bytes(drawn_png("ferrite", 1))
    manifest = tmp_path / "m.csv"
    manifest.write_text("filename;label;pixels_per_micrometre;specimen;split\na.png;ferrite;12,5;S1;train\n")
    assert run("upload", "steels", tmp_path, "--manifest", manifest)[0] == 0
    micrograph = Micrograph.objects.get()
    stored = (micrograph.pixels_per_micrometre, micrograph.specimen, micrograph.split)
    assert stored == (12.5, "S1", "train")


def test_rows_that_are_wrong_are_named_and_the_others_go_up(
    signed_in_client: Proxy, dataset: Dataset, tmp_path: Path, run: Run
):
    (tmp_path / "a.png").write_bytes(drawn_png("ferrite", 1))
    (tmp_path / "b.png").write_bytes(b"no image")
    (tmp_path / "c.png").write_bytes(drawn_png("ferrite", 2))
    lines = ["filename,pixels_per_micrometre", "a.png,10", "b.png,10", "c.png,0", "d.png,10"]
    (tmp_path / "micrographs.csv").write_text("\n".join(lines))
    code, _printed, told = run("upload", "steels", tmp_path)
    assert (code, "1 sent, 0 there already, 3 refused" in told) == (1, True), told
    for name in ("b.png: ", "c.png: pixels_per_micrometre must be", "d.png: "):
        assert name in told


def test_a_class_that_the_dataset_lacks_is_made_only_on_request(
    signed_in_client: Proxy, dataset: Dataset, classes: Path, run: Run
):
    (classes / "pearlite").rename(classes / "bainite")
    code, _printed, told = run("upload", "steels", classes)
    assert (code, "has no class bainite; it has ferrite, pearlite" in told.replace("\n", " ")) == (1, True)
    assert not Micrograph.objects.exists()
    assert run("upload", "steels", classes, "--add-classes")[0] == 0
    assert set(labels().values()) == {"ferrite", "bainite"}
    assert [one.name for one in dataset.material_classes.all()] == ["ferrite", "pearlite", "bainite"]


def test_a_lost_answer_stores_nothing_twice(signed_in_client: Proxy, dataset: Dataset, classes: Path, run: Run):
    signed_in_client.only, signed_in_client.cut = "/micrographs/ HTTP", 2
    code, _printed, told = run("upload", "steels", classes)
    assert (code, "4 sent" in told) == (0, True), told
    assert Micrograph.objects.count() == 4
