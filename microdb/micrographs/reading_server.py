"""The child that reads strangers' files: ``python -m microdb.micrographs.reading_server``, started by ``isolation``.

One JSON line asks, one answers. Every file is read by a fork of its own, whose memory and time are limited, so that
nothing a file does outlives it. What reading sets up once (decoders, tables) is set up before the forks, which
otherwise would each do so: a drawn micrograph of each format is read at the start, and a fork costs 9 ms instead of 47.
"""

import io
import json
import os
import resource
import select
import signal
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import django


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for its parent, after whom it ends by itself
    django.setup()
    _warm_up()
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), flush=True)


def _warm_up() -> None:
    """Read a picture of our own in each format."""
    import numpy as np
    from PIL import Image

    from microdb.micrographs.file_format import ACCEPTED
    from microdb.micrographs.reading import read_file

    drawn = Image.fromarray(np.random.default_rng(0).integers(0, 256, (48, 64), dtype=np.uint8))
    for image_format in set(ACCEPTED.values()):
        file = io.BytesIO()
        drawn.save(file, image_format)
        read_file(file)


def answer(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Read ``path`` in a fork; what it learned, or how it ended: ``refused``, ``memory``, ``time``, ``crashed``."""
    told, telling = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(told)
        _read_and_exit(asked, telling)
    os.close(telling)
    try:
        said = _until_end(told, asked["seconds"])
    finally:
        os.close(told)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    if said is None:
        return {"ended": "time"}
    return json.loads(said) if said else {"ended": "crashed"}


def _until_end(told: int, seconds: float) -> bytes | None:
    """All that the fork writes; None when it takes too long."""
    said = b""
    deadline = time.monotonic() + seconds
    while True:
        ready, _, _ = select.select([told], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            return None
        part = os.read(told, 65_536)
        if not part:
            return said
        said += part


def _read_and_exit(asked: Mapping[str, Any], telling: int) -> None:
    """In the fork: never returns."""
    try:
        os.write(telling, json.dumps(_read(asked, telling)).encode())
    finally:
        os._exit(0)


def _read(asked: Mapping[str, Any], telling: int) -> dict[str, Any]:
    from django.conf import settings

    from microdb.errors import MicroDBError
    from microdb.micrographs.memory_limit import limit_memory
    from microdb.micrographs.reading import read_file

    settings.UPLOAD_MAX_PIXELS = asked["max_pixels"]
    too_much = json.dumps({"ended": "memory"}).encode()
    limit_memory(asked["memory"], on_excess=lambda: os.write(telling, too_much))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        with open(asked["path"], "rb") as file:
            found = asdict(read_file(file))
    except MicroDBError as error:
        return {"ended": "refused", "message": error.message, "code": error.code}
    except MemoryError:
        return {"ended": "memory"}
    for name in ("display", "thumbnail"):
        Path(asked["into"], name).write_bytes(found.pop(name))
    return {"ended": "read", **found}


if __name__ == "__main__":
    main()
