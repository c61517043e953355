"""The documentation is served from its folder, and nothing beside it."""

import base64
import hashlib
from pathlib import Path

import pytest
from django.test import Client

SCRIPT = "document.title += '!'"


@pytest.fixture
def built(tmp_path: Path, settings) -> Path:
    folder = tmp_path / "docs"
    (folder / "method").mkdir(parents=True)
    (folder / "index.html").write_text(f"<p>Welcome</p><script>{SCRIPT}</script><script src='a.js'></script>")
    (folder / "method" / "index.html").write_text("<p>How</p>")
    (folder / "a.js").write_text("1")
    (tmp_path / "secret.html").write_text("secret")
    settings.DOCS = folder
    return folder


def test_its_pages_and_files_are_served_without_an_account(client: Client, db, built: Path) -> None:
    assert "Welcome" in client.get("/docs/").text
    assert "How" in client.get("/docs/method/index.html").text
    assert client.get("/docs/method/").url == "/docs/method/index.html"
    assert client.get("/docs/a.js")["Content-Type"].startswith("text/javascript")


def test_its_policy_allows_the_scripts_that_stand_in_the_page_and_no_others(client: Client, db, built: Path) -> None:
    policy = client.get("/docs/")["Content-Security-Policy"]
    digest = base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()
    (scripts,) = [part for part in policy.split("; ") if part.startswith("script-src")]
    assert scripts == f"script-src 'self' 'sha256-{digest}'"


@pytest.mark.parametrize("name", ["../secret.html", "%2e%2e/secret.html", "method/../../secret.html", "nothing.html"])
def test_what_is_not_in_its_folder_is_not_found(client: Client, db, built: Path, name: str) -> None:
    answer = client.get(f"/docs/{name}")
    assert answer.status_code == 404
    assert "secret" not in answer.text.replace("secret.html", "")


def test_where_it_was_not_built_a_page_says_so(client: Client, db, settings, tmp_path: Path) -> None:
    settings.DOCS = tmp_path
    answer = client.get("/docs/")
    assert answer.status_code == 404
    assert "is not on this site" in answer.text
    assert "/guide/" in answer.text
