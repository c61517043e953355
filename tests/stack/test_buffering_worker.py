"""The web server of quickstart, with nothing in front of it, and clients that take their time."""

import http.client
import os
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import IO

import pytest
from waitress import buffers
from waitress.adjustments import Adjustments

from microdb.outages import DISK_FULL, outage_of
from microdb.stack.arriving import ArrivingRequest
from microdb.stack.process.ports import free_port
from microdb.stack.process.service import Service
from microdb.stack.site import WEB_THREADS, WEB_WORKERS, site_services
from tests.quizzes import crowd
from tests.slow_clients import HEAD, SLOW, WITHIN, slow_clients, slowest_login_page

ROOT = Path(__file__).resolve().parents[2]
HOST = "127.0.0.1"
MEGABYTES = b"x" * 2**21
SLEEPS = """
import time

def app(environ, start):
    time.sleep(int(environ["PATH_INFO"][1:]))
    start("200 OK", [])
    return [b"done"]
"""
"""An application that needs as many seconds as its path says."""


ANSWERS = """
def app(environ, start):
    path = environ["PATH_INFO"]
    start("200 OK", [] if path == "/streamed" else [("Content-Length", "2000")])
    return environ["wsgi.file_wrapper"](open(__file__, "rb")) if path == "/file" else iter([b"x" * 1000] * 2)
"""
"""An application that leaves it to the server to send no body with the answer to HEAD, as Django does."""


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Service, int]]:
    """The service and its port."""
    with crowd.web(tmp_path_factory.mktemp("web"), os.environ["DATABASE_URL"]) as (service, port):
        slowest_login_page(f"http://{HOST}:{port}", [], 2)  # the first pages need templates that are not there yet
        yield service, port


@pytest.mark.parametrize("start", SLOW.values(), ids=SLOW)
def test_forty_slow_senders_do_not_keep_others_from_the_login_page(web, start: bytes):
    _service, port = web
    with slow_clients((HOST, port), start) as clients:
        assert slowest_login_page(f"http://{HOST}:{port}", clients, 3) < WITHIN


def test_forty_clients_that_read_no_answer_do_not_keep_others_from_the_login_page(web):
    _service, port = web
    asked = b"GET /static/plotly/plotly.min.js HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with slow_clients((HOST, port), asked * 4):  # 18 MB
        slowest_login_page(f"http://{HOST}:{port}", [], 3)  # the answers are made first
        assert slowest_login_page(f"http://{HOST}:{port}", [], 3) < WITHIN


def test_uploads_take_no_thread_that_answers_pages(tmp_path: Path):
    uploads = 3 * WEB_WORKERS * WEB_THREADS
    with serving(tmp_path, SLEEPS) as port, ExitStack() as stack:
        body = b"POST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % len(MEGABYTES) + MEGABYTES
        for _upload in range(uploads):
            stack.enter_context(reached(port)).sendall(body)
        time.sleep(0.5)
        for _page in range(WEB_WORKERS * WEB_THREADS):
            start = time.monotonic()
            with urllib.request.urlopen(f"http://{HOST}:{port}/0", timeout=10) as answer:
                assert answer.read() == b"done"
            assert time.monotonic() - start < WITHIN


def test_a_long_body_arrives_whole_even_if_it_comes_in_pieces(web):
    _service, port = web
    body = b"login=nobody&password=" + MEGABYTES
    head = HEAD + b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(body)
    with socket.create_connection((HOST, port), timeout=30) as one:
        one.sendall(head + body[:1000])
        time.sleep(0.5)
        one.sendall(body[1000:])
        assert one.makefile("rb").readline().split()[1] == b"403", "Django answers: there is no token"


def test_the_answer_to_head_has_no_body_so_the_connection_can_be_used_again(tmp_path: Path):
    with serving(tmp_path, ANSWERS) as port, closing(http.client.HTTPConnection(HOST, port, timeout=10)) as one:
        for path in ("/plain", "/file", "/streamed"):
            for _again in range(2):
                one.request("HEAD", path)
                answer = one.getresponse()
                assert (answer.status, answer.read()) == (200, b"")
                assert answer.headers["Content-Length"] == (None if path == "/streamed" else "2000")
        one.request("GET", "/plain")
        assert len(one.getresponse().read()) == 2000


def test_a_request_that_runs_is_answered_before_the_server_ends(tmp_path: Path):
    with serving(tmp_path, SLEEPS) as port:
        running = reached(port)
        running.sendall(b"GET /2 HTTP/1.1\r\nHost: localhost\r\n\r\n")
        time.sleep(0.5)
    assert running.makefile("rb").read().endswith(b"\r\n\r\ndone")


@contextmanager
def serving(folder: Path, app: str) -> Iterator[int]:
    """The port of the web service with another application than the site; it is asked to end afterwards."""
    (folder / "other.py").write_text(app)
    port = free_port()
    command = site_services(base=ROOT, var=folder, host=HOST, port=port, environment={})[0].command
    command = ["other:app" if part == "microdb.wsgi" else part for part in command]
    server = subprocess.Popen(command, cwd=folder, env=os.environ | {"PYTHONPATH": str(ROOT)})
    try:
        reached(port).close()
        yield port
        server.send_signal(signal.SIGTERM)
        assert server.wait(20) == 0
    finally:
        server.kill()
        server.wait()


def full_disk(_self: object) -> IO[bytes]:
    return Path("/dev/full").open("w+b", buffering=0)


def reached(port: int) -> socket.socket:
    end = time.monotonic() + 30
    while True:
        try:
            return socket.create_connection((HOST, port), timeout=30)
        except OSError:
            assert time.monotonic() < end
            time.sleep(0.2)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a file that is always full")
@pytest.mark.parametrize("chunked", [False, True])
def test_a_disk_that_is_full_is_told_to_whoever_reads_the_body(monkeypatch: pytest.MonkeyPatch, chunked: bool):
    monkeypatch.setattr(buffers.TempfileBasedBuffer, "newfile", full_disk)
    request = ArrivingRequest(Adjustments())
    length = b"Transfer-Encoding: chunked" if chunked else b"Content-Length: %d" % len(MEGABYTES)
    content = b"%x\r\n%b\r\n0\r\n\r\n" % (len(MEGABYTES), MEGABYTES) if chunked else MEGABYTES
    received = HEAD + length + b"\r\n\r\n" + content
    while received:
        received = received[request.received(received[: 2**16]) :]
    assert request.completed
    assert request.error is None
    with pytest.raises(OSError, match="No space left") as raised:
        request.get_body_stream().read(1)
    assert outage_of(raised.value) is DISK_FULL
