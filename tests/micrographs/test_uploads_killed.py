"""Uploads on a real web server: killed at any moment, cut off, sent twice at once, and sent by the reference client."""

import hashlib
import io
import random
import socket
import struct
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import numpy as np
import pytest
from PIL import Image
from tusclient.client import TusClient
from tusclient.exceptions import TusUploadFailed

from microdb.accounts.models import User
from microdb.accounts.services import create_api_token
from microdb.micrographs.api.tus import OFFSET_TYPE
from microdb.micrographs.models import Dataset, Micrograph, Upload
from microdb.stack.arriving import PART
from microdb.stack.buffering_worker import RECEIVED_AT_ONCE
from tests.micrographs.tus import VERSION, metadata
from tests.micrographs.web import Web
from tests.quizzes.crowd import collect_static
from tests.slow_clients import WITHIN, slowest_login_page

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def large() -> bytes:
    """A TIFF of 36 MB."""
    pixels = np.random.default_rng(0).integers(0, 256, (6000, 6000), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "TIFF")
    return file.getvalue()


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Web]:
    web = Web(tmp_path)
    web.start()
    yield web
    web.kill()


@pytest.fixture
def http(web: Web, dataset: Dataset, owner: User) -> Iterator[httpx.Client]:
    token = create_api_token(user=owner, scopes=["read", "upload"])[1]
    base = f"{web.url}/api/v1/datasets/steels/uploads/"
    with httpx.Client(base_url=base, headers={**VERSION, "Authorization": f"Token {token}"}, timeout=60) as client:
        yield client


def begun(http: httpx.Client, length: int) -> str:
    headers = {"Upload-Length": str(length), "Upload-Metadata": metadata(filename="large.tif")}
    answer = http.post("", headers=headers)
    assert answer.status_code == 201, answer.text
    return answer.headers["Location"]


def offset_of(http: httpx.Client, address: str) -> int:
    return int(http.head(address).headers["Upload-Offset"])


def settled_offset(http: httpx.Client, address: str) -> int:
    """The offset once nobody is sending any more."""
    offset = -1
    while offset != (offset := offset_of(http, address)):
        time.sleep(0.5)
    return offset


def send(http: httpx.Client, address: str, offset: int, content: bytes) -> httpx.Response:
    headers = {"Upload-Offset": str(offset), "Content-Type": OFFSET_TYPE}
    return http.patch(address, content=content, headers=headers)


def announce(web: Web, http: httpx.Client, address: str, offset: int, length: int) -> socket.socket:
    """A connection that has sent the head of a request, and none of its body."""
    connection = web.connect()
    lines = [
        f"PATCH {urlsplit(address).path} HTTP/1.1",
        f"Host: 127.0.0.1:{web.port}",
        f"Authorization: {http.headers['Authorization']}",
        "Tus-Resumable: 1.0.0",
        f"Upload-Offset: {offset}",
        f"Content-Type: {OFFSET_TYPE}",
        f"Content-Length: {length}",
    ]
    connection.sendall("\r\n".join([*lines, "", ""]).encode())
    return connection


def assert_stored(web: Web, content: bytes) -> None:
    micrograph = Micrograph.objects.get()
    assert micrograph.sha256 == hashlib.sha256(content).hexdigest()
    assert (web.var / "media" / micrograph.master.name).read_bytes() == content
    assert list((web.var / "uploads").iterdir()) == []
    assert [one.name for one in (web.var / "media" / "masters").iterdir()] == [str(micrograph.pk)]


@pytest.mark.slow
def test_a_server_that_is_killed_again_and_again_loses_no_byte_that_it_reported(
    web: Web, http: httpx.Client, large: bytes
):
    address, chance, offset = begun(http, len(large)), random.Random(7), 0
    for most in (5_000_000, 9_000_000, 12_000_000, 1_000_000, 10_000_000):
        sent = large[offset : min(offset + most, len(large) - 1)]
        with announce(web, http, address, offset, len(large) - offset) as connection:
            connection.sendall(sent)
            time.sleep(chance.random() / 5)
            web.kill()
        web.start()
        after = offset_of(http, address)
        assert offset <= after <= offset + len(sent)
        offset = after
    assert offset > 0
    assert send(http, address, offset, large[offset:]).status_code == 204
    assert_stored(web, large)


def test_a_server_that_is_killed_while_it_stores_has_the_file_once(web: Web, http: httpx.Client, large: bytes):
    """Killed within the milliseconds after the last byte, at several moments."""
    for number, wait in enumerate((0.0, 0.005, 0.02, 0.05)):
        content = large[:-4] + struct.pack("<I", number)
        address = begun(http, len(content))
        assert send(http, address, 0, content[:-100]).status_code == 204
        with announce(web, http, address, len(content) - 100, 100) as connection:
            connection.sendall(content[-100:])
            time.sleep(wait)
            web.kill()
        web.start()
        if (offset := offset_of(http, address)) < len(content):
            assert send(http, address, offset, content[offset:]).status_code == 204
        about = http.get(address).json()
        assert (about["state"], about["code"]) == ("done", "")
    assert Micrograph.objects.count() == 4
    assert Upload.objects.filter(micrograph__isnull=False).count() == 4


