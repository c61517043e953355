"""A running site with a trained model and a real worker, and a network that can fail before it."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings

from microdb.accounts.models import User
from microdb.accounts.services import create_api_token
from microdb.client import connection
from microdb.client.command_line import main
from microdb.training.models import ModelVersion
from tests.client.proxy import Proxy, proxy_to
from tests.trained import (  # noqa: F401 # fixtures
    TINY,
    add_drawn,
    drawn,
    drawn_png,
    tiny_classifier,
    trained,
)
from tests.workers import celery_worker


@pytest.fixture(autouse=True)
def quick_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "FIRST_PAUSE", 0.05)
    monkeypatch.setattr(connection, "LONGEST_PAUSE", 0.2)


@pytest.fixture(scope="module")
def worker(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Reads, scores and trains on the test database."""
    folder = tmp_path_factory.mktemp("worker")
    (folder / "classifier.json").write_text(json.dumps(TINY))
    with (
        override_settings(CLASSIFIER_CONFIG=str(folder / "classifier.json")),
        celery_worker("ingest,score,batch,sweep,train", folder / "log"),
    ):
        yield


@pytest.fixture
def network(live_server: Any) -> Iterator[Proxy]:
    with proxy_to(live_server.url) as proxy:
        yield proxy


@pytest.fixture
def signed_in_client(network: Proxy, owner: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Proxy:
    """The environment has the site's address and a token of its owner."""
    _token, secret = create_api_token(user=owner, scopes=["read", "upload", "train", "score"])
    monkeypatch.setenv("MICRODB_URL", network.url)
    monkeypatch.setenv("MICRODB_TOKEN", secret)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return network


@pytest.fixture
def site(worker: None, trained: ModelVersion, signed_in_client: Proxy) -> Proxy:  # noqa: F811
    """A site that scores."""
    return signed_in_client


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Four drawn micrographs that the site does not have, one of them in a subfolder."""
    folder = tmp_path / "micrographs"
    (folder / "day 2").mkdir(parents=True)
    for number, name in enumerate(["a.png", "b.png", "ü.png", "day 2/a.png"]):
        (folder / name).write_bytes(drawn_png("pearlite", 50 + number))
    return folder


Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """``run("score", ...)``: exit code, standard output and standard error of a command."""

    def command(*arguments: object) -> tuple[int, str, str]:
        try:
            code = main([str(one) for one in arguments])
        except SystemExit as end:  # argparse
            code = int(end.code or 0)
        out, err = capsys.readouterr()
        return code, out, err

    return command
