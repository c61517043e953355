"""Fixtures of a trained model, and of its batch API."""

import pytest
from django.test import Client

from microdb.accounts.models import User
from microdb.accounts.services import create_api_token
from microdb.training.models import ModelVersion
from tests.scoring.batch_api import Api
from tests.trained import add_drawn, drawn, tiny_classifier, trained  # noqa: F401 # fixtures


@pytest.fixture
def one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """A message scores its own micrograph and none ahead."""
    monkeypatch.setattr("microdb.scoring.services.claiming.AHEAD", 0)


@pytest.fixture
def api(client: Client, trained: ModelVersion, owner: User) -> Api:  # noqa: F811 # the fixture imported above
    """The batch API for the owner of a dataset with a trained version."""
    return Api(client, {"authorization": "Token " + create_api_token(user=owner, scopes=["read", "score"])[1]})
