"""Unknown materials, degraded micrographs, false scales and classes left out."""

import json
from dataclasses import replace

import numpy as np
import pytest

from classifier import NONE_OF_THESE, Sample, evaluate
from classifier.evaluation.robustness import drawn_unknowns, eight_bits, variants
from tests.classifier.conftest import TINY, dots, stripes, textures

QUICK = TINY.changed(triplets={"steps": 3}, scoring={"crops_per_image": 16})


@pytest.fixture(scope="module")
def rows() -> dict[tuple[str, str], dict]:
    rng = np.random.default_rng(2)
    unknowns = [Sample(stripes(rng, period=3.0), None, 10.0, f"cloth-{index % 2}") for index in range(4)]
    found = evaluate(textures(6), QUICK, folds=2, robustness=True, unknowns=unknowns)
    json.dumps(found.to_dict())
    return {(row["group"], row["name"]): row for row in found.robustness}


def test_every_held_out_micrograph_is_scored_in_each_variant(rows):
    assert {row["count"] for (group, _), row in rows.items() if group == "known"} == {12}
    assert rows["false scale", "wrong by 4"]["count"] == 24


def test_every_fold_scores_every_unknown(rows):
    assert {name: row["count"] for (group, name), row in rows.items() if group == "unknown"} == {
        "cloth-0": 4,
        "cloth-1": 4,
    }


def test_two_classes_leave_no_training_without_one_of_them(rows):
    assert not [name for group, name in rows if group == "left out"]


def test_each_of_three_classes_is_left_out_in_turn():
    rng = np.random.default_rng(3)
    third = [Sample(dots(rng)[::2, ::2].repeat(2, 0), "blocks", 10.0, f"blocks-{index}") for index in range(4)]
    found = evaluate([*textures(4), *third], QUICK, folds=2, robustness=True, unknowns=[])
    left_out = {row["name"]: row for row in found.robustness if row["group"] == "left out"}
    assert {name: row["count"] for name, row in left_out.items()} == {"blocks": 4, "dots": 4, "stripes": 4}
    for row in left_out.values():
        assert row["right"] == row["none_of_these"]


def test_variants_keep_the_label_and_name_their_scale(rng):
    sample = Sample(dots(rng, (256, 256)), "dots", 10.0)
    made = {(group, name): variant for group, name, variant in variants(sample)}
    assert made["known", "as it is"] is sample
    assert made["known", "half the size"].pixels_per_micrometre == 5
    assert made["known", "half the size"].pixels().shape == (128, 128)
    scales = [v.pixels_per_micrometre for group, name, v in variants(sample) if name == "wrong by 10"]
    assert scales == [100, 1]
    assert {variant.label for variant in made.values()} == {"dots"}


def test_a_scale_free_sample_has_no_false_scale(rng):
    sample = Sample(dots(rng, (256, 256)), "dots", None)
    assert "false scale" not in {group for group, *_ in variants(sample)}


def test_drawn_unknowns_belong_to_no_class_of_the_dataset():
    samples = [replace(sample, label=name) for sample, name in zip(textures(1), ("pearlite", "foam"), strict=True)]
    specimens = {sample.specimen for sample in drawn_unknowns(samples, 0)}
    assert "drawn martensite" in specimens
    assert not specimens & {"drawn pearlite", "drawn foam"}
    assert NONE_OF_THESE not in specimens


def test_other_depths_are_stretched_to_eight_bits():
    image = np.array([[1000, 3000], [2000, 1000]], np.uint16).repeat(32, 0).repeat(32, 1)
    found = eight_bits(image)
    assert (found.min(), found.max(), found.dtype) == (0, 255, np.uint8)
