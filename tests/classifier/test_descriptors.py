"""The descriptor of a micrograph, by which similar ones are found."""

from dataclasses import replace

import numpy as np
import pytest

from classifier import Classifier, ClassifierError, Config, Sample
from tests.classifier.conftest import textures

QUICK = Config().changed(
    crops={"size": 64, "smallest": 0.5},
    pretrained={"augmented_crops": 2, "background": 16, "ensemble_size": 1},
    triplets={"steps": 5},
    scoring={"crops_per_image": 32},
)


@pytest.fixture(scope="module")
def pretrained() -> Classifier:
    return Classifier(QUICK, seed=1).fit(textures(6))


@pytest.fixture(params=["paper", "pretrained"])
def classifier(request, trained: Classifier, pretrained: Classifier) -> Classifier:
    return {"paper": trained, "pretrained": pretrained}[request.param]


def test_a_verdict_comes_with_the_descriptor_that_a_description_gives(classifier: Classifier):
    samples = textures(2, seed=9)
    described = classifier.describe(samples)
    for sample, vector in zip(samples, described, strict=True):
        verdict = classifier.score(sample.pixels(), sample.pixels_per_micrometre)
        np.testing.assert_allclose(verdict.descriptor, vector, rtol=1e-4, atol=1e-5)
        assert vector.dtype == np.float32


def test_what_cannot_be_described_holds_up_no_others(classifier: Classifier):
    good = textures(1, seed=9)[0]
    flat = Sample(np.zeros((80, 96), np.uint8), None, 10.0)
    first, second, third = classifier.describe([flat, good, replace(good, pixels_per_micrometre=None)])
    assert isinstance(first, ClassifierError)
    assert isinstance(third, ClassifierError)
    np.testing.assert_allclose(second, classifier.describe([good])[0], rtol=1e-4, atol=1e-5)


def test_the_nearest_ones_look_alike(classifier: Classifier):
    known, asked = textures(6), textures(3, seed=9)
    places = np.array(classifier.describe(known))
    for sample, vector in zip(asked, classifier.describe(asked), strict=True):
        nearest = np.linalg.norm(places - vector, axis=1).argsort()[:3]
        assert {known[index].label for index in nearest} == {sample.label}


def test_labels_have_no_part_in_the_descriptors_of_the_recipe_pretrained(pretrained: Classifier):
    """So a micrograph with a wrong label stands beside those that look like it."""
    samples = textures(6)
    wrong = [replace(one, label=samples[-1 - index].label) for index, one in enumerate(samples)]
    other = Classifier(QUICK, seed=1).fit(wrong)
    np.testing.assert_allclose(np.array(other.describe(samples)), np.array(pretrained.describe(samples)), atol=1e-3)
