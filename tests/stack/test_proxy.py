"""A real nginx with the configuration of the containers, in front of a real gunicorn."""

import io
import os
import re
import shutil
import signal
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from django.conf import settings as django_settings
from django.test import Client

from microdb.accounts.models import User
from microdb.accounts.services import create_api_token
from microdb.micrographs.models import Dataset, Micrograph
from microdb.micrographs.services import add_and_read_micrograph
from microdb.stack.process.ports import free_port
from tests.quizzes.crowd import collect_static
from tests.slow_clients import SLOW, WITHIN, slow_clients, slowest_login_page
from tests.workers import database_url, wait_until

ROOT = Path(__file__).resolve().parents[2]
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
pytestmark = [
    pytest.mark.skipif(not (NGINX and shutil.which("openssl")), reason="nginx or openssl is not installed"),
    pytest.mark.django_db(transaction=True),
]


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


@dataclass(frozen=True)
class Site:
    """The address of the proxy, and what its access log holds."""

    http: str
    https: str
    log: Path
    cookie: str

    def get(self, address: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
        trusting = ssl._create_unverified_context()  # the test's own certificate
        opener = urllib.request.build_opener(urllib.request.HTTPSHandler(context=trusting), _NoRedirect)
        request = urllib.request.Request(address, headers=headers)
        try:
            answer = opener.open(request, timeout=30)
        except urllib.error.HTTPError as refused:
            answer = refused
        with answer:
            return answer.status, {name.lower(): value for name, value in answer.headers.items()}, answer.read()


def configuration(folder: Path, *, web: int, http: int, https: int) -> Path:
    """nginx.conf with the ports and folders of the test instead of the container's."""
    text = (ROOT / "docker" / "nginx.conf").read_text()
    changes = {
        "/tmp/": f"{folder}/",
        "server web:8000;": f"server 127.0.0.1:{web};",
        "listen 8080;": f"listen 127.0.0.1:{http};",
        "listen 8443 ssl;": f"listen 127.0.0.1:{https} ssl;",
        "/certificates/": f"{folder}/",
        "/var/cache/nginx/": f"{folder}/",
        "/data/media/": f"{folder}/media/",
        "/etc/nginx/mime.types": f"{folder}/mime.types",
        "/dev/stdout": f"{folder}/access.log",
        "/dev/stderr": f"{folder}/error.log",
    }
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    version = subprocess.run([str(NGINX), "-v"], capture_output=True, text=True).stderr
    if tuple(map(int, re.findall(r"\d+", version)[:2])) < (1, 25):
        text = text.replace("http2 on;", "")  # its older name is refused by newer ones
    (folder / "mime.types").write_text("types { }\n")
    (folder / "nginx.conf").write_text(f"user {os.environ.get('USER', 'root')};\n{text}" if os.geteuid() == 0 else text)
    return folder / "nginx.conf"


@pytest.fixture
def micrograph(settings, tmp_path: Path, dataset: Dataset, owner: User, png: Callable[..., bytes]) -> Micrograph:
    settings.MEDIA_ROOT = tmp_path / "media"
    return add_and_read_micrograph(dataset=dataset, file=io.BytesIO(png(1)), filename="one.png", by=owner)


def worker() -> list[str]:
    """The options with which the container runs gunicorn's workers."""
    text = (ROOT / "docker" / "entrypoint.sh").read_text()
    worker_class = re.search(r"--worker-class (\S+)", text)
    assert worker_class is not None
    return ["--worker-class", worker_class[1], "--threads", "4", "--no-control-socket"]


@pytest.fixture
def site(micrograph: Micrograph, signed_in: Client, tmp_path: Path) -> Iterator[Site]:
    web, http, https = free_port(), free_port(), free_port()
    certificate = ["-keyout", "privkey.pem", "-out", "fullchain.pem", "-subj", "/CN=localhost"]
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *certificate],
        cwd=tmp_path,
        check=True,
        capture_output=True,
    )
    collect_static()
    static = {"STATIC_ROOT": str(django_settings.STATIC_ROOT)}
    given = static | {"X_ACCEL": "/stored/", "BEHIND_TLS": "1", "VAR": str(tmp_path), "DATABASE_URL": database_url()}
    gunicorn = [sys.executable, "-m", "gunicorn", "microdb.wsgi", "--bind", f"127.0.0.1:{web}", *worker()]
    nginx = [str(NGINX), "-c", str(configuration(tmp_path, web=web, http=http, https=https)), "-g", "daemon off;"]
    running = [subprocess.Popen(gunicorn, cwd=ROOT, env={**os.environ, **given}), subprocess.Popen(nginx)]
    cookie = f"sessionid={signed_in.cookies[django_settings.SESSION_COOKIE_NAME].value}"
    found = Site(f"http://localhost:{http}", f"https://localhost:{https}", tmp_path / "access.log", cookie)
    try:
        end = time.monotonic() + 60
        while not is_up(found):
            assert time.monotonic() < end
            time.sleep(0.2)
        yield found
    finally:
        for process in running:
            process.send_signal(signal.SIGTERM)
        for process in running:
            process.wait(20)


