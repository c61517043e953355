"""Reads an image file without risk: a child process decodes it, with limits on memory and time."""

import atexit
import json
import os
import select
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np

from classifier.command_line.image_files.gray import Gray
from classifier.errors import ClassifierError

MOST_SECONDS = 60.0
"""For one file and the start of the child; several times what the largest image takes."""
AT_ONCE = 2**20


def read_gray(path: Path) -> Gray:
    """The gray values (H, W) of the first page, as stored; colour becomes luminance. Raises ClassifierError."""
    return _child.read(path)


class _TooLongError(Exception):
    """The child gave no answer in time."""


class _Child:
    """Started at the first file, and again after one that stopped it; one file at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0

    def read(self, path: Path) -> Gray:
        with self._lock:
            try:
                return self._asked(self._running(), path)
            except _TooLongError as error:
                raise ClassifierError(
                    f"Reading {path.name} took longer than {MOST_SECONDS:.0f} seconds; crop it, or save it without its "
                    "packing."
                ) from error
            except (EOFError, BrokenPipeError) as error:
                raise ClassifierError(
                    f"{path.name} crashed its reader, so it is damaged; open it where it was made and save it again."
                ) from error

    def end(self) -> None:
        if self._process is not None and self._owner == os.getpid():
            self._process.kill()
            self._process.communicate()
        self._process = None

    def _running(self) -> subprocess.Popen[bytes]:
        """The child of this process; a fork inherits this object but must start a child of its own."""
        if self._process is None or self._owner != os.getpid():
            self._process = subprocess.Popen(
                [sys.executable, "-m", "classifier.command_line.image_files.reader"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,  # decoders warn of what the answer says
                cwd=Path(__file__).parents[3],
            )
            self._owner = os.getpid()
        return self._process

    def _asked(self, process: subprocess.Popen[bytes], path: Path) -> Gray:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(json.dumps(str(path.absolute())).encode() + b"\n")
            process.stdin.flush()
            answer = _Answer(process.stdout.fileno(), time.monotonic() + MOST_SECONDS)
            response = json.loads(answer.line())
            if refusal := response.get("refusal"):
                raise ClassifierError(refusal)
            gray: Gray = np.empty(response["shape"], np.dtype(response["type"]))
            answer.fill(gray.reshape(-1).view(np.uint8).data)
        except ClassifierError:
            raise
        except BaseException:
            self.end()
            raise
        return gray


class _Answer:
    """Bytes from a pipe, all of them before the end."""

    def __init__(self, pipe: int, end: float) -> None:
        self._pipe, self._end, self._read = pipe, end, b""

    def line(self) -> bytes:
        while b"\n" not in self._read:
            self._read += self._more()
        line, _newline, self._read = self._read.partition(b"\n")
        return line

    def fill(self, whole: memoryview) -> None:
        at = 0
        while at < len(whole):
            part = self._read or self._more()
            whole[at : at + len(part)] = part
            at, self._read = at + len(part), b""

    def _more(self) -> bytes:
        readable, _writable, _failed = select.select([self._pipe], [], [], max(0.0, self._end - time.monotonic()))
        if not readable:
            raise _TooLongError
        part = os.read(self._pipe, AT_ONCE)
        if not part:
            raise EOFError
        return part


_child = _Child()
atexit.register(_child.end)
