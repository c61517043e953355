"""Work is shown without the names of its micrographs, some of which an open quiz may withhold."""

import pytest
from django.test import Client
from django.utils import timezone

from microdb.accounts.models import User
from microdb.accounts.services import create_api_token
from microdb.micrographs.models import Micrograph
from tests.activity.conftest import MakeVersion, batch, reading, scores

pytestmark = pytest.mark.django_db


def test_neither_page_nor_api_names_a_micrograph(signed_in: Client, owner: User, version: MakeVersion) -> None:
    done = version("done")
    batch(done, *scores(done, 1), *scores(done, 1, state="failed", error="secret.png is broken"))
    scores(done, 1, state="failed", error="secret.png is broken", error_id="abc")
    reading(done.dataset, state="failed", error="secret.png is broken", finished_at=timezone.now())
    Micrograph.objects.update(filename="secret.png", specimen="secret")
    token = create_api_token(user=owner, scopes=["read"])[1]
    api = Client(headers={"authorization": f"Token {token}"})
    for answer in (signed_in.get("/jobs/"), signed_in.get("/jobs/indicator/"), api.get("/api/v1/jobs/")):
        assert answer.status_code == 200
        assert "secret" not in answer.content.decode()
