"""A site with every kind of row and file, in the database of the test and a VAR of its own."""

import io
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from microdb.accounts.models import User
from microdb.accounts.services import create_api_token
from microdb.backups.archive import Archive
from microdb.jobs import Job
from microdb.micrographs.models import Dataset, Micrograph
from microdb.micrographs.services import add_and_read_micrograph
from microdb.quizzes.models import Ballot, Quiz
from microdb.scoring.models import Score
from microdb.training.models import ModelVersion
from tests.quizzes.conftest import add, answer_all, ballot, draft, held_out, quiz, score, version  # noqa: F401 # fixtures


@pytest.fixture
def var(settings, tmp_path: Path) -> Path:
    """The VAR of the site that is backed up."""
    settings.VAR = tmp_path / "site"
    settings.MEDIA_ROOT = settings.VAR / "media"
    return settings.VAR


@pytest.fixture
def micrographs(var: Path, dataset: Dataset, owner: User, png: Callable[..., bytes]) -> list[Micrograph]:
    """Three of them, sent and read as usual."""
    return [
        add_and_read_micrograph(
            dataset=dataset, file=io.BytesIO(png(seed)), filename=f"{seed}.png", by=owner, pixels_per_micrometre=2.5
        )
        for seed in range(100, 103)
    ]


@pytest.fixture
def site(
    micrographs: list[Micrograph],
    quiz: Quiz,  # noqa: F811 # the fixture
    ballot: Ballot,  # noqa: F811
    answer_all: Callable[..., None],  # noqa: F811
    version: ModelVersion,  # noqa: F811
) -> Path:
    """The VAR of a site with an answered quiz, a trained version, scores and work that has not ended."""
    answer_all(ballot)
    version.artifact.save("artifact.zip", ContentFile(b"a trained model"))
    Score.objects.create(model_version=version, micrograph=micrographs[0], pixels_per_micrometre=2.5)
    Score.objects.create(
        model_version=version,
        micrograph=micrographs[1],
        pixels_per_micrometre=2.5,
        state=Job.State.RUNNING,
        heartbeat_at=timezone.now() - timedelta(minutes=2),
    )
    return Path(micrographs[0].master.path).parents[2]


@pytest.fixture
def token(owner: User) -> str:
    return create_api_token(user=owner, scopes=["read", "quiz"])[1]


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path / "backups")
