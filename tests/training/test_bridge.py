"""The seam to the classifier: saliency overlays, drawn micrographs, heartbeats, controls."""

import io
import json
import shutil
import zipfile
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from classifier import Rectangle
from microdb import palette
from microdb.accounts.models import User
from microdb.micrographs.files.decoding import gray_pixels
from microdb.micrographs.models import Dataset, Micrograph
from microdb.micrographs.services import freeze_dataset, set_label, set_masked
from microdb.training.bridge import heartbeats, scoring, training
from microdb.training.bridge.controls import scale_only_predictions
from microdb.training.bridge.demo import draw_demo_micrograph
from microdb.training.bridge.settings import training_config
from microdb.training.checkpoints import checkpoint_folder, drop_checkpoints
from microdb.training.models import ModelVersion
from microdb.training.overlay import overlay_png
from microdb.training.probability_planes import planes_png, points_of
from microdb.training.services import cancel_training, request_training


def test_a_saliency_picture_has_class_colours_dark_where_nothing_is_recognised_and_opacity_for_certainty():
    probabilities = np.zeros((30, 40, 3), np.float32)
    probabilities[:, :20, 0] = 1.0
    probabilities[:, 20:, 2] = 0.8
    probabilities[:, 20:, 1] = 0.2
    picture = np.asarray(Image.open(io.BytesIO(overlay_png(probabilities))))
    assert picture.shape == (480, 640, 4)
    assert picture[240, 80].tolist() == [*palette.RGB[0], 255]
    assert picture[240, 560].tolist() == [*palette.NONE_OF_THESE_RGB, 204]


def test_more_than_eight_classes_have_colours_of_their_own_in_a_saliency_picture():
    probabilities = np.eye(13, dtype=np.float32)[None].repeat(8, axis=0)  # a column per outcome
    picture = np.asarray(Image.open(io.BytesIO(overlay_png(probabilities))))
    shown = [tuple(picture[64, 16 * column + 8, :3]) for column in range(13)]
    assert shown == [*palette.RGB[:12], palette.NONE_OF_THESE_RGB]


def test_a_saliency_picture_is_clear_where_the_data_bar_lies():
    picture = np.asarray(Image.open(io.BytesIO(overlay_png(np.ones((30, 40, 2), np.float32), above_bar=0.75))))
    assert picture.shape == (640, 640, 4)
    assert (picture[:480, :, 3] == 255).all()
    assert (picture[480:] == 0).all()


def test_the_planes_of_a_map_lie_below_one_another_and_its_places_are_counted_outside_masked_rectangles():
    probabilities = np.zeros((2, 3, 2), np.float32)
    probabilities[:, 0] = [0.8, 0.2]
    probabilities[0, 1] = [0.4, 0.6]
    picture = np.asarray(Image.open(io.BytesIO(planes_png(probabilities))))
    assert picture.tolist() == [[204, 102, 0], [204, 0, 0], [51, 153, 0], [51, 0, 0]]
    assert points_of(probabilities, ["ferrite", "none-of-these"]) == {"ferrite": 2, "none-of-these": 1}


def test_neither_training_nor_scoring_sees_a_data_bar(trained: ModelVersion, add_drawn, monkeypatch):
    micrograph = add_drawn("ferrite", 30, split="train")
    Micrograph.objects.filter(pk=micrograph.pk).update(data_bar_top=90)
    trained.dataset_version = freeze_dataset(dataset=trained.dataset)
    _keys, samples = training.known_samples(trained)
    assert {s.name: s.pixels().shape for s in samples}["ferrite-30.png"] == (90, 160)
    with micrograph.master.open("rb") as master:
        pixels = gray_pixels(master)
    spoiled = pixels.copy()
    spoiled[90:] = 255
    row = SimpleNamespace(
        model_version=trained, micrograph=micrograph, pixels_per_micrometre=10.0, data_bar_top=90, masked=[], seed=0
    )
    masters = iter([pixels, spoiled])
    monkeypatch.setattr(scoring, "gray_pixels", lambda _master: next(masters))
    first, second = (scoring.score(row, lambda *_: True) for _ in range(2))
    assert first.fields == second.fields
    assert first.saliency == second.saliency
    height, width = Image.open(io.BytesIO(first.saliency)).size[::-1]
    assert height / width == pytest.approx(120 / 160, abs=0.02)


def test_neither_training_nor_scoring_sees_a_masked_rectangle(trained: ModelVersion, add_drawn, monkeypatch):
    micrograph = add_drawn("ferrite", 30, split="train")
    place = {"x": 0, "y": 90, "width": 60, "height": 30}
    set_masked(micrographs=[micrograph], masked=[place], by=None)
    trained.dataset_version = freeze_dataset(dataset=trained.dataset)
    _keys, samples = training.known_samples(trained)
    assert {s.name: s.masked for s in samples}["ferrite-30.png"] == [Rectangle(**place)]
    with micrograph.master.open("rb") as master:
        pixels = gray_pixels(master)
    spoiled = pixels.copy()
    spoiled[90:, :60] = 255
    row = SimpleNamespace(
        model_version=trained,
        micrograph=micrograph,
        pixels_per_micrometre=10.0,
        data_bar_top=None,
        masked=[place],
        seed=0,
    )
    masters = iter([pixels, spoiled])
    monkeypatch.setattr(scoring, "gray_pixels", lambda _master: next(masters))
    first, second = (scoring.score(row, lambda *_: True) for _ in range(2))
    assert first.fields == second.fields
    assert first.saliency == second.saliency
    clear = np.asarray(Image.open(io.BytesIO(first.saliency)))[..., 3]
    assert (clear[-60:, :120] == 0).mean() > 0.9
    assert (clear[:300] > 0).all()


