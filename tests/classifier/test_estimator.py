"""The classifier learns, is repeatable, can be stopped, says what is wrong, and survives the disk."""

import json
import time
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from classifier import NONE_OF_THESE, Cancelled, Classifier, ClassifierError, Config, Progress, Sample
from classifier.artifact import read_artifact, write_artifact
from tests.classifier.conftest import TINY, dots, stripes, textures


def test_it_tells_stripes_from_dots(trained, rng):
    assert trained.classes_ == ("dots", "stripes")
    answers = [trained.score(draw(rng), 10.0, exact=True) for draw in (dots, stripes) for _ in range(5)]
    forced = [max(verdict.probabilities, key=verdict.probabilities.__getitem__) for verdict in answers]
    assert forced == ["dots"] * 5 + ["stripes"] * 5


def test_a_verdict_adds_up(trained, rng):
    verdict = trained.score(stripes(rng), 10.0, crops=50)
    assert verdict.none_of_these + sum(verdict.probabilities.values()) == pytest.approx(1)
    shares = {**verdict.probabilities, NONE_OF_THESE: verdict.none_of_these}
    assert verdict.predicted == max(shares, key=shares.__getitem__)
    assert verdict.probability == shares[verdict.predicted]
    assert verdict.crops == 50
    assert verdict.descriptors.shape == (50, 2)
    assert 0 <= verdict.monte_carlo_error < 0.1


def test_the_same_seed_gives_the_same_model_and_numbers(trained, rng):
    image = dots(rng)
    torch.manual_seed(int(time.time()))
    again = Classifier(TINY, seed=1).fit(textures(10))
    first, second = trained.score(image, 10.0, seed=5), again.score(image, 10.0, seed=5)
    assert first.probabilities == second.probabilities
    assert trained.score(image, 10.0, seed=6, exact=True).probabilities != first.probabilities


def test_the_global_random_state_is_left_alone(trained, rng):
    image = dots(rng)
    state = torch.random.get_rng_state()
    Classifier(TINY.changed(triplets={"steps": 1}), seed=1).fit(textures(3))
    trained.score(image, 10.0)
    assert torch.equal(torch.random.get_rng_state(), state)


def test_stopping_early_keeps_the_label_of_every_crop(trained, rng):
    for draw in (dots, stripes):
        image = draw(rng)
        quick, exact = trained.score(image, 10.0), trained.score(image, 10.0, exact=True)
        assert quick.predicted == exact.predicted
        assert quick.crops <= exact.crops == TINY.scoring.crops_per_image


def test_a_scale_outside_the_trained_range_is_said_loudly(trained, rng):
    assert trained.scale_range_ == (10.0, 10.0)
    assert trained.score(dots(rng), 10.0, crops=2).warning == ""
    warning = trained.score(dots(rng), 2.5, crops=2).warning
    assert warning == "scale 2.5 px/um lies outside the trained range 10 to 10, by a factor of 4"


def test_a_reduced_micrograph_warns_by_the_scale_that_its_owner_gave():
    reduced = TINY.changed(triplets={"steps": 2}, crops={"largest_side": 48})
    samples = textures(3)
    classifier = Classifier(reduced).fit(samples)
    assert classifier.scale_range_ == (10.0, 10.0)
    assert classifier.score(samples[0].pixels(), 10.0, crops=2).warning == ""


def test_metrics_hold_an_honest_number_and_its_controls(trained):
    metrics = trained.metrics_
    json.dumps(metrics)
    assert metrics["held_out"] == 4
    assert metrics["interval"][0] <= metrics["accuracy"] <= metrics["interval"][1]
    assert metrics["counts"] == {"dots": 10, "stripes": 10}
    assert {"balanced_accuracy", "majority", "scale_only", "confusion", "threshold", "seconds"} <= set(metrics)


def test_the_descriptor_map_can_be_drawn(trained):
    drawn = trained.descriptor_map()
    json.dumps(drawn)
    assert len(drawn["points"]) == len(drawn["labels"]) <= 2000
    assert set(drawn["labels"]) == set(drawn["classes"]) == {"dots", "stripes"}
    assert np.array(drawn["grid"]["log_likelihood"]).shape == (len(drawn["grid"]["y"]), len(drawn["grid"]["x"]))
    assert np.isfinite(drawn["threshold"])


def test_the_descriptor_map_marks_the_crops_that_the_rule_calls_none_of_these(trained):
    drawn, points = trained.descriptor_map(), trained._points
    (mixture,) = trained._trained().rule.ensemble.members
    assert drawn["outside"] == (mixture.log_likelihood(points.points) < mixture.threshold).tolist()
    assert 0 < sum(drawn["outside"]) < len(drawn["points"]) / 2
    assert drawn["misplaced"] == 0


def test_each_crop_on_the_map_belongs_to_a_training_micrograph_of_its_label(trained):
    drawn = trained.descriptor_map()
    named = [sample.label for sample in textures(10)]
    assert [named[owner] for owner in drawn["owners"]] == drawn["labels"]
    assert len(set(drawn["owners"])) > len(named) / 2


