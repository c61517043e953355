"""Whatever breaks, and however often: the file that is stored is the file that was sent."""

import hashlib
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from microdb.micrographs.api.tus import OFFSET_TYPE
from microdb.micrographs.models import Dataset, Micrograph, Upload
from microdb.micrographs.uploads.running_hash import running_hashes
from tests.micrographs.tus import Tus, sha256_header

WHOLE, ENDS, BREAKS, KILLED, DAMAGED, ELSEWHERE = "whole", "ends", "breaks", "killed", "damaged", "another process"


class Killed(BaseException):
    """What no code handles."""


class Body(io.BytesIO):
    """A request's body that ends with an error; without one it just ends."""

    def __init__(self, content: bytes, error: BaseException | None) -> None:
        super().__init__(content)
        self.error = error

    def read(self, size: int | None = -1) -> bytes:
        piece = super().read(size)
        if not piece and self.error:
            raise self.error
        return piece


@pytest.fixture
def tus(dataset: Dataset, signed_in: Client, settings, media: Path, tmp_path: Path, monkeypatch) -> Tus:
    settings.UPLOADS = tmp_path / "uploads"
    monkeypatch.setattr("microdb.micrographs.services.uploads.SAFE_EVERY", 300)
    monkeypatch.setattr("microdb.micrographs.api.tus.PIECE", 64)
    return Tus(signed_in)


def attempt(tus: Tus, address: str, content: bytes, offset: int, length: int, how: str) -> int:
    """The offset after one request of this kind."""
    sent = content[offset : offset + length]
    if how == DAMAGED:
        assert tus.send(address, offset, sent, **sha256_header(b"other")).status_code == 460
    elif how == WHOLE:
        assert tus.send(address, offset, sent, **sha256_header(sent)).status_code == 204
    elif how == ELSEWHERE:
        running_hashes._known.clear()
    else:
        error = {ENDS: None, BREAKS: OSError("reset"), KILLED: Killed()}[how]
        broken = {"wsgi.input": Body(sent, error), "CONTENT_LENGTH": str(len(content) - offset)}
        if how == KILLED:
            running_hashes._known.clear()
            with pytest.raises(Killed):
                send_broken(tus, address, offset, broken)
        else:
            assert send_broken(tus, address, offset, broken).status_code == 204
    after = tus.offset(address)
    expected = {
        WHOLE: {offset + len(sent)},
        ENDS: {offset + len(sent)},
        BREAKS: {offset + len(sent)},
        KILLED: range(offset, offset + len(sent) + 1),
        DAMAGED: {offset},
        ELSEWHERE: {offset},
    }
    assert after in expected[how], how
    return after


def send_broken(tus: Tus, address: str, offset: int, environ: dict[str, object]):
    headers = {"Tus-Resumable": "1.0.0", "Upload-Offset": str(offset)}
    return tus.client.patch(address, headers=headers, CONTENT_TYPE=OFFSET_TYPE, **environ)


@given(
    steps=st.lists(
        st.tuples(st.integers(1, 1500), st.sampled_from([WHOLE, ENDS, BREAKS, KILLED, DAMAGED, ELSEWHERE])), max_size=8
    ),
    seed=st.integers(0, 2**32 - 1),
)
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_file_that_is_stored_is_the_file_that_was_sent(
    tus: Tus, png: Callable[..., bytes], media: Path, steps: list[tuple[int, str]], seed: int
):
    Micrograph.objects.all().delete()
    Upload.objects.all().delete()
    content = png(seed)
    address, offset = tus.started(len(content), sha256=hashlib.sha256(content).hexdigest()), 0
    for length, how in steps:
        if offset + length < len(content):
            offset = attempt(tus, address, content, offset, length, how)
    assert tus.send(address, offset, content[offset:]).status_code == 204
    micrograph = Micrograph.objects.get()
    assert (media / micrograph.master.name).read_bytes() == content
    assert micrograph.sha256 == hashlib.sha256(content).hexdigest()
