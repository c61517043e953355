"""Settings go to and from plain dicts, and refuse what they do not know."""

import json
import subprocess
import sys

import pytest

from classifier import ClassifierError, Config
from classifier.config.version_1 import FLAT


def test_a_config_survives_json():
    config = Config().changed(triplets={"steps": 7}, paper={"widths": (4, 8), "depths": (1, 1)})
    assert Config.from_dict(json.loads(json.dumps(config.to_dict()))) == config


def test_flat_settings_of_version_1_are_read_and_merge_with_sections():
    flat = {"recipe": "paper", "steps": 7, "weight_memory": 0.5, "triplets": {"margin": 2.0}}
    nested = {"recipe": "paper", "triplets": {"steps": 7, "ema_decay": 0.5, "margin": 2.0}}
    assert Config.from_dict(flat) == Config.from_dict(nested)


def test_every_setting_of_version_1_has_a_place_today():
    for name in FLAT.values():
        section, _, key = name.partition(".")
        assert hasattr(getattr(Config(), section), key), name


def test_later_settings_win_over_earlier_ones_section_by_section():
    merged = Config.from_dict({"triplets": {"steps": 7}}, {"triplets": {"margin": 3.0}}, {"steps": 8})
    assert merged == Config().changed(triplets={"steps": 8, "margin": 3.0})


def test_a_recipe_sets_what_it_needs_that_is_not_given():
    config = Config.from_dict({"recipe": "paper", "crops": {"smallest": 0.7}})
    assert (config.crops.size, config.crops.smallest) == (200, 0.7)


def test_missing_settings_have_their_defaults_and_whole_numbers_pass_as_fractions():
    assert Config.from_dict({"margin": 2}) == Config().changed(triplets={"margin": 2.0})


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"stepps": 3}, "Unknown settings in the configuration: stepps. Known are: recipe, scale_free, crops"),
        (
            {"triplets": {"stepps": 3}},
            "Unknown settings in the configuration: triplets.stepps. Known in triplets are: ",
        ),
        ({"triplets": 3}, "Setting triplets should be an object of settings, but 3 was given"),
        ({"crops": 3, "crop_size": 200, "triplets": 4}, "Setting triplets should be an object"),
        ({"triplets": {"steps": "many"}}, "Setting triplets.steps should be like 100, but 'many' was given"),
        ({"triplets": {"steps": True}}, "Setting triplets.steps should be like"),
        ({"paper": {"widths": [1, "a"]}}, "Setting paper.widths should be like"),
        ({"triplets": {"steps": 0}}, "triplets.steps must be at least 1"),
        ({"crops": {"size": 201}}, "crops.size must be a multiple of paper.unshuffle"),
        ({"paper": {"widths": [8]}}, "one number per stage"),
        ({"paper": {"widths": []}}, "one number per stage"),
        ({"paper": {"depths": [0, 1, 1, 1, 1]}}, "paper.depths must be at least 1"),
        ({"triplets": {"mining": "easy"}}, 'triplets.mining "easy" is not known'),
        ({"recipe": "magic"}, 'recipe "magic" is not known'),
        ({"mixture": {"shrinkage": 2.0}}, "mixture.shrinkage must lie between 0 and 1"),
        ({"triplets": {"descriptor_dimensions": 1}}, "triplets.descriptor_dimensions must be at least 2"),
        ({"pretrained": {"feature_dropout": 1.0}}, "pretrained.feature_dropout must be below 1"),
        ({"augmentation": {"brightness": float("nan")}}, "augmentation.brightness must be a finite number"),
        ({"triplets": {"weight_decay": float("inf")}}, "triplets.weight_decay must be a finite number"),
        ({"augmentation": {"noise": -0.1}}, "augmentation.noise must be at least 0"),
        ({"triplets": {"ema_decay": 1.0}}, "triplets.ema_decay must lie between 0 and 1, 1 excluded"),
        ({"scoring": {"confidence": 0.5}}, "scoring.confidence must lie between 0.5 and 1"),
        ({"crops": {"smallest": 0.0}}, "crops.smallest must lie between 0 and 8"),
        ({"steps": 0}, "triplets.steps must be at least 1"),
        ([1, 2], "object of settings"),
    ],
)
def test_wrong_settings_are_refused_in_a_sentence(given, sentence):
    with pytest.raises(ClassifierError, match=sentence):
        Config.from_dict(given)


def test_importing_a_light_name_does_not_import_torch():
    names = (
        "HIGHEST_SCALE, LOWEST_SCALE, NONE_OF_THESE, Cancelled, ClassifierError, Config, Progress, Sample, Verdict, "
        "scale_only_predictions"
    )
    code = f"import sys; from classifier import {names}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
