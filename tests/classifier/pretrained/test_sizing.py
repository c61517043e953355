"""How the settings of a head grow with the dataset."""

import pytest

from classifier.config import Config
from classifier.pretrained.sizing import sized_for


@pytest.mark.parametrize(("micrographs", "classes"), [(140, 5), (112, 5), (20, 2), (10, 5)])
def test_a_dataset_no_larger_than_the_one_tuned_on_keeps_every_setting(micrographs, classes):
    config = Config()
    assert sized_for(config, micrographs, classes) == config


def test_many_classes_get_a_direction_for_each_but_one():
    assert sized_for(Config(), 300, 50).descriptor_dimensions == 49


def test_every_micrograph_is_drawn_as_often_however_many_there_are():
    config = Config()
    batch = config.triplets.classes_per_batch * config.triplets.crops_per_class
    assert sized_for(config, 840, 8).steps * batch / 840 == pytest.approx(
        config.pretrained.draws_per_micrograph, rel=0.01
    )
    assert sized_for(config, 5000, 8).steps == sized_for(config, 50_000, 8).steps


def test_the_more_there_is_to_learn_from_the_fewer_channels_are_left_out():
    config = Config()
    shares = [sized_for(config, micrographs, 5).texture_dropout for micrographs in (140, 280, 420, 5000)]
    assert shares == pytest.approx([0.9, 0.8, 0.7, 0.5])
    assert sized_for(config, 140, 50).texture_dropout == 0.5
    assert sized_for(Config().changed(pretrained={"feature_dropout": 0.0}), 5000, 50).texture_dropout == 0.0