def test_a_verdict_says_which_of_its_crops_are_none_of_these(trained, rng):
    verdict = trained.score(dots(rng), 10.0, exact=True)
    assert len(verdict.outside) == len(verdict.descriptors)
    assert verdict.outside.mean() == pytest.approx(verdict.none_of_these)


def test_more_dimensions_are_seen_along_their_principal_axes(rng):
    classifier = Classifier(TINY.changed(triplets={"descriptor_dimensions": 5, "steps": 10})).fit(textures(4))
    drawn = classifier.descriptor_map()
    assert np.array(drawn["points"]).shape[1] == 2
    assert 0 <= drawn["misplaced"] <= len(drawn["points"])
    assert classifier.score(dots(rng), 10.0, crops=8).descriptors.shape == (8, 2)


def test_saliency_finds_the_border_between_two_textures(trained, rng):
    image = np.hstack([stripes(rng, (80, 80)), dots(rng, (80, 80))])
    saliency = trained.score(image, 10.0, exact=True, saliency=True).saliency
    assert saliency.shape == (80, 160, 3)
    np.testing.assert_allclose(saliency.sum(2), 1, atol=1e-5)
    more_dots = saliency[..., 0] > saliency[..., 1]
    assert more_dots[:, 100:].mean() > 0.8
    assert more_dots[:, :60].mean() < 0.2


def test_images_may_differ_in_size_and_depth(rng):
    samples = []
    for index, shape in enumerate([(40, 300), (90, 64), (128, 128), (70, 75)]):
        samples.append(Sample(dots(rng, shape).astype(np.uint16) * 200, "dots", 3.0 + index))
        samples.append(Sample(stripes(rng, shape).astype(np.float32) / 255, "stripes", 3.0 + index))
    classifier = Classifier(TINY.changed(triplets={"steps": 5})).fit(samples)
    assert classifier.scale_range_ == (3.0, 6.0)


def test_progress_runs_from_reading_to_done():
    seen: list[Progress] = []
    Classifier(TINY.changed(triplets={"steps": 10})).fit(textures(6), lambda p: seen.append(p) is None)
    fractions = [progress.fraction for progress in seen]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    assert {"reading", "training", "fitting the mixture", "checking on held-out specimens", "done"} == {
        progress.stage for progress in seen
    }
    assert any(progress.loss is not None for progress in seen)


def test_cancelling_stops_within_two_seconds():
    began: list[float] = []

    def callback(progress: Progress) -> bool:
        if progress.stage == "training":
            began.append(time.monotonic())
            return False
        return True

    with pytest.raises(Cancelled):
        Classifier(TINY.changed(triplets={"steps": 100_000})).fit(textures(4), callback)
    assert time.monotonic() - began[0] < 2
    assert len(began) == 1


def test_none_of_these_and_unlabelled_samples_do_not_train(rng):
    extra = [Sample(dots(rng), NONE_OF_THESE, 10.0), Sample(dots(rng), None, 10.0), Sample(dots(rng), "", 10.0)]
    classifier = Classifier(TINY.changed(triplets={"steps": 2})).fit([*textures(3), *extra])
    assert classifier.classes_ == ("dots", "stripes")
    assert (classifier.metrics_["none_of_these"], classifier.metrics_["left_out"]) == (1, 2)


def test_a_classifier_survives_the_disk_to_the_last_digit(trained, tmp_path, rng):
    trained.save(tmp_path / "model")
    loaded = Classifier.load(tmp_path / "model")
    image = dots(rng)
    assert loaded.score(image, 10.0).probabilities == trained.score(image, 10.0).probabilities
    assert loaded.descriptor_map() == trained.descriptor_map()
    assert (loaded.classes_, loaded.scale_range_) == (trained.classes_, trained.scale_range_)
    assert (loaded.metrics_, loaded.config, loaded.seed) == (trained.metrics_, trained.config, trained.seed)


def test_an_artifact_is_safetensors_and_json_alone(trained, tmp_path):
    trained.save(tmp_path / "model")
    assert {path.name for path in (tmp_path / "model").iterdir()} == {"model.json", "weights.safetensors"}
    assert load_file(tmp_path / "model" / "weights.safetensors")


