"""A filled database of the first release's schema is migrated to today's, and what it held is there and readable."""

import os
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import psycopg2
import pytest
from django.apps.registry import Apps
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.test import Client
from django.utils import timezone

from microdb.accounts.models import User
from microdb.micrographs.models import Dataset, Micrograph, MicrographCount, Reading
from microdb.quizzes.models import Answer, Ballot, Quiz
from microdb.scoring.models import Batch, Score
from microdb.stack.preparation import connected
from microdb.training.models import ModelVersion

ROOMS = ("accounts", "micrographs", "training", "scoring", "quizzes")
FIRST = [(room, "0001_initial") for room in ROOMS]
LABELS = ("ferrite", "pearlite", "")
NOW = timezone.now()
ENDED = {"state": "done", "progress": 1.0, "started_at": NOW, "finished_at": NOW}


@pytest.fixture(scope="module")
def upgraded(django_db_blocker: Any) -> Iterator[None]:
    """A database of its own, made with the first schema, filled, and migrated as an upgrade does."""
    server = urlsplit(os.environ["DATABASE_URL"])
    with django_db_blocker.unblock(), closing(psycopg2.connect(server.geturl())) as owner:
        owner.autocommit = True
        owner.cursor().execute("CREATE DATABASE upgraded")
        with connected(server._replace(path="/upgraded").geturl()):
            fill(_migrated(FIRST))
            _migrated(MigrationExecutor(connection).loader.graph.leaf_nodes())
            yield
        ContentType.objects.clear_cache()
        owner.cursor().execute("DROP DATABASE upgraded")


def _migrated(targets: list[tuple[str, str]]) -> Apps:
    MigrationExecutor(connection).migrate(targets)
    return MigrationExecutor(connection).loader.project_state(targets).apps


def fill(apps: Apps) -> None:
    """Rows of every kind that the first release had, through its own models."""
    user = apps.get_model("accounts", "User").objects.create(username="ada", password="!", expertise="expert")
    apps.get_model("accounts", "ApiToken").objects.create(
        user=user, digest="d" * 64, beginning="abcdef", scopes=["read"]
    )
    dataset = apps.get_model("micrographs", "Dataset").objects.create(name="Steels", slug="steels", created_by=user)
    apps.get_model("micrographs", "Membership").objects.create(dataset=dataset, user=user, role="owner")
    classes = {
        name: apps.get_model("micrographs", "MaterialClass").objects.create(dataset=dataset, name=name, position=number)
        for number, name in enumerate(["ferrite", "pearlite"])
    }
    micrographs = _fill_micrographs(apps, dataset, classes, user)
    version = _fill_version(apps, dataset, micrographs, user)
    _fill_scores(apps, version, micrographs, user)
    _fill_quiz(apps, version, micrographs, user)


def _fill_micrographs(apps: Apps, dataset: Any, classes: dict[str, Any], user: Any) -> list[Any]:
    rows = [
        apps.get_model("micrographs", "Micrograph").objects.create(
            dataset=dataset,
            filename=f"{number}.png",
            master=f"masters/{number}",
            display=f"displays/{number}.png",
            sha256=f"{number:064}",
            file_format="PNG",
            width=64,
            height=48,
            bit_depth=8,
            state="reading" if number == 9 else "ready",
            material_class=classes.get(LABELS[number % 3]),
            none_of_these=number == 2,
            pixels_per_micrometre=None if number == 8 else 2.5 + number,
            scale_source="" if number == 8 else "by_hand",
            specimen=f"S{number // 2}",
            split="quiz" if number < 3 else "train",
            trashed_at=NOW - timedelta(days=1) if number == 7 else None,
            uploaded_by=user,
        )
        for number in range(10)
    ]
    apps.get_model("micrographs", "Change").objects.create(
        micrograph=rows[0], field="label", old="pearlite", new="ferrite", by=user
    )
    return rows


def _fill_version(apps: Apps, dataset: Any, micrographs: list[Any], user: Any) -> Any:
    frozen = apps.get_model("micrographs", "DatasetVersion").objects.create(dataset=dataset, number=1, sha256="f" * 64)
    for micrograph in micrographs[:7]:
        label = micrograph.material_class.name if micrograph.material_class else ""
        apps.get_model("micrographs", "DatasetVersionEntry").objects.create(
            version=frozen, micrograph=micrograph, label=label, pixels_per_micrometre=micrograph.pixels_per_micrometre
        )
    return apps.get_model("training", "ModelVersion").objects.create(
        dataset=dataset,
        dataset_version=frozen,
        number=1,
        classes=["ferrite", "pearlite"],
        artifact="models/1/artifact.zip",
        artifact_sha256="a" * 64,
        metrics={"scale_range": [1.0, 20.0]},
        is_active=True,
        requested_by=user,
        **ENDED,
    )


