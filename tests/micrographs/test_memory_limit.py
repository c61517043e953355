"""The memory limit where the system enforces none, as macOS: a thread ends the process that reads the file."""

import sys
from pathlib import Path

import numpy as np
import pytest

from microdb.micrographs.reading import reading_server
from tests.micrographs.conftest import encoded


def read(path: Path, content: bytes, into: Path) -> str:
    path.write_bytes(content)
    limits = {"max_pixels": 10**9, "memory": 64 * 2**20, "seconds": 60}
    request = {"path": str(path), "sidecar": None, "output": str(into), "with_operator": False, **limits}
    return str(reading_server.respond(request)["outcome"])


@pytest.mark.parametrize("platform", ["linux", "darwin"])
def test_a_file_that_needs_too_much_memory_is_refused_and_a_small_one_read_on_every_system(
    platform: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    large = encoded(np.zeros((12_000, 12_000), np.uint8), "PNG")
    assert read(tmp_path / "large", large, tmp_path) == "memory"
    small = encoded(np.zeros((48, 64), np.uint8), "PNG")
    assert read(tmp_path / "small", small, tmp_path) == "measured"
