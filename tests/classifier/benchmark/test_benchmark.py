"""The benchmark measures each method correctly."""

import json
from argparse import Namespace
from dataclasses import asdict, replace
from io import StringIO

import numpy as np
import pytest
import torch
from rich.console import Console
from torch import nn

from classifier.benchmark.baselines import MeanFeature, ScaleAlone, Texture
from classifier.benchmark.measure import Limits, measure
from classifier.benchmark.method import METHODS
from classifier.benchmark.naive import Naive
from classifier.benchmark.ours import Ours
from classifier.benchmark.roofline import count_flops, matmul_rate
from classifier.benchmark.tables import agreement, tables
from classifier.command_line.bench_method import builders
from classifier.command_line.main import main
from classifier.config import Config
from classifier.paper.network import PaperNetwork
from tests.classifier.conftest import TINY, textures

LIMITS = Limits(folds=2)


def keep_going(progress: object) -> bool:
    return True


def test_every_named_method_can_be_built():
    options = Namespace(config=None, seed=0)
    assert tuple(builders(options)) == METHODS


def test_operations_are_counted_as_by_hand():
    convolution = nn.Conv2d(3, 5, 3, padding=1, bias=False)
    assert count_flops(convolution, torch.zeros(1, 3, 20, 30)) == 2 * 3 * 5 * 9 * 20 * 30


def test_the_matmul_rate_is_above_one_gflops():
    assert matmul_rate() > 1e9


@pytest.mark.parametrize("build", [Texture, MeanFeature], ids=["texture", "lite0"])
def test_a_baseline_separates_stripes_from_dots_of_other_specimens(build):
    pytest.importorskip("skimage", reason="scikit-image is not installed")
    result = measure(build, textures(6), textures(3, seed=9), LIMITS, 0, keep_going)
    assert result.folds["accuracy"] == result.quiz["accuracy"] == 1.0
    assert result.quiz["count"] == 6
    assert set(result.predictions) == {f"{kind}-{index}.png" for kind in ("dots", "stripes") for index in range(3)}
    assert result.image_seconds > 0
    assert result.peak_mebibytes > 100
    assert (result.image_flops > 0) == (build is MeanFeature)


def test_the_scale_alone_ignores_the_pixels():
    samples = [replace(sample, pixels_per_micrometre=2.0 + (sample.label == "dots")) for sample in textures(4)]
    blank = [replace(sample, image=np.zeros((40, 40), np.uint8)) for sample in samples]
    result = measure(ScaleAlone, samples, blank, LIMITS, 0, keep_going)
    assert result.quiz["accuracy"] == 1.0


def test_the_naive_method_is_timed_on_a_share_of_its_crops_and_has_no_accuracy(monkeypatch):
    monkeypatch.setattr("classifier.benchmark.naive.SHARE_RUN", 0.002)
    monkeypatch.setattr(Naive, "share_run", 0.002)
    result = measure(lambda: Naive(0), textures(2), [], LIMITS, 0, keep_going)
    assert (result.crops, result.folds, result.quiz) == (1000, None, None)
    assert result.image_flops == pytest.approx(1000 * 2.95e9, rel=0.1)


@pytest.mark.slow
def test_operations_of_crops_and_windows_are_counted():
    samples = textures(2)
    config = Config().changed(
        crops={"size": 64},
        triplets={"steps": 2},
        pretrained={"augmented_crops": 1, "background": 16},
        scoring={"crops_per_image": 8},
    )
    default, exact = Ours("", config, 0), Ours("", config, 0, exact=True)
    for method in (default, exact):
        method.fit(samples, keep_going)
    height, width = samples[0].pixels().shape
    windows = default.flops(samples[0])
    crops = config.scoring.crops_per_image * windows * 64**2 / (height * width)
    assert exact.flops(samples[0]) == pytest.approx(windows + crops, rel=0.01)


