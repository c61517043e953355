"""A training from the request to the active version, through the real classifier."""

import hashlib

import pytest
from django.core.files.storage import default_storage

from microdb.accounts.models import User
from microdb.errors import MicroDBError
from microdb.jobs import Job
from microdb.micrographs.models import Dataset, Micrograph
from microdb.micrographs.services import set_label, set_scale, set_split, update_dataset
from microdb.training.bridge import artifact, training
from microdb.training.models import ModelVersion
from microdb.training.services import activate, cancel_training, finish_training, request_training
from microdb.training.tasks import train_model_version


def test_a_training_ends_in_an_active_version_with_metrics_map_and_artifact(trained: ModelVersion):
    assert trained.is_active
    assert trained.classes == ["ferrite", "pearlite"]
    assert trained.metrics["counts"] == {"ferrite": 3, "pearlite": 3}
    assert trained.metrics["scale_range"] == [10.0, 10.0]
    assert trained.descriptor_map["classes"] == ["ferrite", "pearlite"]
    assert trained.config["triplets"]["steps"] == 10
    assert hashlib.sha256(trained.artifact.open("rb").read()).hexdigest() == trained.artifact_sha256


def test_only_split_train_of_the_frozen_version_is_trained_on(drawn: Dataset, owner: User):
    version = request_training(dataset=drawn, by=owner)
    set_split(micrographs=drawn.micrographs.all(), split="quiz", by=owner)
    set_label(micrographs=drawn.micrographs.all(), label="none-of-these", by=owner)
    keys, samples = training.known_samples(version)
    assert [Micrograph.objects.get(pk=key).filename for key in keys] == [sample.name for sample in samples]
    assert sorted(sample.label for sample in samples) == ["ferrite"] * 3 + ["pearlite"] * 3
    assert {sample.pixels_per_micrometre for sample in samples} == {10.0}


def test_classes_keep_the_datasets_order_not_the_alphabets(drawn: Dataset, owner: User):
    first, second = drawn.material_classes.all()
    first.position, second.position = 9, 1
    first.save()
    second.save()
    version = request_training(dataset=drawn, by=owner)
    train_model_version(version.pk)
    version.refresh_from_db()
    assert version.classes == ["pearlite", "ferrite"]
    assert version.descriptor_map["classes"] == ["pearlite", "ferrite"]
    assert version.metrics["outcomes"][:2] == ["pearlite", "ferrite"]


def test_a_class_without_scale_is_refused_with_the_reason(drawn: Dataset, owner: User):
    pearlite = drawn.micrographs.filter(material_class__name="pearlite")
    set_scale(micrographs=pearlite, pixels_per_micrometre=None, source="", by=owner)
    with pytest.raises(MicroDBError, match=r"Class “pearlite” has 0 micrographs.*3 have no scale"):
        request_training(dataset=drawn, by=owner)


def test_a_scale_free_dataset_trains_without_scale(drawn: Dataset, owner: User):
    set_scale(micrographs=drawn.micrographs.all(), pixels_per_micrometre=None, source="", by=owner)
    update_dataset(dataset=drawn, scale_free=True)
    version = request_training(dataset=drawn, by=owner)
    train_model_version(version.pk)
    version.refresh_from_db()
    assert version.state == Job.State.DONE, version.error
    assert version.metrics["scale_range"] is None


def test_a_class_with_one_micrograph_is_refused(drawn: Dataset, owner: User):
    extra = drawn.micrographs.filter(material_class__name="pearlite", split="train")[:2]
    set_split(micrographs=list(extra), split="", by=owner)
    with pytest.raises(
        MicroDBError, match=r"has 1 micrograph to train on; 2 are needed\. 2 labelled ones are in no split"
    ):
        request_training(dataset=drawn, by=owner)


def test_a_dataset_with_one_class_is_refused(dataset: Dataset, owner: User):
    dataset.material_classes.last().delete()
    with pytest.raises(MicroDBError, match="at least two material classes, but this dataset has 1"):
        request_training(dataset=dataset, by=owner)


def test_the_same_training_is_not_started_twice(drawn: Dataset, owner: User):
    request_training(dataset=drawn, by=owner)
    with pytest.raises(MicroDBError, match="being trained on exactly this already"):
        request_training(dataset=drawn, by=owner)
    assert request_training(dataset=drawn, by=owner, seed=1).number == 2