def is_up(site: Site) -> bool:
    try:
        return site.get(f"{site.http}/healthz")[0] == 200
    except OSError:
        return False


def test_files_pages_and_redirects_as_the_containers_answer_them(
    site: Site, micrograph: Micrograph, png: Callable[..., bytes]
):
    master = f"/micrographs/{micrograph.pk}/master/"

    status, headers, body = site.get(site.https + master, Cookie=site.cookie)
    assert (status, body) == (200, png(1)), "nginx sends the file"
    assert headers["server"] == "nginx"
    assert "accept-ranges" in headers
    assert headers["content-disposition"] == 'attachment; filename="one.png"'
    assert headers["content-type"] == "application/octet-stream"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["strict-transport-security"].startswith("max-age=31536000")
    assert "x-accel-redirect" not in headers

    status, _, body = site.get(site.https + master, Cookie=site.cookie, Range="bytes=0-3")
    assert (status, body) == (206, png(1)[:4]), "and parts of it"

    status, headers, _ = site.get(f"{site.https}/micrographs/{micrograph.pk}/thumbnail/", Cookie=site.cookie)
    assert (status, headers["content-type"]) == (200, "image/webp")
    assert "immutable" in headers["cache-control"]

    assert site.get(site.https + master)[0] == 302, "but only where the site allows it"
    assert site.get(f"{site.https}/stored/{micrograph.master.name}", Cookie=site.cookie)[0] == 404

    status, headers, _ = site.get(f"{site.http}/datasets/?page=2")
    assert (status, headers["location"]) == (308, "https://localhost/datasets/?page=2")

    status, headers, _ = site.get(f"{site.https}/api/v1/datasets/", **{"X-Forwarded-Proto": "http"})
    assert status == 401, "a client cannot claim another protocol"
    taken = headers["x-request-id"]
    wait_until(lambda: taken in site.log.read_text(), seconds=10, log=site.log)  # nginx logs after it has answered
    assert str(micrograph.pk) not in site.log.read_text(), "no address is in the proxy's log"


def test_a_part_whose_connection_breaks_goes_through_to_the_site(site: Site, dataset: Dataset, owner: User):
    token = create_api_token(user=owner, scopes=["read", "upload"])[1]
    headers = {"Authorization": f"Token {token}", "Tus-Resumable": "1.0.0"}
    with httpx.Client(headers=headers, verify=False, timeout=60) as http:
        about = {"Upload-Length": "20000000", "Upload-Metadata": "filename YS50aWY="}
        address = http.post(f"{site.https}/api/v1/datasets/steels/uploads/", headers=about).headers["Location"]
        assert address.startswith(site.https)

        def broken_body() -> Iterator[bytes]:
            for _ in range(90):
                yield bytes(100_000)
            time.sleep(1)  # so that all of it has left this machine's buffers
            raise BrokenPipeError

        part = {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream", "Content-Length": "20000000"}
        with pytest.raises(BrokenPipeError):
            http.patch(address, content=broken_body(), headers=part)

        def arrived() -> int:
            return int(http.head(address).headers["Upload-Offset"])

        end = time.monotonic() + 20
        while not arrived():
            assert time.monotonic() < end
            time.sleep(0.2)
        assert arrived() > 8_000_000, "what nginx had is kept"


def test_forty_slow_senders_do_not_keep_others_from_the_login_page(site: Site):
    trusting = ssl._create_unverified_context()
    slowest_login_page(site.https, [], 1, trusting)  # the first pages need templates that are not there yet
    for start in SLOW.values():
        with slow_clients(("localhost", int(site.https.rpartition(":")[2])), start, tls=trusting) as clients:
            assert slowest_login_page(site.https, clients, 3, trusting) < WITHIN