@pytest.mark.parametrize("name", ["model.json", "weights.safetensors"])
@pytest.mark.parametrize("damage", ["flipped", "cut short", "missing", "empty"])
def test_a_damaged_artifact_is_refused_in_a_sentence(trained, tmp_path, name, damage):
    trained.save(tmp_path / "model")
    path = tmp_path / "model" / name
    whole = bytearray(path.read_bytes())
    whole[len(whole) // 2] ^= 1
    if damage == "missing":
        path.unlink()
    else:
        path.write_bytes({"flipped": bytes(whole), "cut short": bytes(whole[: len(whole) // 2]), "empty": b""}[damage])
    with pytest.raises(ClassifierError, match=name):
        Classifier.load(tmp_path / "model")


def rewrite(path, **changes):
    body = json.loads(path.read_text())
    path.write_text(json.dumps(body | changes))


def test_a_newer_or_foreign_artifact_is_refused_in_a_sentence(trained, tmp_path):
    trained.save(tmp_path / "model")
    rewrite(tmp_path / "model" / "model.json", version=99)
    with pytest.raises(ClassifierError, match="version 99, but this program reads up to 3"):
        Classifier.load(tmp_path / "model")
    rewrite(tmp_path / "model" / "model.json", format="something else")
    with pytest.raises(ClassifierError, match="does not hold a model of this program"):
        Classifier.load(tmp_path / "model")
    with pytest.raises(ClassifierError, match="There is no model in"):
        Classifier.load(tmp_path / "nowhere")


OWN_KEYS = ("config", "seed", "classes", "scale_range", "metrics")
"""What a classifier says about itself; format, version and checksums are the artifact's."""


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_an_artifact_without_numbers_in_it_is_refused_in_a_sentence(trained, tmp_path, value):
    trained.save(tmp_path)
    body, tensors = read_artifact(tmp_path)
    name = min(name for name in tensors if name.startswith("network.") and tensors[name].is_floating_point())
    tensors[name].view(-1)[0] = value
    write_artifact(tmp_path, {key: body[key] for key in OWN_KEYS}, tensors)
    with pytest.raises(ClassifierError, match=f"values in {name} that are not finite"):
        Classifier.load(tmp_path)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"classes": ["one"]}, "is incomplete"),
        ({"scale_range": [np.nan, 1.0]}, "is incomplete"),
        ({"config": {"hyper": 1}}, "Unknown settings"),
    ],
)
def test_an_artifact_that_contradicts_itself_is_refused_in_a_sentence(trained, tmp_path, change, sentence):
    trained.save(tmp_path)
    body, tensors = read_artifact(tmp_path)
    write_artifact(tmp_path, {key: body[key] for key in OWN_KEYS} | change, tensors)
    with pytest.raises(ClassifierError, match=sentence):
        Classifier.load(tmp_path)


def test_an_untrained_classifier_says_so(rng):
    with pytest.raises(ClassifierError, match="not trained yet"):
        Classifier(Config()).score(dots(rng), 1.0)


@pytest.mark.parametrize(
    ("image", "scale", "sentence"),
    [
        (np.full((80, 80), 7, np.uint8), 1.0, "one gray value everywhere"),
        (np.full((80, 80), np.nan, np.float32), 1.0, "not finite"),
        (np.zeros((80, 80, 3), np.uint8), 1.0, "two-dimensional"),
        (np.zeros((10, 80), np.uint8), 1.0, "80 x 10 pixels; give at least 32"),
        (np.zeros((0, 0), np.uint8), 1.0, "0 x 0 pixels"),
        (np.eye(80), None, "no scale"),
        (np.eye(80), 0.0, "give a number above 0"),
        (np.eye(80), -3.0, "give a number above 0"),
        (np.eye(80), float("inf"), "give a number above 0"),
        (np.eye(80), float("nan"), "give a number above 0"),
        (np.eye(80), 1e308, "check its unit"),
        (np.eye(80), 5e-324, "check its unit"),
        (np.eye(80) * 1e300, 1.0, "not finite"),
    ],
)
def test_an_image_or_scale_that_cannot_be_used_is_refused_in_a_sentence(trained, image, scale, sentence):
    with pytest.raises(ClassifierError, match=sentence):
        trained.score(image, scale)
    with pytest.raises(ClassifierError, match=f'"bad.png".*{sentence}'):
        Classifier(TINY).fit([*textures(2), Sample(image, "dots", scale, name="bad.png")])


def test_too_few_images_or_classes_are_refused_in_a_sentence():
    with pytest.raises(ClassifierError, match='Class "lonely" has 1 image; give at least 2'):
        Classifier(TINY).fit([*textures(2), Sample(textures(1)[0].pixels(), "lonely", 1.0)])
    with pytest.raises(ClassifierError, match='at least two classes, but found only "dots"'):
        Classifier(TINY).fit(textures(2)[:2])
    with pytest.raises(ClassifierError, match="no labelled micrograph"):
        Classifier(TINY).fit([])


def test_two_images_a_class_train_without_a_measured_accuracy(rng):
    classifier = Classifier(TINY.changed(triplets={"steps": 4})).fit(textures(2))
    assert classifier.metrics_["held_out"] is None
    assert classifier.score(dots(rng), 10.0, crops=4).crops == 4


def test_a_dataset_without_scale_can_be_declared_so(rng):
    samples = [replace(sample, pixels_per_micrometre=None) for sample in textures(3)]
    classifier = Classifier(TINY.changed(scale_free=True, triplets={"steps": 4})).fit(samples)
    assert classifier.score(dots(rng), None, crops=4).warning == ""