def _fill_scores(apps: Apps, version: Any, micrographs: list[Any], user: Any) -> None:
    batch = apps.get_model("scoring", "Batch").objects.create(model_version=version, requested_by=user)
    for position, micrograph in enumerate(micrographs[:3]):
        score = apps.get_model("scoring", "Score").objects.create(
            model_version=version,
            micrograph=micrograph,
            pixels_per_micrometre=micrograph.pixels_per_micrometre,
            predicted="ferrite",
            probability=0.7,
            none_of_these=0.1,
            probabilities={"ferrite": 0.7, "pearlite": 0.2},
            **ENDED,
        )
        apps.get_model("scoring", "BatchItem").objects.create(
            batch=batch, position=position, filename=micrograph.filename, micrograph=micrograph, score=score
        )
    apps.get_model("scoring", "Score").objects.create(model_version=version, micrograph=micrographs[4], state="queued")


def _fill_quiz(apps: Apps, version: Any, micrographs: list[Any], user: Any) -> None:
    quiz = apps.get_model("quizzes", "Quiz").objects.create(
        title="Who sees more?",
        slug="who",
        dataset=version.dataset,
        dataset_version=version.dataset_version,
        opened_at=NOW,
        frozen_sha256="e" * 64,
        created_by=user,
    )
    ballot = apps.get_model("quizzes", "Ballot").objects.create(
        quiz=quiz, nickname="Ada", panel="expert", order_seed=1, submitted_at=NOW
    )
    for position, micrograph in enumerate(micrographs[:3]):
        question = apps.get_model("quizzes", "Question").objects.create(
            quiz=quiz,
            micrograph=micrograph,
            position=position,
            pixels_per_micrometre=micrograph.pixels_per_micrometre,
            truth=micrograph.material_class,
            truth_none_of_these=micrograph.none_of_these,
        )
        apps.get_model("quizzes", "ModelAnswer").objects.create(
            question=question,
            model_version=version,
            predicted="ferrite",
            none_of_these=0.1,
            probabilities={"ferrite": 0.9},
        )
        apps.get_model("quizzes", "Answer").objects.create(
            ballot=ballot, question=question, material_class=micrograph.material_class, unsure=position == 2
        )


@pytest.fixture
def site(upgraded: None, django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock():
        yield


def test_every_row_is_there_with_what_people_entered(site: None):
    assert User.objects.get().expertise == "expert"
    assert User.objects.get().api_tokens.get().scopes == ["read"]
    assert Micrograph.objects.count() == 10
    assert Micrograph.objects.kept().count() == 9
    one = Micrograph.objects.get(filename="0.png")
    assert (one.label, one.pixels_per_micrometre, one.specimen, one.master.name) == ("ferrite", 2.5, "S0", "masters/0")
    assert one.changes.get().new == "ferrite"
    assert Micrograph.objects.get(filename="2.png").none_of_these
    version = ModelVersion.objects.get()
    assert (version.artifact.name, version.artifact_sha256) == ("models/1/artifact.zip", "a" * 64)
    assert version.dataset_version.entries.count() == 7
    assert sorted(Score.objects.values_list("state", flat=True)) == ["done", "done", "done", "queued"]
    assert [item.score.predicted for item in Batch.objects.get().items.all()] == ["ferrite"] * 3


def test_what_newer_releases_keep_beside_the_rows_is_made_of_them(site: None):
    assert list(Reading.objects.filter(state="queued").values_list("micrograph__filename", flat=True)) == ["9.png"]
    assert sum(MicrographCount.objects.values_list("count", flat=True)) == Micrograph.objects.kept().count()


def test_answers_of_the_quiz_are_those_that_were_given(site: None):
    quiz = Quiz.objects.get()
    assert [question.truth.label for question in quiz.questions.order_by("position")] == [
        "ferrite",
        "pearlite",
        "none-of-these",
    ]
    given = Answer.objects.order_by("question__position")
    assert [answer.option.label if answer.option else "unsure" for answer in given] == ["ferrite", "pearlite", "unsure"]
    assert Ballot.objects.get().submitted_at is not None


@pytest.mark.parametrize(
    "address",
    [
        "/datasets/",
        "/datasets/steels/",
        "/datasets/steels/health/",
        "/datasets/steels/training/1/",
        "/datasets/steels/scores/",
        "/quizzes/who/",
        "/quizzes/who/results/",
        "/api/v1/datasets/steels/micrographs/",
    ],
)
def test_the_pages_show_it(site: None, address: str):
    client = Client()
    client.force_login(User.objects.get())
    response = client.get(address)
    assert response.status_code == 200, response.content[:2000]
    assert "Steels" in response.text or "0.png" in response.text or "Who sees more?" in response.text


def test_the_upgraded_schema_is_the_one_that_the_models_describe(site: None):
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)
    assert Dataset.objects.get().members.count() == 1
