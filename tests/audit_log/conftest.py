"""A dataset in which everything that can be changed is there."""

from collections.abc import Callable
from typing import Any

import pytest

from microdb.accounts.models import User
from microdb.micrographs.models import Dataset
from tests.audit_log.world import World
from tests.quizzes.conftest import add, draft, held_out, quiz, score, version  # noqa: F401 # fixtures


@pytest.fixture
def world(request: Any, dataset: Dataset, owner: User, png: Callable[..., bytes], settings, tmp_path) -> World:
    settings.MEDIA_ROOT = tmp_path / "media"
    return World(request.getfixturevalue, dataset, owner, png)
