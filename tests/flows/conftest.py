"""Whole journeys: a quickstart of its own, driven by a real Chromium."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent.parent
START_LIMIT = 90
"""Seconds until /readyz must answer; the promise is 60 on a machine that does nothing else."""
QUICK_CONFIG = {"bank_crops": 1, "steps": 50, "pretrained": {"background": 16}}
"""A training of seconds: these tests are about the journey, not about accuracy."""
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass
class Site:
    """A running quickstart with its own VAR."""

    process: subprocess.Popen[str]
    url: str
    environment: dict[str, str]

    def manage(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env={**self.environment, **environment},
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start_site(var: Path, *options: str, port: int = 0, **environment: str) -> Site:
    """Run quickstart as a person would, on any free port by default, and wait until it is ready."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR")}
    env = {**kept, "VAR": str(var), **environment}
    port = port or free_port()
    log = (var.parent / f"{var.name}.log").open("a")
    process = subprocess.Popen(
        [sys.executable, "manage.py", "quickstart", "--port", str(port), *options],
        cwd=ROOT,
        env=env,
        stdout=log,
        stderr=subprocess.STDOUT,
        text=True,
    )
    site = Site(process, f"http://127.0.0.1:{port}", env)
    wait_until(lambda: ready(site), START_LIMIT, lambda: Path(log.name).read_text())
    return site


def ready(site: Site) -> bool:
    assert site.process.poll() is None, f"quickstart ended with {site.process.returncode}"
    try:
        with urllib.request.urlopen(f"{site.url}/readyz", timeout=5) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def wait_until(condition: Callable[[], object], seconds: float, report: Callable[[], str] = str) -> None:
    """Wait for ``condition``; past ``seconds`` fail with what ``report`` says."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s: {report()}"
        time.sleep(0.3)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site without the demo, a quick training configuration, and the superuser ``ada``."""
    folder = tmp_path_factory.mktemp("site")
    config = folder / "config.json"
    config.write_text(json.dumps(QUICK_CONFIG))
    site = start_site(folder / "var", "--no-demo", CLASSIFIER_CONFIG=str(config))
    made = site.manage(
        "createsuperuser", "--noinput", "--username", "ada", "--email", "ada@example.org",
        DJANGO_SUPERUSER_PASSWORD="correct horse",
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    yield site
    site.process.terminate()
    site.process.wait(timeout=60)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, headless."""
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("no chromium on this machine: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@contextmanager
def signed_in(browser: Browser, site: Site) -> Iterator[Page]:
    """A window in which Ada is signed in; see ``fail_on_console_errors``."""
    context = browser.new_context(base_url=site.url)
    page = context.new_page()
    page.set_default_timeout(30_000)
    with fail_on_console_errors(page):
        page.goto("/accounts/login/")
        page.fill("#id_login", "ada")
        page.fill("#id_password", "correct horse")
        page.click("main button.primary")
        yield page
    context.close()


def make_dataset(page: Page, name: str) -> None:
    """Make a dataset with the classes ferrite and pearlite, and open its upload page."""
    page.goto("/datasets/new/")
    page.fill("#id_name", name)
    page.fill("#id_class_names", "ferrite\npearlite")
    page.get_by_role("button", name="Make the dataset").click()
    page.wait_for_url("**/upload/")


@contextmanager
def fail_on_console_errors(page: Page) -> Iterator[None]:
    """Fail when the console reports an error: a script broke, or the content security policy refused something."""
    complaints: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error":
            complaints.append(f"{message.text} ({message.location})")

    page.on("console", note)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield
    assert complaints == []
