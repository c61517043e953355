"""A model is read from a zip as from a folder."""

import zipfile
from pathlib import Path

import pytest

from classifier import Classifier, ClassifierError
from classifier import artifact as module
from tests.classifier.conftest import TINY, textures


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("model")
    Classifier(TINY.changed(triplets={"steps": 3}), seed=1).fit(textures(4)).save(path)
    return path


def packed(folder: Path, target: Path, leave_out: str = "") -> Path:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("manifest.json", "{}")
        for path in folder.iterdir():
            if path.name != leave_out:
                archive.write(path, path.name)
    return target


def test_the_same_model_comes_from_folder_and_zip(folder: Path, tmp_path: Path):
    one, other = Classifier.load(folder), Classifier.load(packed(folder, tmp_path / "model.zip"))
    image = textures(1)[0].pixels()
    assert one.score(image, 10.0).probabilities == other.score(image, 10.0).probabilities
    assert one.metrics_["device"] == other.metrics_["device"]
    assert len(one.metrics_["code"]) == 12


@pytest.mark.parametrize("missing", [module.DESCRIPTION, module.WEIGHTS])
def test_a_zip_without_one_of_the_files_is_refused(missing: str, folder: Path, tmp_path: Path):
    with pytest.raises(ClassifierError, match=missing):
        Classifier.load(packed(folder, tmp_path / "model.zip", missing))


def test_a_cut_off_or_foreign_file_is_refused(folder: Path, tmp_path: Path):
    path = packed(folder, tmp_path / "model.zip")
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(ClassifierError, match="There is no model in"):
        Classifier.load(path)


def test_a_file_too_large_for_the_memory_is_not_unpacked(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = packed(folder, tmp_path / "model.zip")
    monkeypatch.setattr(module, "MOST_BYTES", 10)
    with pytest.raises(ClassifierError, match="There is no model in"):
        Classifier.load(path)
