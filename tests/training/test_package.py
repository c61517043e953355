"""A version leaves as a zip and comes back from one; a wrong zip is refused in words and leaves nothing."""

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from microdb.accounts.models import User
from microdb.audit_log.models import Entry
from microdb.audit_log.verbs import Verb
from microdb.jobs import Job
from microdb.micrographs.models import Dataset
from microdb.micrographs.services import create_dataset, update_dataset
from microdb.quizzes.composition.leakage import leaks
from microdb.training import imports, package
from microdb.training.models import ModelImport, ModelVersion
from microdb.training.services import activate
from microdb.training.tasks import import_model
from tests.trained import drawn_png

EXPORT = "/datasets/steels/training/1/export/"


@pytest.fixture
def packed(trained: ModelVersion) -> bytes:
    return package.write_package(trained)


def imported(dataset: Dataset, packed: bytes, by: User | None = None) -> ModelImport:
    """What a worker makes of a zip."""
    file = io.BytesIO(packed)
    job = imports.request_import(dataset=dataset, file=file, filename="model.zip", size=len(packed), by=by)
    import_model(job.pk)
    job.refresh_from_db()
    return job


def changed(packed: bytes, **members: bytes | None) -> bytes:
    """The zip with other contents of some members (dots as underscores); None leaves one out."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(packed)) as old, zipfile.ZipFile(target, "w") as new:
        given = {name.replace("__", "."): content for name, content in members.items()}
        for name in dict.fromkeys([*old.namelist(), *given]):
            content = given.get(name, old.read(name) if name in old.namelist() else None)
            if content is not None:
                new.writestr(name, content)
    return target.getvalue()


def with_manifest(packed: bytes, **fields: Any) -> bytes:
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        manifest = json.loads(archive.read("manifest.json"))
    return changed(packed, manifest__json=json.dumps({**manifest, **fields}).encode())


def stored_models() -> set[str]:
    found = set()
    for folder in ("models", "models/imported", "imports"):
        if default_storage.exists(folder):
            found |= {f"{folder}/{name}" for name in default_storage.listdir(folder)[1]}
    return found


def test_the_zip_holds_the_model_and_a_manifest_that_tells_of_it(signed_in: Client, trained: ModelVersion):
    answer = signed_in.get(EXPORT)
    assert answer["Content-Disposition"] == 'attachment; filename="steels-version-1.zip"'
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        manifest = json.loads(archive.read("manifest.json"))
        assert sorted(archive.namelist()) == ["manifest.json", "model.json", "weights.safetensors"]
        for name, about in manifest["files"].items():
            assert about == package._about(archive.read(name))
    assert manifest["classes"] == ["ferrite", "pearlite"]
    assert manifest["metrics"]["accuracy"] == trained.metrics["accuracy"]
    assert manifest["dataset"]["sha256"] == trained.dataset_version.sha256
    entries = trained.dataset_version.entries.filter(split="train")
    assert sorted(manifest["trained_on"]) == sorted(entries.values_list("micrograph__sha256", flat=True))
    assert Entry.objects.filter(verb=Verb.MODEL_EXPORTED).count() == 1


def test_the_command_line_scores_with_the_zip_as_it_is(packed: bytes, tmp_path: Path):
    (tmp_path / "model.zip").write_bytes(packed)
    (tmp_path / "one.png").write_bytes(drawn_png("ferrite", 7))
    command = [sys.executable, "-m", "classifier", "score", "model.zip", "one.png", "--pixels-per-micrometre", "10"]
    found = subprocess.run(
        command,
        cwd=tmp_path,
        env={"PYTHONPATH": str(Path.cwd()), "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout.splitlines()[1].startswith("one.png,10.0,")


def test_an_imported_version_scores_as_the_original_does_and_is_not_active(
    trained: ModelVersion, packed: bytes, owner: User
):
    job = imported(trained.dataset, packed, owner)
    assert (job.state, job.error) == (Job.State.DONE, "")
    version = job.model_version
    assert version is not None
    assert (version.number, version.state, version.is_active) == (2, Job.State.DONE, False)
    assert version.artifact_sha256 == trained.artifact_sha256
    assert version.classes == trained.classes
    assert version.metrics["accuracy"] == trained.metrics["accuracy"]
    taken = {name: part for name, part in trained.descriptor_map.items() if name != "micrographs"}
    assert version.descriptor_map == taken, "without the keys of this site's micrographs"
    assert version.imported["name"] == "Steels, version 1"
    assert version.requested_by == owner
    activate(model_version=version)
    (entry,) = Entry.objects.filter(verb=Verb.MODEL_IMPORTED)
    assert entry.additional_data["sha256"] == job.sha256


def test_the_uploaded_file_is_deleted_when_the_import_has_ended(trained: ModelVersion, packed: bytes):
    before = stored_models()
    job = imported(trained.dataset, packed)
    assert job.package.name == ""
    assert not [name for name in stored_models() - before if name.startswith("imports/")]


def test_a_quiz_is_warned_of_micrographs_that_an_imported_version_was_trained_on(trained: ModelVersion, packed: bytes):
    version = imported(trained.dataset, packed).model_version
    known = trained.dataset.micrographs.filter(split="train")[:1]
    unknown = trained.dataset.micrographs.filter(split="quiz")
    assert leaks(known, [version])
    assert not leaks(unknown, [version])


NOT_A_ZIP = b"\x80\x04pickle"


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda packed: NOT_A_ZIP, "it is no readable zip"),
        (lambda packed: packed[: len(packed) // 2], "it is no readable zip"),
        (lambda packed: changed(packed, weights__safetensors=None), "exactly the files"),
        (lambda packed: changed(packed, extra__pkl=b"x"), "exactly the files"),
        (lambda packed: changed(packed, weights__safetensors=b"0" * 100), "weights.safetensors is damaged"),
        (lambda packed: changed(packed, model__json=b"{}"), "model.json is damaged"),
        (lambda packed: changed(packed, manifest__json=b"[" * 100_000), "manifest.json is no JSON"),
        (lambda packed: with_manifest(packed, format="other"), "does not describe a model of MicroDB"),
        (lambda packed: with_manifest(packed, version=99), "newer MicroDB"),
        (lambda packed: with_manifest(packed, classes=["ferrite", "bainite"]), "names other classes"),
        (lambda packed: with_manifest(packed, trained_on=["x"]), "trained_on"),
        (lambda packed: with_manifest(packed, trained_at="yesterday"), "trained_at"),
    ],
)
def test_a_damaged_or_foreign_zip_is_refused_in_words_and_leaves_nothing(
    spoil: Any, why: str, trained: ModelVersion, packed: bytes
):
    before = stored_models()
    job = imported(trained.dataset, spoil(packed))
    assert job.state == Job.State.FAILED
    assert why in job.error
    assert job.error_id == ""
    assert trained.dataset.model_versions.count() == 1
    assert stored_models() == before


@pytest.mark.parametrize(
    "metrics",
    [
        {"held_out": 5},
        {"held_out": 5, "outcomes": "x"},
        {"operating_point": {"known": 1}},
        {"counts": [1]},
    ],
)
def test_a_model_whose_metrics_no_page_could_show_is_refused(
    metrics: dict[str, Any], trained: ModelVersion, packed: bytes
):
    job = imported(trained.dataset, repacked(packed, metrics=metrics))
    assert job.state == Job.State.FAILED
    assert "can’t be read" in job.error
    assert trained.dataset.model_versions.count() == 1


def repacked(packed: bytes, metrics: dict[str, Any] | None = None, **settings: Any) -> bytes:
    """A zip whose files agree with each other, of a network of other sizes or with other metrics."""
    from classifier.artifact import _digest

    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        body, manifest = json.loads(archive.read("model.json")), json.loads(archive.read("manifest.json"))
    body["config"]["paper"].update(settings)
    body["metrics"] = body["metrics"] if metrics is None else metrics
    body.pop("sha256")
    model = json.dumps({**body, "sha256": _digest(body)}).encode()
    manifest["files"]["model.json"] = package._about(model)
    return changed(packed, model__json=model, manifest__json=json.dumps(manifest).encode())


def test_a_network_too_large_for_any_training_is_refused_before_it_is_built(trained: ModelVersion, packed: bytes):
    job = imported(trained.dataset, repacked(packed, hidden=10**9))
    assert "its setting paper.hidden is 1000000000" in job.error


def test_weights_that_do_not_fit_their_description_are_refused(trained: ModelVersion, packed: bytes):
    job = imported(trained.dataset, repacked(packed, hidden=20))
    assert job.state == Job.State.FAILED
    assert "incomplete" in job.error
    assert "/tmp" not in job.error


def test_a_dataset_without_the_classes_is_told_which_it_lacks(packed: bytes, owner: User):
    other = create_dataset(by=owner, name="Irons", slug="irons", class_names=["ferrite", "graphite"])
    job = imported(other, packed)
    assert "classes that this dataset lacks: pearlite" in job.error


def test_a_model_that_needs_a_scale_is_not_imported_into_a_scale_free_dataset(trained: ModelVersion, packed: bytes):
    update_dataset(dataset=trained.dataset, scale_free=True)
    assert "needs a scale" in imported(trained.dataset, packed).error


def test_an_altered_model_is_not_exported_but_said_to_be_altered(signed_in: Client, trained: ModelVersion):
    with default_storage.open(trained.artifact.name, "ab") as file:
        file.write(b"!")
    answer = signed_in.get(EXPORT)
    assert answer.status_code == 410
    assert "was altered in the server" in answer.text


def test_the_page_takes_a_zip_shows_the_import_and_what_became_of_it(
    signed_in: Client, trained: ModelVersion, packed: bytes
):
    page = "/datasets/steels/training/"
    signed_in.post(f"{page}import/", {"file": SimpleUploadedFile("model.zip", packed)})
    job = ModelImport.objects.get()
    assert "queued" in signed_in.get(f"{page}imports/").text
    import_model(job.pk)
    assert "/datasets/steels/training/2/" in signed_in.get(f"{page}imports/").text
    assert "Imported from “Steels, version 1”" in signed_in.get(f"{page}2/").text
    assert "trained elsewhere" in signed_in.get(f"{page}2/held-out/").text


def test_a_cancelled_import_makes_no_version(signed_in: Client, trained: ModelVersion, packed: bytes):
    signed_in.post("/datasets/steels/training/import/", {"file": SimpleUploadedFile("model.zip", packed)})
    job = ModelImport.objects.get()
    signed_in.post(f"/datasets/steels/training/imports/{job.pk}/cancel/")
    import_model(job.pk)
    job.refresh_from_db()
    assert (job.state, job.model_version) == (Job.State.CANCELLED, None)
    imports.drop_ended_packages()
    assert not [name for name in stored_models() if name.startswith("imports/")]


def test_the_api_exports_and_imports(signed_in: Client, trained: ModelVersion):
    address = "/api/v1/datasets/steels/model-versions/"
    packed = signed_in.get(f"{address}1/export/").content
    answer = signed_in.post(f"{address}imports/", {"file": SimpleUploadedFile("model.zip", packed)})
    assert answer.status_code == 202, answer.text
    import_model(answer.json()["id"])
    found = signed_in.get(f"{address}imports/{answer.json()['id']}/").json()
    assert (found["state"], found["model_version"]) == ("done", 2)
    assert signed_in.get(f"{address}2/").json()["imported_from"] == "Steels, version 1"
    empty = signed_in.post(f"{address}imports/", {"file": SimpleUploadedFile("model.zip", b"")})
    assert empty.json()["code"] == "empty_file"
