"""What the recipe "pretrained" says about materials, scales and pictures that it was not trained on."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from classifier import NONE_OF_THESE, Classifier, ClassifierError, Config, Sample, draw_micrograph, draw_other, evaluate
from classifier.crops.degradation import jpeg, resized
from tests.classifier.conftest import stripes

CONFIG = Config().changed(
    crops={"size": 128, "smallest": 0.8},
    pretrained={"augmented_crops": 2, "background": 32},
    triplets={"steps": 60},
    scoring={"crops_per_image": 16},
)
CLASSES = ("pearlite", "equiaxed-ferrite")


def known(name: str, seed: int, scale: float = 12.0) -> np.ndarray:
    return draw_micrograph(name, pixels_per_micrometre=scale, seed=seed, specimen=seed, width=256, height=192)


def training_samples() -> list[Sample]:
    scales = (8.0, 12.0, 16.0)
    return [
        Sample(known(name, seed, scales[seed % 3]), name, scales[seed % 3], f"{name}-{seed}", f"{name}-{seed}.png")
        for name in CLASSES
        for seed in range(12)
    ]


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return Classifier(CONFIG, seed=1).fit(training_samples())


@pytest.fixture(scope="module")
def with_examples() -> Classifier:
    """Trained with fibres that are labelled none-of-these, one of them without a scale."""
    examples = [
        Sample(fibres(seed), NONE_OF_THESE, 12.0 if seed else None, f"mat-{seed // 2}", f"mat-{seed}.png")
        for seed in range(6)
    ]
    return Classifier(CONFIG, seed=1).fit([*training_samples(), *examples])


def fibres(seed: int) -> np.ndarray:
    return draw_other("fibres", pixels_per_micrometre=12.0, seed=seed, specimen=seed, width=256, height=192)


def test_other_materials_are_none_of_these_and_known_ones_are_not(classifier: Classifier):
    verdicts = [classifier.score(fibres(seed), 12.0) for seed in range(20, 28)]
    assert sum(verdict.predicted == NONE_OF_THESE for verdict in verdicts) >= 7
    fresh = [(name, seed) for name in CLASSES for seed in range(50, 60)]
    rejected = [classifier.score(known(*one), 12.0).predicted == NONE_OF_THESE for one in fresh]
    assert sum(rejected) <= 3


def test_the_nearest_class_is_given_also_for_none_of_these(classifier: Classifier):
    verdict = classifier.score(fibres(30), 12.0)
    assert verdict.nearest in CLASSES
    assert sum(verdict.class_probabilities.values()) == pytest.approx(1)
    assert 0 < min(verdict.class_probabilities.values()) < max(verdict.class_probabilities.values()) < 1


def test_an_unknown_material_ranks_beyond_the_known_ones(classifier: Classifier):
    known_ranks = [classifier.score(known("pearlite", seed), 12.0).outside_rank for seed in range(50, 56)]
    unknown_ranks = [classifier.score(fibres(seed), 12.0).outside_rank for seed in range(50, 56)]
    assert np.median(known_ranks) < 0.9 < np.median(unknown_ranks)


def test_a_jpeg_is_as_known_as_its_original(classifier: Classifier):
    for seed in range(50, 56):
        pixels = known("pearlite", seed)
        original, copy = (classifier.score(image, 12.0) for image in (pixels, jpeg(pixels, 75)))
        assert copy.predicted == original.predicted


def test_micrographs_labelled_none_of_these_join_the_background(with_examples: Classifier):
    assert with_examples.metrics_["none_of_these"] == 6
    assert with_examples.classes_ == tuple(sorted(CLASSES))
    unknown = with_examples.metrics_["operating_point"]["unknown"]
    assert unknown["labelled"]["count"] == 6
    assert all(with_examples.score(fibres(seed), 12.0).predicted == NONE_OF_THESE for seed in range(20, 26))


@pytest.mark.slow
def test_a_cross_validation_trains_every_fold_with_the_examples_and_holds_none_of_them_out():
    fits = Counter()

    def read() -> np.ndarray:
        fits["read"] += 1
        return fibres(3)

    found = evaluate([*training_samples(), Sample(read, NONE_OF_THESE, 12.0, "mat", "mat.png")], CONFIG, folds=2)
    assert fits["read"] >= 2
    assert found.count == len(found.predictions) == 24
    assert NONE_OF_THESE not in {row["actual"] for row in found.predictions}


def test_an_unreadable_example_is_named():
    blank = Sample(np.zeros((64, 64), np.uint8), NONE_OF_THESE, 12.0, "mat", "blank.png")
    with pytest.raises(ClassifierError, match=r"blank\.png"):
        Classifier(CONFIG, seed=1).fit([*training_samples(), blank])


def test_the_operating_point_counts_every_kind(classifier: Classifier):
    point = classifier.metrics_["operating_point"]
    assert point["false_rejection"] == CONFIG.mixture.false_rejection
    assert point["known"]["count"] == 24
    assert point["unknown"]["drawn"]["count"] == 32
    assert set(point["left_out"]) == set(CLASSES)
    found = [row["unknown"]["drawn"] for row in point["preview"]]
    rejected = [row["known"] for row in point["preview"]]
    assert found == sorted(found)
    assert rejected == sorted(rejected)
    (own,) = [row for row in point["preview"] if row["false_rejection"] == point["false_rejection"]]
    assert own["known"] == point["known"]["share"]
    drawn = classifier.descriptor_map()
    assert drawn["outside"] == [evidence > own["limit"] for evidence in drawn["evidence"]]
    assert point["false_scale"]["10"]["share"] > point["false_scale"]["2"]["share"]


@pytest.mark.slow
def test_a_lower_false_rejection_rejects_fewer():
    shares = []
    for share in (0.0, 0.3):
        trained = Classifier(CONFIG.changed(mixture={"false_rejection": share}), seed=1).fit(training_samples())
        shares.append(trained.metrics_["operating_point"]["known"]["share"])
    assert shares[0] == 0
    assert shares[1] == pytest.approx(0.3, abs=0.05)


def test_a_picture_with_few_pixels_is_scored_enlarged_too_with_a_warning(classifier: Classifier):
    pixels = known("pearlite", 60)
    small = classifier.score(resized(pixels, 0.5), 6.0)
    assert "has only 128 x 96 pixels" in small.warning
    assert "pixels, fewer" not in classifier.score(pixels, 12.0).warning
    assert small.descriptors.shape[1] == 2
    saliency = classifier.score(resized(pixels, 0.5), 6.0, saliency=True).saliency
    np.testing.assert_allclose(saliency.sum(2), 1, atol=1e-5)


def test_a_scale_that_the_pixels_contradict_is_questioned(classifier: Classifier):
    warned = ["look as if taken" in classifier.score(known("pearlite", seed), 1200.0).warning for seed in range(50, 56)]
    assert sum(warned) >= 5
    free = Classifier(replace(CONFIG, scale_free=True), seed=1).fit(training_samples())
    assert free.score(known("pearlite", 50), None).warning == ""


def test_all_of_it_comes_back_from_disk(with_examples: Classifier, tmp_path):
    with_examples.save(tmp_path)
    loaded = Classifier.load(tmp_path)
    for image, scale in ((fibres(40), 12.0), (known("pearlite", 40), 1200.0)):
        before, after = with_examples.score(image, scale), loaded.score(image, scale)
        assert after.probabilities == before.probabilities
        assert (after.outside_rank, after.warning) == (before.outside_rank, before.warning)


def test_texture_in_one_half_is_marked_in_the_map(classifier: Classifier):
    cloth = stripes(np.random.default_rng(0), (192, 256), period=5.0)
    image = np.hstack([known("pearlite", 61), cloth])
    saliency = classifier.score(image, 12.0, saliency=True).saliency
    width = saliency.shape[1]
    assert saliency[:, -width // 4 :, -1].mean() > saliency[:, : width // 4, -1].mean() + 0.3
