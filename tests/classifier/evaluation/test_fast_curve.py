"""The learning curve from features that are computed once."""

import numpy as np
import pytest

from classifier import Cancelled, ClassifierError, Config, Progress, fast_curve
from classifier.evaluation import fast_curve as module
from tests.classifier.pretrained.test_unknowns import CONFIG, training_samples


@pytest.fixture(scope="module")
def curve() -> module.FastCurve:
    return fast_curve(training_samples(), CONFIG.changed(pretrained={"folds": 3}), seed=1)


def test_every_point_is_measured_on_the_same_held_out_micrographs(curve: module.FastCurve):
    assert sorted(curve.held_out.tolist()) == list(range(24))
    assert curve.specimens == [training_samples()[index].specimen for index in curve.held_out]
    for trial in [*curve.shares, *curve.halved.values()]:
        assert trial.right.shape == curve.held_out.shape


def test_the_points_train_on_ever_more_micrographs_the_last_on_all(curve: module.FastCurve):
    sizes = [trial.micrographs for trial in curve.shares]
    assert sizes == sorted(sizes)
    assert sizes[-1] == 16
    assert curve.shares[-1].right.mean() > 0.8


def test_of_one_class_half_is_taken_away_and_the_others_stay(curve: module.FastCurve):
    assert set(curve.halved) == {"pearlite", "equiaxed-ferrite"}
    for name, trial in curve.halved.items():
        assert curve.kept[name] == pytest.approx(curve.counts[name] / 2, abs=1)
        assert trial.micrographs == pytest.approx(16 - curve.counts[name] + curve.kept[name])


def test_it_is_cancelled_where_the_callback_says_so():
    def callback(progress: Progress) -> bool:
        return progress.fraction < 0.1

    with pytest.raises(Cancelled):
        fast_curve(training_samples(), CONFIG, callback=callback)


def test_the_recipe_that_trains_its_encoder_is_refused():
    with pytest.raises(ClassifierError, match="pretrained"):
        fast_curve(training_samples(), Config(recipe="paper"))


def test_one_specimen_alone_can_not_be_measured():
    samples = [sample.__class__(**{**vars(sample), "specimen": "same"}) for sample in training_samples()]
    with pytest.raises(ClassifierError, match="No specimen can be held out"):
        fast_curve(samples[:4] + samples[12:16], CONFIG)


def test_a_class_of_one_specimen_is_not_halved():
    samples = [
        sample.__class__(**{**vars(sample), "specimen": "one"}) if sample.label == "pearlite" else sample
        for sample in training_samples()
    ]
    found = fast_curve(samples, CONFIG.changed(pretrained={"folds": 2}, triplets={"steps": 5}))
    assert "pearlite" not in found.halved
    assert np.isfinite([trial.micrographs for trial in found.shares]).all()
