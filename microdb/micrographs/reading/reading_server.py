"""The process that reads uploaded files: ``python -m microdb.micrographs.reading.reading_server``; see ``isolation``.

A request is one line of JSON, and so is its response. Each file is read in a fork of its own with limited memory and
time, so that nothing a file does lasts longer than its fork. Decoders and tables are set up before the first fork, by
reading a drawn micrograph of each format: a fork then takes 9 ms instead of 47.
"""

import base64
import io
import json
import os
import resource
import select
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import IO, Any, NoReturn

import django


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C stops the parent, and then standard input ends
    django.setup()
    _warm_up()
    for line in sys.stdin:
        print(json.dumps(respond(json.loads(line))), flush=True)


def _warm_up() -> None:
    """Read a picture of our own in each format."""
    import numpy as np
    from PIL import Image

    from microdb.micrographs.files.file_format import ACCEPTED
    from microdb.micrographs.reading.measuring import measure_file
    from microdb.micrographs.scale import microscope  # noqa: F401 # its readers, before the first fork

    drawn = Image.fromarray(np.random.default_rng(0).integers(0, 256, (48, 64), dtype=np.uint8))
    for image_format in set(ACCEPTED.values()):
        file = io.BytesIO()
        drawn.save(file, image_format)
        measure_file(file)


def respond(request: Mapping[str, Any]) -> dict[str, Any]:
    """Read the file at ``path`` and its sidecar in a fork.

    ``outcome``: measured, refused, memory, time, disk_full or crashed.
    """
    reading_end, writing_end = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading_end)
        _measure_and_exit(request, writing_end)
    os.close(writing_end)
    try:
        output = _output_of_fork(reading_end, request["seconds"])
    finally:
        os.close(reading_end)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    if output is None:
        return {"outcome": "time"}
    response: dict[str, Any] = json.loads(output) if output else {"outcome": "crashed"}
    return response


def _output_of_fork(reading_end: int, seconds: float) -> bytes | None:
    """All that the fork writes; None when it takes too long."""
    output = b""
    deadline = time.monotonic() + seconds
    while True:
        readable, _, _ = select.select([reading_end], [], [], max(0.0, deadline - time.monotonic()))
        if not readable:
            return None
        part = os.read(reading_end, 65_536)
        if not part:
            return output
        output += part


def _measure_and_exit(request: Mapping[str, Any], writing_end: int) -> NoReturn:
    """Runs in the fork."""
    try:
        os.write(writing_end, json.dumps(_measure(request, writing_end)).encode())
    finally:
        os._exit(0)


def _measure(request: Mapping[str, Any], writing_end: int) -> dict[str, Any]:
    from django.conf import settings

    from microdb.errors import MicroDBError
    from microdb.micrographs.reading.memory_limit import limit_memory
    from microdb.outages import DISK_FULL, outage_of

    settings.UPLOAD_MAX_PIXELS = request["max_pixels"]
    excess = json.dumps({"outcome": "memory"}).encode()
    limit_memory(request["memory"], on_excess=lambda: os.write(writing_end, excess))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        return {"outcome": "measured", **_read(request)}
    except MicroDBError as error:
        return {"outcome": "refused", "message": error.message, "code": error.code}
    except MemoryError:
        return {"outcome": "memory"}
    except OSError as error:
        if outage_of(error) is not DISK_FULL:
            raise
        return {"outcome": "disk_full"}


def _read(request: Mapping[str, Any]) -> dict[str, Any]:
    """Pixels first; then what file and sidecar say of the page that is shown. With ``picture`` only the latter."""
    from microdb.micrographs.files.decoding import shown_page
    from microdb.micrographs.reading.measuring import measure_file

    with open(request["path"], "rb") as file:
        if size := request.get("picture"):
            return {"microscope": _microscope(file, request, shown_page(file), size)}
        measured = measure_file(file)
        microscope = _microscope(file, request, measured.page, (measured.width, measured.height))
    columns = asdict(measured)
    for name in ("display", "thumbnail"):
        Path(request["output"], name).write_bytes(columns.pop(name))
    return {"measured": columns, "microscope": microscope}


def _microscope(file: IO[bytes], request: Mapping[str, Any], page: int, size: Sequence[int]) -> dict[str, Any]:
    from microdb.micrographs.scale.found import Extent
    from microdb.micrographs.scale.microscope import read_microscope_data
    from microdb.micrographs.scale.sidecar import Sidecar

    given = request["sidecar"]
    sidecar = Sidecar(given["name"], base64.b64decode(given["content"])) if given else None
    found = read_microscope_data(file, page, Extent(*size), sidecar)
    acquisition = found.acquisition.bounded(with_operator=request["with_operator"])
    return asdict(replace(found, acquisition=acquisition))


if __name__ == "__main__":
    main()
