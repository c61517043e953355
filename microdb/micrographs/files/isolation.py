"""Reading a stranger's file without risking this process: in a child with limits on memory and time."""

import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.base import File
from django.utils.translation import gettext as _

from microdb.errors import MicroDBError
from microdb.micrographs.files.measuring import Reading

GRACE = 30
"""Seconds that the child's server has beyond a file's limit, for its own start."""


def read_isolated(master: File) -> Reading:
    """What a stored master shows. Raises MicroDBError where the file is at fault, RuntimeError where the child is."""
    with _on_disk(master) as path, tempfile.TemporaryDirectory(prefix="microdb-reading-") as into:
        answer = _server.ask(
            {
                "path": str(path),
                "into": into,
                "max_pixels": settings.UPLOAD_MAX_PIXELS,
                "memory": settings.READING_MAX_BYTES,
                "seconds": settings.READING_MAX_SECONDS,
            }
        )
        if (ended := answer.pop("ended")) != "read":
            raise _refusal(ended, answer)
        display, thumbnail = Path(into, "display").read_bytes(), Path(into, "thumbnail").read_bytes()
    return Reading(**answer, display=display, thumbnail=thumbnail)


class _Server:
    """The child's server, started when first asked and again after it was lost; one question at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0

    def ask(self, question: dict[str, Any]) -> dict[str, Any]:
        with self._lock:
            process = self._running()
            try:
                return self._exchange(process, question)
            except BaseException:
                process.kill()
                process.wait()
                self._process = None
                raise

    def _running(self) -> subprocess.Popen[bytes]:
        """A fork of this process inherits the object but not the child, which answers its parent alone."""
        if self._process is None or self._owner != os.getpid() or self._process.poll() is not None:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "microdb.micrographs.files.reading_server"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                cwd=settings.BASE_DIR,
            )
            self._owner = os.getpid()
        return self._process

    def _exchange(self, process: subprocess.Popen[bytes], question: dict[str, Any]) -> dict[str, Any]:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(question).encode() + b"\n")
        process.stdin.flush()
        ready, _writable, _failed = select.select([process.stdout], [], [], question["seconds"] + GRACE)
        line = process.stdout.readline() if ready else b""
        if not line:
            raise RuntimeError("The process that reads files gave no answer.")
        answer: dict[str, Any] = json.loads(line)
        return answer


_server = _Server()


def _refusal(ended: str, answer: dict[str, Any]) -> MicroDBError:
    if ended == "refused":
        return MicroDBError(answer["message"], code=answer["code"])
    sentences = {
        "memory": _("Reading this file needs more memory than the %d MB that one file may take. Crop or shrink it.")
        % (settings.READING_MAX_BYTES // 2**20),
        "time": _("Reading this file took longer than %d seconds. Crop it, or save it without its packing.")
        % settings.READING_MAX_SECONDS,
        "crashed": _("This file crashed its reader, so it is damaged. Open it where it was made and save it again."),
    }
    return MicroDBError(sentences[ended], code="unreadable")


@contextmanager
def _on_disk(master: File) -> Iterator[Path]:
    """The master as a file on this machine; a remote storage's is copied for the while."""
    try:
        yield Path(master.path)  # type: ignore[attr-defined] # a FieldFile
    except NotImplementedError:
        with tempfile.NamedTemporaryFile(prefix="microdb-master-") as copy:
            with master.open("rb") as source:
                shutil.copyfileobj(source, copy, 2**20)
            copy.flush()
            yield Path(copy.name)
