"""What a training shows while it runs."""

import re
from typing import Any

import pytest
from django.test import Client

from classifier import Progress
from microdb.accounts.models import User
from microdb.micrographs.models import Dataset
from microdb.training.bridge import training
from microdb.training.bridge.heartbeats import MOST_LOSSES, TrainingPulse
from microdb.training.models import ModelVersion
from microdb.training.services import request_training
from microdb.training.so_far import so_far
from microdb.training.tasks import train_model_version

pytestmark = pytest.mark.django_db
QUICK: dict[str, dict[str, Any]] = {
    "paper": {"paper": {"patience": 2, "validation_rounds": 2}},
    "pretrained": {"bank_crops": 1, "steps": 20, "pretrained": {"background": 16}},
}
MAP = {"points": [[0.0, 0.0], [1.0, 2.0]], "labels": ["ferrite", "pearlite"]}


@pytest.fixture
def version(drawn: Dataset, owner: User) -> ModelVersion:
    made = request_training(dataset=drawn, by=owner)
    ModelVersion.objects.filter(pk=made.pk).update(state="running", progress=0.5)
    made.refresh_from_db()
    return made


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SECONDS_BETWEEN_HEARTBEATS", "SECONDS_BETWEEN_SHOWS"):
        monkeypatch.setattr(f"microdb.training.bridge.heartbeats.{name}", 0.0)


@pytest.mark.parametrize("recipe", ["paper", "pretrained"])
def test_a_training_shows_losses_and_in_time_accuracy_and_map(
    version: ModelVersion, at_once: None, recipe: str
) -> None:
    version.config = {"recipe": recipe, **QUICK[recipe]}
    shown: list[dict[str, Any]] = []
    training.train(version, lambda *_: True, lambda known: shown.append({**known}))
    last = shown[-1]
    assert len(last["losses"]) >= 5
    assert 0 <= last["right"] <= last["held_out"]
    assert last["held_out"] > 0
    assert set(last["map"]["labels"]) == {"ferrite", "pearlite"}
    assert len(last["map"]["points"]) == len(last["map"]["labels"]) <= 400


def test_what_is_shown_stays_small_and_is_continued_after_a_restart(at_once: None) -> None:
    shown: list[dict[str, Any]] = []
    pulse = TrainingPulse(lambda *_: True, shown.append, {"losses": [[0.1, 0.9]], "held_out": 4, "right": 3})
    for number in range(1000):
        pulse.training(Progress("training", number / 1000, "", loss=0.5))
    assert len(shown[-1]["losses"]) <= MOST_LOSSES
    assert shown[-1]["losses"][0] == [0.1, 0.9]
    assert shown[-1]["held_out"] == 4


def test_a_worker_that_lost_its_training_shows_nothing_more(version: ModelVersion) -> None:
    (claimed,) = [ModelVersion.objects.claim(version.pk, redelivered=True)]
    assert claimed
    claimed.show({"held_out": 2, "right": 1})
    ModelVersion.objects.claim(version.pk, redelivered=True)
    claimed.show({"held_out": 9, "right": 9})
    assert ModelVersion.objects.get(pk=version.pk).live == {"held_out": 2, "right": 1}


def test_the_page_shows_the_same_as_its_live_part(signed_in: Client, version: ModelVersion) -> None:
    live = {"losses": [[0.1, 1.0], [0.2, 0.5]], "held_out": 5, "right": 4, "map": MAP}
    ModelVersion.objects.filter(pk=version.pk).update(live=live)
    page = signed_in.get("/datasets/steels/training/1/").content.decode()
    part = signed_in.get("/datasets/steels/training/1/progress/").content.decode()
    for text in (page, part):
        words = " ".join(re.sub("<[^>]+>", " ", text).split())
        assert "So far 4 of 5 micrographs" in words
        assert text.count("<polygon") == 2
        assert 'fill="var(--class-0)"' in text
        assert "0.0,0.0 300.0,60.0" in text


def test_a_map_of_one_place_and_a_loss_of_zero_are_drawn(version: ModelVersion) -> None:
    version.live = {"losses": [[0.1, 0.0], [0.2, 0.0]], "map": {"points": [[1.0, 1.0]], "labels": ["ferrite"]}}
    drawing = so_far(version)
    assert drawing
    assert drawing.losses == "0.0,120.0 300.0,120.0"
    assert len(drawing.marks) == 1


def test_a_trained_version_says_what_to_do_next_and_keeps_nothing_of_the_way(
    drawn: Dataset, owner: User, signed_in: Client
) -> None:
    version = request_training(dataset=drawn, by=owner)
    train_model_version(version.pk)
    version.refresh_from_db()
    assert (version.state, version.live) == ("done", {})
    page = signed_in.get("/datasets/steels/training/1/").content.decode()
    assert "What to do next" in page
    assert "/datasets/steels/quizzes/new/" in page
