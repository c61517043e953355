"""Settings of a head that grow with the dataset."""

import pytest

from classifier.config import Config
from classifier.pretrained.sizing import sized_for


@pytest.mark.parametrize(("micrographs", "classes"), [(140, 5), (112, 5), (20, 2), (10, 5)])
def test_a_dataset_up_to_the_tuned_size_keeps_every_setting(micrographs, classes):
    config = Config()
    assert sized_for(config, micrographs, classes) == config


def test_k_classes_get_at_least_k_minus_1_dimensions():
    assert sized_for(Config(), 300, 50).triplets.descriptor_dimensions == 49


def test_every_micrograph_of_a_large_dataset_is_drawn_as_often():
    config = Config()
    batch = config.triplets.classes_per_batch * config.triplets.crops_per_class
    assert sized_for(config, 840, 8).triplets.steps * batch / 840 == pytest.approx(
        config.pretrained.draws_per_micrograph, rel=0.01
    )
    assert sized_for(config, 5000, 8).triplets.steps == sized_for(config, 50_000, 8).triplets.steps


def test_larger_datasets_drop_fewer_features():
    config = Config()
    shares = [sized_for(config, micrographs, 5).pretrained.feature_dropout for micrographs in (140, 280, 420, 5000)]
    assert shares == pytest.approx([0.9, 0.8, 0.7, 0.5])
    assert sized_for(config, 140, 50).pretrained.feature_dropout == 0.5
    assert sized_for(Config().changed(pretrained={"feature_dropout": 0.0}), 5000, 50).pretrained.feature_dropout == 0.0