def test_wrong_settings_fail_in_words(drawn: Dataset, owner: User):
    version = request_training(dataset=drawn, by=owner, config={"stepps": 5})
    train_model_version(version.pk)
    version.refresh_from_db()
    assert version.state == Job.State.FAILED
    assert "Unknown settings in the configuration: stepps" in version.error


def test_a_damaged_master_fails_in_words_with_the_micrographs_name(drawn: Dataset, owner: User):
    version = request_training(dataset=drawn, by=owner)
    victim = Micrograph.objects.filter(dataset=drawn, split="train").first()
    with default_storage.open(victim.master.name, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n")
    train_model_version(version.pk)
    version.refresh_from_db()
    assert version.state == Job.State.FAILED
    assert f"{victim.filename} was altered" in version.error


def test_a_master_swapped_for_another_sound_picture_is_not_trained_on(drawn: Dataset, owner: User):
    version = request_training(dataset=drawn, by=owner)
    victim, other = Micrograph.objects.filter(dataset=drawn, split="train")[:2]
    content = other.master.read()
    with default_storage.open(victim.master.name, "wb") as file:
        file.write(content)
    train_model_version(version.pk)
    version.refresh_from_db()
    assert version.state == Job.State.FAILED
    assert f"{victim.filename} was altered" in version.error


def test_a_cancelled_training_stops_at_its_next_heartbeat_and_keeps_nothing(drawn: Dataset, owner: User, monkeypatch):
    version = request_training(dataset=drawn, by=owner, config={"steps": 100_000})
    beats = []
    heartbeat = ModelVersion.heartbeat

    def cancel_at_the_third(self: ModelVersion, progress: float, message: str = "") -> bool:
        beats.append(message)
        if len(beats) == 3:
            cancel_training(model_version=version)
        return heartbeat(self, progress, message)

    monkeypatch.setattr(ModelVersion, "heartbeat", cancel_at_the_third)
    train_model_version(version.pk)
    version.refresh_from_db()
    assert version.state == Job.State.CANCELLED
    assert len(beats) == 3
    assert not version.artifact


def test_a_version_cancelled_at_the_last_moment_activates_nothing(trained: ModelVersion, owner: User):
    later = request_training(dataset=trained.dataset, by=owner, seed=5)
    claimed = ModelVersion.objects.claim(later.pk)
    cancel_training(model_version=later)
    assert not finish_training(model_version=claimed, outcome={"metrics": {}})
    trained.refresh_from_db()
    assert trained.is_active
    assert not ModelVersion.objects.get(pk=later.pk).is_active


def test_one_version_is_active_at_a_time(trained: ModelVersion, owner: User):
    later = request_training(dataset=trained.dataset, by=owner, seed=1)
    train_model_version(later.pk)
    assert ModelVersion.objects.get(is_active=True) == later
    activate(model_version=trained)
    assert ModelVersion.objects.get(is_active=True) == trained


def test_what_was_said_out_of_fold_is_kept_and_makes_the_accuracy(drawn: Dataset, owner: User):
    version = request_training(dataset=drawn, by=owner)
    train_model_version(version.pk)
    version.refresh_from_db()
    said = list(version.out_of_fold.select_related("micrograph__material_class"))
    assert len(said) == version.metrics["held_out"] > 0
    assert all(one.micrograph.split == "train" and sum(one.probabilities.values()) == pytest.approx(1) for one in said)
    right = [one.predicted == one.micrograph.label for one in said]
    assert sum(right) / len(right) == pytest.approx(version.metrics["accuracy"])


def test_a_version_that_is_not_trained_cannot_be_active(drawn: Dataset, owner: User):
    version = request_training(dataset=drawn, by=owner)
    with pytest.raises(MicroDBError, match="Only a trained version can be active; version 1 is queued"):
        activate(model_version=version)


def test_a_changed_artifact_is_refused(trained: ModelVersion):
    with default_storage.open(trained.artifact.name, "ab") as file:
        file.write(b"!")
    with pytest.raises(MicroDBError, match="changed since it was trained"):
        artifact.load.__wrapped__(trained.artifact.name, trained.artifact_sha256)
