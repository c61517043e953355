"""Artifacts of version 1, stored by the program of that time, answer as they did then."""

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from safetensors.torch import load_file, save

from classifier import Classifier
from classifier.artifact import _digest
from classifier.pretrained.encoder import Encoder
from tests.classifier.conftest import dots, stripes

STORED = Path(__file__).parent / "artifacts_version_1"


def with_encoder(stored: Path, folder: Path) -> Path:
    """The stored artifact together with the encoder's weights, which come with a package and are not stored."""
    shutil.copytree(stored, folder)
    encoder = Encoder()
    encoder.load_weights()
    tensors = load_file(stored / "weights_without_encoder.safetensors")
    tensors |= {f"network.encoder.{name}": value.contiguous() for name, value in encoder.state_dict().items()}
    weights = save(tensors)
    (folder / "weights.safetensors").write_bytes(weights)
    description = json.loads((folder / "model.json").read_text())
    description["weights_sha256"] = hashlib.sha256(weights).hexdigest()
    del description["sha256"]
    description["sha256"] = _digest(description)
    (folder / "model.json").write_text(json.dumps(description))
    return folder


@pytest.fixture(params=["paper", "pretrained"])
def artifact(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    stored = STORED / request.param
    return with_encoder(stored, tmp_path / "model") if request.param == "pretrained" else stored


def test_it_gives_the_verdicts_of_its_time(artifact):
    classifier = Classifier.load(artifact, device="cpu")
    rng = np.random.default_rng(5)
    for draw, answer in zip((stripes, dots), json.loads((artifact / "answers.json").read_text()), strict=True):
        verdict = classifier.score(draw(rng), 10.0, seed=2)
        assert verdict.predicted == answer["predicted"]
        assert verdict.none_of_these == pytest.approx(answer["none_of_these"], abs=1e-3)
        assert verdict.probabilities == pytest.approx(answer["probabilities"], abs=1e-3)


def test_saved_again_it_is_of_todays_version(artifact, tmp_path):
    Classifier.load(artifact, device="cpu").save(tmp_path / "again")
    assert json.loads((artifact / "model.json").read_text())["version"] == 1
    assert json.loads((tmp_path / "again" / "model.json").read_text())["version"] == 3
    image = dots(np.random.default_rng(6))
    before, after = (Classifier.load(folder, device="cpu") for folder in (artifact, tmp_path / "again"))
    assert after.score(image, 10.0).probabilities == before.score(image, 10.0).probabilities
