"""Large files, sent in parts by the tus protocol, so that a break costs one part and not the file.

Nothing is remembered here: what the server has of a file is found by a fingerprint of its name, content and fields.
"""

import base64
import hashlib
import json
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from microdb.client.connection import Connection, Part
from microdb.client.errors import ApiError
from microdb.client.files import LocalFile

VERSION = {"Tus-Resumable": "1.0.0"}
LARGE = 50 * 10**6
"""Bytes; a larger file is sent in parts."""
PART = 8 * 2**20
BEGUN_AT_MOST = 3
"""Times that one call begins an upload, where the server loses what it had."""
LOST = {404, 410}
ASK_AGAIN = {"wrong_offset", "upload_finished", "checksum_mismatch"}
"""Codes after which the server's own account tells how to go on, for example because an answer was lost."""

Step = Callable[[str, int, int], None]
"""Called with what is done now, how much of it is done, and of how much."""
Count = Callable[[int], None]
"""Called with the bytes that have arrived."""


@dataclass(frozen=True)
class LargeUpload:
    """A file on its way to ``address``, the path of the uploads of a dataset or batch; ``fields`` describe it."""

    connection: Connection
    address: str
    file: LocalFile
    fields: Mapping[str, str] = field(default_factory=dict)

    def send(self, count: Count = lambda received: None) -> Mapping[str, Any]:
        """Send what the server lacks, and return its row. Raises ApiError where it refuses the file, and OSError."""
        for begun in range(1, BEGUN_AT_MOST + 1):
            row = self._found_or_begun()
            try:
                row = self._sent(row, count)
                break
            except ApiError as error:
                if error.status not in LOST or begun == BEGUN_AT_MOST:
                    raise
                self._forget(row)
        if row["state"] == "refused":
            raise ApiError(409 if row["code"] == "duplicate" else 400, row["code"], row["message"])
        return row

    def _found_or_begun(self) -> Mapping[str, Any]:
        about = [self.file.name, self.file.sha256, sorted(self.fields.items())]
        fingerprint = hashlib.sha256(json.dumps(about).encode()).hexdigest()
        for row in self.connection.pages(self.address, fingerprint=fingerprint):
            return dict(row)
        told = {"filename": self.file.name, **self.fields, "sha256": self.file.image_sha256, "fingerprint": fingerprint}
        headers = {
            **VERSION,
            "Upload-Length": str(self.file.path.stat().st_size),
            "Upload-Metadata": ",".join(f"{name} {_base64(value.encode())}" for name, value in told.items()),
            "Idempotency-Key": str(uuid.uuid4()),
        }
        sidecar = self.file.sidecar
        files: list[Part] = [("sidecar", sidecar.name, sidecar)] if sidecar else []
        return dict(self.connection.answer("POST", self.address, headers=headers, files=files)[0])

    def _forget(self, row: Mapping[str, Any]) -> None:
        """Delete what the server can't go on with, so that it is not found again."""
        with suppress(ApiError):
            self.connection.answer("DELETE", f"{self.address}{row['id']}/", headers=VERSION)

    def _sent(self, row: Mapping[str, Any], count: Count) -> Mapping[str, Any]:
        path, offset = f"{self.address}{row['id']}/", int(row["offset"])
        with self.file.path.open("rb") as source:
            while offset < row["length"]:
                count(offset)
                source.seek(offset)
                offset = self._part_sent(path, offset, source.read(PART))
        count(offset)
        return dict(self.connection.get(path))

    def _part_sent(self, path: str, offset: int, part: bytes) -> int:
        """Where to go on. Raises OSError where the file became shorter."""
        if not part:
            raise OSError(f"{self.file.path} became shorter while it was sent")
        headers = {
            **VERSION,
            "Upload-Offset": str(offset),
            "Upload-Checksum": f"sha256 {_base64(hashlib.sha256(part).digest())}",
            "Content-Type": "application/offset+octet-stream",
        }
        try:
            _body, answered = self.connection.answer("PATCH", path, content=part, headers=headers)
            return int(answered["Upload-Offset"])
        except ApiError as error:
            if error.code not in ASK_AGAIN:
                raise
            return int(self.connection.get(path)["offset"])


def counting(file: LocalFile, step: Step) -> Count:
    """Tells how many megabytes of the file have arrived."""
    total = file.path.stat().st_size // 10**6
    return lambda received: step(f"{file.path.name} (MB)", received // 10**6, total)


def is_large(path: Path) -> bool:
    return path.stat().st_size > LARGE


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()
