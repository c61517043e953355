"""A training that was stopped goes on to the result that it would have had; an order to stop is heard everywhere."""

import shutil
from collections.abc import Callable

import pytest
import torch
from torch import nn

from classifier import Cancelled, Classifier, Config, Progress
from classifier.paper import checkpoint as checkpoints
from classifier.paper.checkpoint import Checkpoint
from classifier.paper.network import Convolution
from classifier.pretrained.encoder import Encoder
from tests.classifier.conftest import TINY, textures

SHORT = TINY.changed(triplets={"steps": 30, "ema_decay": 0.9}, paper={"validation_rounds": 6, "patience": 9})
SAMPLES = textures(6)


@pytest.fixture(autouse=True)
def every_step(monkeypatch):
    """A state is written after each step, however long that takes."""
    monkeypatch.setattr(checkpoints, "WRITING_SHARE", float("inf"))


def stop_after(calls: int) -> Callable[[Progress], bool]:
    left = [calls]

    def callback(progress: Progress) -> bool:
        left[0] -= 1
        return left[0] > 0

    return callback


def numbers(classifier: Classifier) -> list[object]:
    """All that a training comes to, but for its seconds."""
    scorer = classifier._trained()
    tensors = [value.tolist() for value in scorer.network.state_dict().values()]
    arrays = [value.tolist() for value in scorer.rule.arrays().values()]
    return [tensors, arrays, {**classifier.metrics_, "seconds": 0}]


@pytest.fixture(scope="module")
def unbroken() -> list[object]:
    return numbers(Classifier(SHORT, seed=3).fit(SAMPLES))


@pytest.mark.parametrize("calls", [20, 28, 36, 50])
def test_a_stopped_training_resumes_to_exactly_the_same_result(unbroken, tmp_path, calls):
    with pytest.raises(Cancelled):
        Classifier(SHORT, seed=3).fit(SAMPLES, stop_after(calls), checkpoint=tmp_path)
    progress_calls: list[Progress] = []
    torch.manual_seed(99)
    resumed = Classifier(SHORT, seed=3).fit(SAMPLES, lambda p: progress_calls.append(p) is None, checkpoint=tmp_path)
    assert numbers(resumed) == unbroken
    first = next(progress for progress in progress_calls if progress.stage == "training")
    assert not first.message.startswith("step 1 ")


def test_a_checkpoint_changes_nothing_in_the_result(unbroken, tmp_path):
    assert numbers(Classifier(SHORT, seed=3).fit(SAMPLES, checkpoint=tmp_path)) == unbroken


def test_another_training_in_the_same_folder_starts_over(tmp_path):
    with pytest.raises(Cancelled):
        Classifier(SHORT, seed=3).fit(SAMPLES, stop_after(36), checkpoint=tmp_path)
    progress_calls: list[Progress] = []
    other = Classifier(SHORT, seed=4).fit(SAMPLES, lambda p: progress_calls.append(p) is None, checkpoint=tmp_path)
    assert any(progress.message.startswith("step 1 ") for progress in progress_calls)
    assert numbers(other) == numbers(Classifier(SHORT, seed=4).fit(SAMPLES))


@pytest.mark.parametrize("name", ["model.json", "weights.safetensors"])
def test_a_damaged_checkpoint_is_skipped_with_a_message(unbroken, tmp_path, name):
    with pytest.raises(Cancelled):
        Classifier(SHORT, seed=3).fit(SAMPLES, stop_after(36), checkpoint=tmp_path)
    (path,) = tmp_path.rglob(name)
    path.write_bytes(path.read_bytes()[:-9])
    progress_calls: list[Progress] = []
    anew = Classifier(SHORT, seed=3).fit(SAMPLES, lambda p: progress_calls.append(p) is None, checkpoint=tmp_path)
    assert numbers(anew) == unbroken
    assert any("is damaged or missing" in progress.message for progress in progress_calls)


def test_a_kill_while_writing_leaves_the_state_before(tmp_path):
    checkpoint = Checkpoint(tmp_path, "one")
    checkpoint.write({"step": 1}, {"x": torch.ones(3)})
    shutil.copytree(tmp_path / "one" / "00000000", tmp_path / "one" / "00000001")
    (tmp_path / "one" / "00000001" / "model.json").unlink()
    warnings: list[str] = []
    state = Checkpoint(tmp_path, "one").read(warnings.append)
    assert state is not None
    assert state.facts == {"step": 1}
    assert state.tensors["x"].tolist() == [1, 1, 1]
    assert len(warnings) == 1
    checkpoint.write({"step": 2}, {"x": torch.zeros(3)})
    assert [path.name for path in (tmp_path / "one").iterdir()] == ["00000002"]


def test_without_a_folder_nothing_is_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Classifier(SHORT.changed(triplets={"steps": 4})).fit(SAMPLES)
    assert list(tmp_path.iterdir()) == []


def test_a_training_without_further_gain_stops_early():
    """With almost no learning rate no validation round beats another by more than chance."""
    config = TINY.changed(
        triplets={"steps": 400, "learning_rate": 1e-12}, paper={"validation_rounds": 40, "patience": 3}
    )
    progress_calls: list[Progress] = []
    classifier = Classifier(config, seed=1).fit(textures(10), lambda p: progress_calls.append(p) is None)
    assert classifier.metrics_["early_stop"] < 0.5
    steps = [progress for progress in progress_calls if progress.message.startswith("step ")]
    assert len(steps) < 0.5 * 400
    fractions = [progress.fraction for progress in progress_calls]
    assert fractions == sorted(fractions)


PRETRAINED = Config().changed(crops={"size": 96}, triplets={"steps": 5}, pretrained={"background": 16})


@pytest.mark.parametrize(
    ("config", "stops"),
    [
        pytest.param(SHORT, 12, id="paper"),
        pytest.param(PRETRAINED, 3, id="pretrained"),
        pytest.param(PRETRAINED, 12, id="pretrained at many points", marks=pytest.mark.slow),
    ],
)
def test_an_order_to_stop_is_heard_at_every_point_of_a_fit(config: Config, stops: int):
    """Between two callbacks the network is passed twice at most, however many micrographs and steps there are."""
    samples, between, most = textures(4), [0], [0]

    def count(module: nn.Module, inputs: object) -> None:
        between[0] += isinstance(module, Encoder | Convolution | nn.Linear)

    def callback(progress: Progress) -> bool:
        most[0], between[0] = max(most[0], between[0]), 0
        calls[0] += 1
        return calls[0] != stop_at

    hook = nn.modules.module.register_module_forward_pre_hook(count)
    try:
        calls, stop_at = [0], -1
        Classifier(config).fit(samples, callback)
        whole = calls[0]
        for stop_at in range(1, whole, max(1, whole // stops)):
            calls[0] = 0
            with pytest.raises(Cancelled):
                Classifier(config).fit(samples, callback)
            assert calls[0] == stop_at
    finally:
        hook.remove()
    modules_in_a_pass = 4  # two convolutions and two linear layers, or the encoder and three heads
    assert 0 < most[0] <= 2 * modules_in_a_pass
