"""Settings go to and from plain dicts, and refuse what they do not know."""

import json
import subprocess
import sys

import pytest

from classifier import ClassifierError, Config


def test_a_config_survives_json():
    config = Config().changed(triplets={"steps": 7}, paper={"widths": (4, 8), "depths": (1, 1)})
    assert Config.from_dict(json.loads(json.dumps(config.to_dict()))) == config


def test_missing_settings_have_their_defaults_and_whole_numbers_pass_as_fractions():
    assert Config.from_dict({"margin": 2}) == Config().changed(triplets={"margin": 2.0})


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"stepps": 3}, "Unknown settings in the configuration: stepps. Known are: recipe, members"),
        ({"steps": "many"}, "Setting steps should look like"),
        ({"steps": True}, "Setting steps should look like"),
        ({"widths": [1, "a"]}, "Setting widths should look like"),
        ({"steps": 0}, "steps must be at least 1"),
        ({"crop_size": 201}, "multiple of fold"),
        ({"widths": [8]}, "one number per stage"),
        ({"mining": "easy"}, 'mining "easy" is not known'),
        ({"recipe": "magic"}, 'recipe "magic" is not known'),
        ({"shrinkage": 2.0}, "shrinkage must lie between 0 and 1"),
        ({"descriptor_dimensions": 1}, "at least 2"),
        ({"texture_dropout": 1.0}, "texture_dropout must lie below 1"),
        ({"brightness": float("nan")}, "brightness must be a finite number"),
        ({"weight_decay": float("inf")}, "weight_decay must be a finite number"),
        ({"noise": -0.1}, "noise must be a finite number, at least 0"),
        ([1, 2], "object of settings"),
    ],
)
def test_wrong_settings_are_refused_in_a_sentence(given, sentence):
    with pytest.raises(ClassifierError, match=sentence):
        Config.from_dict(given)


def test_importing_a_light_name_does_not_import_torch():
    names = "NONE_OF_THESE, Cancelled, ClassifierError, Config, Progress, Sample, Verdict"
    code = f"import sys; from classifier import {names}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