def test_operations_of_the_paper_recipe_are_those_of_its_crops():
    config = TINY.changed(triplets={"steps": 2})
    method = Ours("", config, 0)
    method.fit(textures(2), keep_going)
    sample = textures(2)[0]
    size = config.crops.size
    per_crop = count_flops(PaperNetwork(config).eval(), torch.zeros(1, 1, size, size), torch.zeros(1))
    assert method.flops(sample) == pytest.approx(method.predict(sample).crops * per_crop)


def test_a_narrow_terminal_truncates_no_number():
    result = asdict(measure(ScaleAlone, textures(6), textures(3, seed=9), LIMITS, 0, keep_going))
    slow = result | {"title": MeanFeature.title, "image_seconds": 194.4, "image_flops": 1e9, "peak_mebibytes": 1234.0}
    rows = [slow, slow | {"image_seconds": 0.0972}]
    for columns in (80, 120):
        output = Console(width=columns, file=StringIO())
        output.print(*tables(rows))
        text = output.file.getvalue()
        assert max(len(line) for line in text.splitlines()) <= columns
        assert "…" not in text
        for number in (f"{result['folds']['balanced_accuracy']:.1%}", "3 of 6", "0.0972", "2,000", "1234"):
            assert number in text


def test_what_exceeds_the_time_limit_is_left_out_with_a_note():
    result = measure(ScaleAlone, textures(4), textures(3, seed=9), Limits(folds=2, minutes=-1), 0, keep_going)
    assert result.folds is None
    assert result.notes[0] == "only 1 of 6 quiz micrographs fit into --minutes"
    assert result.notes[1].startswith("no folds: 2 would take")
    ours = measure(
        lambda: Ours("", TINY.changed(triplets={"steps": 3}), 0), textures(4), [], Limits(minutes=-1), 0, keep_going
    )
    assert "of the 4 micrographs that its fit held out" in ours.notes[1]


def test_the_folds_have_closed_set_predictions():
    result = measure(lambda: Ours("", TINY.changed(triplets={"steps": 3}), 0), textures(4), [], LIMITS, 0, keep_going)
    assert sum(row[-1] for row in result.folds["confusion"]) == 0


def test_agreement_counts_the_micrographs_that_both_predicted():
    default, exact = {"predictions": {"a": "x", "b": "y", "c": "x"}}, {"predictions": {"a": "x", "b": "x"}}
    assert agreement(default, exact) == "Scoring by default and with --exact agree on 1 of 2 quiz micrographs."


@pytest.mark.slow
def test_the_command_measures_each_method_in_its_own_process_and_writes_json(write_images, tmp_path, capfd):
    config, results = tmp_path / "config.json", tmp_path / "deep" / "bench.json"
    config.write_text(json.dumps(TINY.to_dict() | {"steps": 10}))
    chosen = [text for method in ("scale", "paper") for text in ("--method", method)]
    options = ["--config", str(config), "--json", str(results), "--folds", "2", *chosen]
    assert main(["bench", str(write_images(8)), *options]) == 0
    printed = capfd.readouterr().out
    assert "Accuracy" in printed
    assert "GFLOP/s" in printed
    result = json.loads(results.read_text())["methods"]
    assert list(result) == ["scale", "paper"]
    assert result["paper"]["quiz"]["count"] == 3
    assert result["paper"]["folds"]["count"] == 13
    assert result["paper"]["training_seconds"] > 0


@pytest.mark.slow
def test_a_method_that_fails_has_a_reason_and_exit_code_1(write_images, tmp_path, capfd):
    manifest = write_images(4)
    lines = manifest.read_text().splitlines()
    manifest.write_text("\n".join([lines[0], *(line for line in lines[1:] if "dots" in line)]) + "\n")
    arguments = ["bench", str(manifest), "--json", str(tmp_path / "b.json"), "--method", "scale"]
    assert main(arguments) == 1
    assert "at least two classes" in capfd.readouterr().out
