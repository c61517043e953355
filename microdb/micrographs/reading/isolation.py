"""Reading an uploaded file and its sidecar without risk: in a child process with limits on memory and time."""

import base64
import errno
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models.fields.files import FieldFile
from django.utils.translation import gettext as _

from microdb.errors import MicroDBError, PassingError
from microdb.micrographs.reading.child_process import ChildProcess
from microdb.micrographs.reading.measuring import Measurements
from microdb.micrographs.scale.acquisition import AcquisitionFound
from microdb.micrographs.scale.found import Extent, ScaleFound
from microdb.micrographs.scale.microscope import MicroscopeData
from microdb.micrographs.scale.sidecar import Sidecar


@dataclass(frozen=True)
class MasterRead:
    """What the child found in a master: its pixels, and what its microscope wrote."""

    measured: Measurements
    microscope: MicroscopeData


def read_isolated(
    master: FieldFile, sidecar: Sidecar | None = None, *, while_waiting: Callable[[], None] = lambda: None
) -> MasterRead:
    """Read a stored master; ``while_waiting`` is called now and then, and what it raises stops the child.

    Raises MicroDBError where the file is at fault, OSError where the disk is full, RuntimeError where the child fails.
    """
    with _on_disk(master) as path, tempfile.TemporaryDirectory(prefix="microdb-reading-") as output:
        response = _asked(_request(path, sidecar) | {"output": output}, while_waiting)
        display, thumbnail = Path(output, "display").read_bytes(), Path(output, "thumbnail").read_bytes()
    measured = Measurements(**response["measured"], display=display, thumbnail=thumbnail)
    return MasterRead(measured, _microscope_data(response))


def read_microscope_isolated(master: FieldFile, sidecar: Sidecar | None, picture: Extent) -> MicroscopeData:
    """What file and sidecar say of a stored master of this size, without measuring its pixels. Raises alike."""
    with _on_disk(master) as path:
        request = _request(path, sidecar) | {"picture": [picture.width, picture.height]}
        return _microscope_data(_asked(request, lambda: None))


def _asked(request: dict[str, Any], while_waiting: Callable[[], None]) -> dict[str, Any]:
    response = _server.ask(request, seconds=request["seconds"], while_waiting=while_waiting)
    if (outcome := response.pop("outcome")) == "disk_full":
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    if outcome != "measured":
        raise _refusal(outcome, response)
    return response


def _microscope_data(response: dict[str, Any]) -> MicroscopeData:
    found = response["microscope"]
    return MicroscopeData(ScaleFound(**found["scale"]), found["source"], AcquisitionFound(**found["acquisition"]))


def _request(path: Path, sidecar: Sidecar | None) -> dict[str, Any]:
    return {
        "path": str(path),
        "sidecar": sidecar and {"name": sidecar.name, "content": base64.b64encode(sidecar.content).decode()},
        "max_pixels": settings.UPLOAD_MAX_PIXELS,
        "memory": settings.READING_MAX_BYTES,
        "seconds": settings.READING_MAX_SECONDS,
        "with_operator": settings.KEEP_OPERATOR,
    }


_server = ChildProcess("microdb.micrographs.reading.reading_server")


def _refusal(outcome: str, response: dict[str, Any]) -> MicroDBError:
    if outcome == "refused":
        return MicroDBError(response["message"], code=response["code"])
    sentences = {
        "memory": _("Reading this file needs more memory than the %d MB that one file may take. Crop or shrink it.")
        % (settings.READING_MAX_BYTES // 2**20),
        "time": _(
            "Reading this file took longer than %d seconds. Try again, or crop it, or save it without its packing."
        )
        % settings.READING_MAX_SECONDS,
        "crashed": _("This file crashed its reader, so it is damaged. Open it where it was made and save it again."),
    }
    kind = PassingError if outcome == "time" else MicroDBError  # a busy server may lack the time
    return kind(sentences[outcome], code="unreadable")


@contextmanager
def _on_disk(master: FieldFile) -> Iterator[Path]:
    """The master as a file on this machine; one in a remote storage is copied for as long as it is needed.

    Raises FileNotFoundError where it is gone.
    """
    try:
        path = Path(master.path)
    except NotImplementedError:
        with tempfile.NamedTemporaryFile(prefix="microdb-master-") as copy:
            with master.open("rb") as source:
                shutil.copyfileobj(source, copy, 2**20)
            copy.flush()
            yield Path(copy.name)
        return
    if not path.is_file():
        raise FileNotFoundError(path)
    yield path