def test_a_body_that_is_cut_off_keeps_what_arrived(web: Web, http: httpx.Client, large: bytes):
    address = begun(http, len(large))
    with announce(web, http, address, 0, len(large)) as connection:
        connection.sendall(large[:10_000_001])
    assert settled_offset(http, address) == 10_000_001
    assert send(http, address, 10_000_001, large[10_000_001:]).status_code == 204
    assert_stored(web, large)


def test_a_silent_sender_gives_the_upload_free_with_what_arrived(web: Web, http: httpx.Client, large: bytes):
    address = begun(http, len(large))
    with announce(web, http, address, 0, len(large)) as connection:
        connection.sendall(large[:10_000_000])
        answer = connection.makefile("rb").read()
    assert answer.startswith(b"HTTP/1.1 204 ")
    assert b"\r\nUpload-Offset: 10000000\r\n" in answer
    assert send(http, address, 10_000_000, large[10_000_000:]).status_code == 204
    assert_stored(web, large)


def test_a_server_that_is_stopped_keeps_what_arrived(web: Web, http: httpx.Client, large: bytes):
    address = begun(http, len(large))
    with announce(web, http, address, 0, len(large)) as connection:
        connection.sendall(large[:10_000_001])
        time.sleep(1)
        web.stop()
    web.start()
    assert offset_of(http, address) == 10_000_001


def test_a_killed_server_costs_one_part_of_a_body_that_holds_the_whole_file(web: Web, http: httpx.Client, large: bytes):
    address = begun(http, len(large))
    with announce(web, http, address, 0, len(large)) as connection:
        connection.sendall(large[:-1])
        assert settled_offset(http, address) > len(large) - 1 - PART - RECEIVED_AT_ONCE
        web.kill()
    web.start()
    assert offset_of(http, address) > len(large) - 1 - PART - RECEIVED_AT_ONCE


@pytest.mark.slow
def test_forty_slow_senders_keep_nobody_from_the_login_page_nor_from_uploading(
    web: Web, http: httpx.Client, large: bytes
):
    collect_static()
    sent = PART + 1_000_000
    addresses = [begun(http, len(large)) for _sender in range(40)]
    with ExitStack() as stack:
        slow = [stack.enter_context(announce(web, http, address, 0, len(large))) for address in addresses]
        for one in slow:
            one.sendall(large[:sent])
        slowest_login_page(web.url, [], 1)  # the first page needs templates that are not there yet
        assert slowest_login_page(web.url, slow, 5) < WITHIN
        assert send(http, begun(http, len(large)), 0, large).status_code == 204
        assert not Upload.objects.unfinished().filter(received__lt=PART), "kept where a process is killed"
    end = time.monotonic() + 20
    while Upload.objects.unfinished().filter(received__lt=sent):
        assert time.monotonic() < end
        time.sleep(0.1)


def test_a_body_in_chunks_is_kept_like_any_other(web: Web, http: httpx.Client, large: bytes):
    address = begun(http, len(large))

    def chunks() -> Iterator[bytes]:
        for start in range(0, len(large), 1_000_000):
            yield large[start : start + 1_000_000]

    headers = {"Upload-Offset": "0", "Content-Type": OFFSET_TYPE}
    assert http.patch(address, content=chunks(), headers=headers).status_code == 204
    assert_stored(web, large)


def test_a_refused_part_gets_its_answer_while_it_is_still_sent(web: Web, http: httpx.Client, large: bytes):
    address = begun(http, len(large))
    for _ in range(5):
        assert send(http, address, 7, large[:-7]).status_code == 409
    assert send(http, f"{uuid.uuid4()}/", 0, large).status_code == 404
    assert send(http, address, 0, large).status_code == 204


def test_two_senders_at_once_are_not_mixed(web: Web, http: httpx.Client, large: bytes):
    other = bytes(len(large))
    address = begun(http, len(large))
    with ThreadPoolExecutor(4) as pool:
        answers = list(
            pool.map(lambda content: send(http, address, 0, content), [large, other[:-1], other[:-1], large])
        )
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses.count(204) == 1, [answer.text for answer in answers]
    assert set(statuses) <= {204, 409, 423}
    winner = next(answer for answer in answers if answer.status_code == 204)
    if int(winner.headers["Upload-Offset"]) == len(large):
        assert_stored(web, large)
    else:
        part = next((web.var / "uploads").iterdir()).read_bytes()
        assert part == other[:-1]


def test_the_reference_client_uploads_resumes_and_checks(web: Web, http: httpx.Client, large: bytes, tmp_path: Path):
    path = tmp_path / "large.tif"
    path.write_bytes(large)
    client = TusClient(str(http.base_url), headers={"Authorization": http.headers["Authorization"]})
    about = {"filename": "day 1/ü.tif", "label": "pearlite"}
    first = client.uploader(str(path), chunk_size=5_000_000, metadata=about, upload_checksum=True)
    first.upload(stop_at=15_000_000)
    web.kill()
    with pytest.raises(TusUploadFailed):
        first.upload_chunk()
    web.start()
    second = client.uploader(str(path), url=first.url)  # the rest in one request
    assert second.offset == 15_000_000
    second.upload()
    assert_stored(web, large)
    stored = Micrograph.objects.get()
    assert (stored.filename, stored.label) == ("day 1/ü.tif", "pearlite")
