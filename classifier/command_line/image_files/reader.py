"""The process that decodes image files: `python -m classifier.command_line.image_files.reader`; see `isolation`.

A request is a line of JSON with the path. The response is a line of JSON too, with the refusal, or with the type and
shape of the gray values, whose bytes follow.
"""

import json
import resource
import signal
import sys
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from classifier.command_line.image_files.gray import Gray, gray_of_file
from classifier.errors import ClassifierError

MOST_MEMORY = 4 * 2**30
"""Bytes beyond those of the process itself. macOS does not hold a process to it."""


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C stops the parent, and then standard input ends
    memory = psutil.Process().memory_info().vms + MOST_MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    for line in sys.stdin:
        response, gray = _read(Path(json.loads(line)))
        sys.stdout.buffer.write(json.dumps(response).encode() + b"\n")
        if gray is not None:
            sys.stdout.buffer.write(np.ascontiguousarray(gray).data)
        sys.stdout.buffer.flush()


def _read(path: Path) -> tuple[dict[str, Any], Gray | None]:
    try:
        gray = gray_of_file(path)
    except ClassifierError as error:
        return {"refusal": str(error)}, None
    except MemoryError:
        refusal = f"Reading {path.name} needs more than {MOST_MEMORY // 2**20} MB of memory; crop or shrink it."
        return {"refusal": refusal}, None
    return {"type": gray.dtype.str, "shape": gray.shape}, gray


if __name__ == "__main__":
    main()
