"""Requests of the tus protocol, as a client sends them to Django's test client."""

import base64
import hashlib
from typing import Any

from django.test import Client

VERSION = {"Tus-Resumable": "1.0.0"}
UPLOADS = "/api/v1/datasets/steels/uploads/"


def metadata(**fields: object) -> str:
    pairs = (f"{name} {base64.b64encode(str(value).encode()).decode()}" for name, value in fields.items())
    return ",".join(pairs)


def sha256_header(content: bytes) -> dict[str, str]:
    return {"Upload-Checksum": f"sha256 {base64.b64encode(hashlib.sha256(content).digest()).decode()}"}


class Tus:
    """A client of one person: signed in, or with a token."""

    def __init__(self, client: Client, **headers: str) -> None:
        self.client, self.headers = client, headers

    def start(self, length: int, address: str = UPLOADS, *, data: Any = None, **fields: object) -> Any:
        fields = {"filename": "a.png", **fields}
        headers = {**VERSION, "Upload-Length": str(length), "Upload-Metadata": metadata(**fields), **self.headers}
        return self.client.post(address, data, headers=headers)

    def started(self, length: int, address: str = UPLOADS, **fields: object) -> str:
        """The address of a new upload."""
        answer = self.start(length, address, **fields)
        assert answer.status_code == 201, answer.content
        return str(answer.headers["Location"])

    def send(self, address: str, offset: object, content: bytes, **headers: str) -> Any:
        headers = {**VERSION, "Upload-Offset": str(offset), **self.headers, **headers}
        return self.client.patch(address, content, content_type="application/offset+octet-stream", headers=headers)

    def offset(self, address: str) -> int:
        answer = self.client.head(address, headers={**VERSION, **self.headers})
        assert answer.status_code == 200, answer.content
        return int(answer.headers["Upload-Offset"])

    def about(self, address: str) -> Any:
        return self.client.get(address, headers=self.headers).json()

    def delete(self, address: str) -> Any:
        return self.client.delete(address, headers={**VERSION, **self.headers})