def test_a_demo_micrograph_is_settled_by_its_seed_and_specimen():
    first = draw_demo_micrograph("pearlite", specimen=1, seed=5)
    assert draw_demo_micrograph("pearlite", specimen=1, seed=5) == first
    assert draw_demo_micrograph("pearlite", specimen=1, seed=6) != first
    assert first[1] > 0
    assert draw_demo_micrograph("foam", specimen=0, seed=1)[0].startswith(b"\x89PNG")


def test_many_progress_calls_become_at_most_two_heartbeats_a_second(monkeypatch):
    now, beats = [0.0], []
    monkeypatch.setattr(heartbeats.time, "monotonic", lambda: now[0])
    pulse = heartbeats.Pulse(lambda fraction, message: beats.append(now[0]) or True)
    for _ in range(1000):
        assert pulse.beat(0.5, "")
        now[0] += 0.01
    assert len(beats) == pytest.approx(20, abs=1)


def test_an_order_to_stop_is_remembered_between_heartbeats():
    pulse = heartbeats.Pulse(lambda fraction, message: False)
    assert [pulse.beat(0.1, ""), pulse.beat(0.2, "")] == [False, False]


def test_a_versions_own_settings_win_over_the_installations_file(drawn: Dataset, owner: User, settings):
    version = request_training(dataset=drawn, by=owner, config={"triplets": {"steps": 33}})
    Path(settings.CLASSIFIER_CONFIG).write_text(json.dumps({"triplets": {"steps": 11, "margin": 2.0}}))
    config = training_config(version.config, scale_free=False)
    assert (config.triplets.steps, config.triplets.margin, config.scale_free) == (33, 2.0, False)
    settings.CLASSIFIER_CONFIG = ""
    assert training_config(version.config, scale_free=False).triplets.margin == 1.0


def test_micrographs_labelled_none_of_these_train_as_examples_and_keep_the_answers_in_place(
    drawn: Dataset, owner: User, add_drawn
):
    extra = add_drawn("pearlite", 70, split="train", pixels_per_micrometre=None)
    set_label(micrographs=[extra], label="none-of-these", by=owner)
    version = request_training(dataset=drawn, by=owner)
    keys, (example,) = training._other_materials(version)
    assert keys == [extra.pk]
    assert example.label == "none-of-these"
    assert example.pixels_per_micrometre is None
    trained = training.train(version, lambda *_: True)
    assert trained.fields["metrics"]["none_of_these"] == 1
    assert set(trained.out_of_fold) <= set(drawn.micrographs.filter(split="train").values_list("pk", flat=True))


def test_a_training_that_was_stopped_goes_on_to_the_same_artifact(drawn: Dataset, owner: User, monkeypatch):
    monkeypatch.setattr(heartbeats, "SECONDS_BETWEEN_HEARTBEATS", 0.0)
    version = request_training(dataset=drawn, by=owner)
    unbroken = training.train(version, lambda *_: True)
    drop_checkpoints_of(version)

    with pytest.raises(SystemExit):
        training.train(version, stops_at("step 3 of 5"))
    assert list(checkpoint_folder(version).iterdir())
    messages: list[str] = []
    resumed = training.train(version, lambda _, message: messages.append(message) is None)
    first = next(message for message in messages if message.startswith("training: step "))
    assert not first.startswith("training: step 1 ")
    assert weights_of(resumed) == weights_of(unbroken)


def test_the_state_of_a_training_goes_when_it_ends_and_stays_while_it_waits(drawn: Dataset, owner: User):
    version = request_training(dataset=drawn, by=owner)
    checkpoint_folder(version).mkdir(parents=True, exist_ok=True)
    drop_checkpoints()
    assert checkpoint_folder(version).exists()
    cancel_training(model_version=version)
    drop_checkpoints()
    assert not checkpoint_folder(version).exists()


def test_the_scale_only_control_votes_by_the_scales_of_the_training_micrographs(trained: ModelVersion):
    entries = list(trained.dataset_version.entries.filter(split="train"))
    for entry, scale in zip(entries, [1, 2, 2.1, 64, 60, 70], strict=True):
        entry.pixels_per_micrometre = scale
        entry.label = "ferrite" if scale < 10 else "pearlite"
        entry.save()
    assert scale_only_predictions(trained, [2.0, 66.0]) == ["ferrite", "pearlite"]


def stops_at(what: str):
    """A heartbeat that ends the process, as a worker is told to, when a message says so."""

    def beat(fraction: float, message: str) -> bool:
        if what in message:
            raise SystemExit
        return True

    return beat


def drop_checkpoints_of(version: ModelVersion) -> None:
    shutil.rmtree(checkpoint_folder(version))


def weights_of(trained: training.Trained) -> bytes:
    with zipfile.ZipFile(io.BytesIO(trained.artifact)) as archive:
        return archive.read("weights.safetensors")


def test_the_overlay_is_clear_in_masked_rectangles_to_their_edges():
    ones = np.ones((30, 40, 2), np.float32)
    picture = np.asarray(Image.open(io.BytesIO(overlay_png(ones, masked=[(0.25, 0.5, 0.75, 1.0)]))))
    height, width = picture.shape[:2]
    inside = picture[height // 2 :, width // 4 : 3 * width // 4, 3]
    assert inside.max() == 0
    assert picture[: height // 2, :, 3].min() == 255
