"""The client's commands: signing in, exit codes, and sentences for what is wrong."""

import json
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from microdb.accounts.models import User
from microdb.accounts.services import create_api_token
from microdb.client import Client
from microdb.micrographs.models import Dataset
from microdb.training.models import ModelVersion
from tests.client.conftest import Run
from tests.client.proxy import Proxy

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An environment without address and token; the path where login stores them."""
    for name in ("MICRODB_URL", "MICRODB_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path / "config" / "microdb" / "login.json"


def test_the_client_imports_neither_django_nor_torch():
    code = "import microdb.client.command_line, sys; print([name for name in sys.modules if name.split('.')[0] in {}])"
    barred = ("django", "celery", "rest_framework", "torch", "classifier")
    done = subprocess.run([sys.executable, "-c", code.format(barred)], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_login_stores_the_token_for_this_user_alone(
    nobody: Path, network: Proxy, owner: User, run: Run, dataset: Dataset
):
    _token, secret = create_api_token(user=owner, scopes=["read", "score"])
    code, printed, told = run("login", f"{network.url}/", "--token", secret)
    assert (code, printed) == (0, "")
    assert "read, score" in told
    assert "never expires" in told
    assert json.loads(nobody.read_text()) == {"url": network.url, "token": secret}
    assert stat.S_IMODE(nobody.stat().st_mode) == 0o600
    assert run("datasets")[:2] == (0, "steels\tSteels\n")


def test_a_wrong_token_is_not_stored(nobody: Path, network: Proxy, db: None, run: Run):
    code, _printed, told = run("login", network.url, "--token", "wrong")
    assert (code, "does not take this token" in told.replace("\n", " ")) == (1, True)
    assert not nobody.exists()


def test_a_stored_token_goes_to_no_other_site(nobody: Path, network: Proxy, owner: User, run: Run, monkeypatch):
    run("login", network.url, "--token", create_api_token(user=owner, scopes=["read"])[1])
    monkeypatch.setenv("MICRODB_URL", "https://elsewhere.example.org")
    code, _printed, told = run("datasets")
    assert (code, "set MICRODB_TOKEN" in told.replace("\n", " ")) == (1, True)


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["datasets"], 1, "Not signed in. Run: python -m microdb.client login URL"),
        (["login", "microdb.example.org"], 1, "no address of a site"),
        (["score", "steels"], 2, "the following arguments are required: PATH"),
        (["fly"], 2, "invalid choice"),
        ([], 2, "required: COMMAND"),
    ],
)
def test_mistakes_are_named(nobody: Path, run: Run, arguments: list[str], code: int, sentence: str):
    given, _printed, told = run(*arguments)
    assert (given, sentence in " ".join(told.split())) == (code, True), told


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["score", "steels", "nowhere"], "There is no file or folder nowhere"),
        (["score", "brass", "a.png"], "no dataset “brass” among yours"),
        (["upload", "steels", "empty"], "There is no image"),
        (["score", "steels", "a.png"], "has no trained model yet"),
        (["watch", "steels", "nowhere"], "There is no folder nowhere"),
        (["results", "steels"], "has no batch yet"),
    ],
)
def test_what_is_not_there_is_named(
    signed_in_client: Proxy, dataset: Dataset, run: Run, arguments, sentence, tmp_path: Path, monkeypatch
):
    (tmp_path / "empty").mkdir()
    (tmp_path / "a.png").write_bytes(b"an image")
    monkeypatch.chdir(tmp_path)
    code, _printed, told = run(*arguments)
    assert (code, sentence in " ".join(told.split())) == (1, True), told


def test_a_server_that_stays_away_ends_the_patience(signed_in_client: Proxy, dataset: Dataset):
    from microdb.client import Unreachable

    signed_in_client.down = True
    heard: list[str] = []
    with pytest.raises(Unreachable, match="goes on where it was"):
        list(Client(patience=0.5, report=heard.append).datasets())
    assert "does not answer" in heard[0]


def test_the_rate_limit_is_waited_for(signed_in_client: Proxy, dataset: Dataset, settings):
    from django.core.cache import cache

    cache.clear()
    settings.API_RATE_PER_TOKEN = 1
    heard: list[str] = []
    client = Client(patience=5, report=heard.append)
    assert [row["slug"] for row in client.datasets()] == ["steels"]
    from microdb.client import Unreachable

    with pytest.raises(Unreachable):  # the minute is longer than the patience
        list(client.datasets())
    cache.clear()


def test_a_training_is_watched_to_its_end(worker: None, drawn: Dataset, signed_in_client: Proxy, run: Run):
    code, printed, told = run("train", "steels", "--watch")
    version = ModelVersion.objects.get()
    assert (code, printed) == (0, f"{version.number}\n"), told
    assert (version.state, "done" in told) == ("done", True)


def test_a_training_that_cannot_start_is_refused_with_the_reason(signed_in_client: Proxy, dataset: Dataset, run: Run):
    code, printed, told = run("train", "steels", "--watch")
    assert (code, printed) == (1, "")
    assert told.startswith("Error: ")


def test_a_version_leaves_as_a_zip_and_comes_back_as_another_version(site: Proxy, run: Run, tmp_path: Path):
    packed = tmp_path / "model.zip"
    code, printed, told = run("export", "steels", 1, packed)
    assert (code, printed) == (0, ""), told
    code, printed, told = run("import", "steels", packed)
    assert (code, printed) == (0, "2\n"), told
    first, second = ModelVersion.objects.order_by("number")
    assert second.classes == first.classes
    assert (first.is_active, second.is_active) == (True, False)


def test_a_zip_that_holds_no_model_is_refused_with_the_reason(site: Proxy, run: Run, tmp_path: Path):
    wrong = tmp_path / "wrong.zip"
    wrong.write_bytes(b"not a zip")
    code, printed, told = run("import", "steels", wrong)
    assert (code, printed) == (1, ""), told
    assert told.startswith("Error: ")
    assert run("import", "steels", tmp_path / "nowhere.zip")[0] == 1
    code, printed, told = run("export", "steels", 7, tmp_path / "out.zip")
    assert (code, printed, (tmp_path / "out.zip").exists()) == (1, "", False), told
    assert ModelVersion.objects.count() == 1
