"""Outside the demo, settings that would be unsafe are refused, and pages are safe behind TLS."""

import os
import re
import secrets
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
STRONG = secrets.token_urlsafe(64)
SITE = {"DATABASE_URL": "postgres://u:p@127.0.0.1:1/db", "REDIS_URL": "redis://127.0.0.1:1/0"}


def manage(*arguments: str, var: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={**kept, "VAR": str(var), **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def compose_defaults() -> dict[str, str]:
    """Variables that the compose file sets by itself."""
    text = (ROOT / "docker" / "compose.yaml").read_text()
    return dict(re.findall(r"^  ([A-Z_]+): \$\{\1:-([^}]*)\}$", text, re.MULTILINE))


def test_the_settings_of_the_compose_file_pass_djangos_check_of_deployments(tmp_path: Path):
    given = {"SECRET_KEY": STRONG, "ALLOWED_HOSTS": "microdb.example.org,localhost", **SITE, **compose_defaults()}
    done = manage("check", "--deploy", "--fail-level", "WARNING", var=tmp_path, **given)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "no issues" in done.stdout


@pytest.mark.parametrize(
    "key", ["s", "changeme", "x" * 64, "only for this run", pytest.param(STRONG[:49], id="too short")]
)
def test_a_weak_key_is_refused_outside_the_demo(tmp_path: Path, key: str):
    done = manage("check", var=tmp_path, SECRET_KEY=key, ALLOWED_HOSTS="localhost", **SITE)
    assert done.returncode != 0
    assert "SECRET_KEY is too weak" in done.stderr
    assert key not in done.stderr or key == "s"


def test_any_host_is_refused_outside_the_demo(tmp_path: Path):
    done = manage("check", var=tmp_path, SECRET_KEY=STRONG, ALLOWED_HOSTS="localhost,*", **SITE)
    assert done.returncode != 0
    assert "ALLOWED_HOSTS=*" in done.stderr


SHOW_KEY = "from django.conf import settings; print(settings.SECRET_KEY)"


def test_the_demo_signs_with_a_key_that_nobody_can_know(tmp_path: Path):
    keys = {manage("shell", "-v", "0", "-c", SHOW_KEY, var=tmp_path, MICRODB_DEMO="1", **SITE).stdout for _ in range(2)}
    assert len(keys) == 2
    assert min(map(len, keys)) > 50


SHOW_HEADERS = """
from django.test import Client
for secure in (False, True):
    answer = Client().get("/accounts/login/", secure=secure, headers={"host": "localhost"})
    print(answer.status_code, answer.headers)
    print(answer.cookies)
print(Client().get("/healthz", headers={"host": "localhost"}).status_code)
"""


def test_behind_tls_cookies_are_secure_and_plain_http_is_redirected_except_for_health(tmp_path: Path):
    given = {"SECRET_KEY": STRONG, "ALLOWED_HOSTS": "localhost", "BEHIND_TLS": "1", **SITE}
    manage("collectstatic", "--noinput", var=tmp_path, **given)
    done = manage("shell", "-v", "0", "-c", SHOW_HEADERS, var=tmp_path, **given)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("301 ")
    assert done.stdout.strip().endswith("200")
    for part in ("max-age=31536000", "Permissions-Policy", "camera=()", "Secure"):
        assert part in done.stdout
