"""The headers and bodies of the tus protocol, version 1.0: https://tus.io/protocols/resumable-upload

Extensions: creation, termination, checksum and expiration.
"""

import base64
import binascii
import hashlib
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.http import UnreadablePostError
from django.utils.http import http_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import APIException
from rest_framework.parsers import BaseParser
from rest_framework.request import Request

from microdb.errors import MicroDBError
from microdb.micrographs.models import Upload
from microdb.micrographs.services import Checksum

VERSION = "1.0.0"
EXTENSIONS = "creation,termination,checksum,expiration"
ALGORITHMS = ("sha256", "sha1", "md5")
LARGEST_NUMBER = 2**63 - 1
OFFSET_TYPE = "application/offset+octet-stream"
PIECE = 2**16
"""Bytes that are read at once, and at most lost where a sender falls silent."""
MOST_DRAINED = 16 * 2**20
"""Bytes; more than the part of a usual client."""
SILENCE = 30.0
"""Seconds without a byte after which a sender counts as gone, and its upload can be continued."""
RECEIVING_AT_ONCE = 2
"""Requests of one web process that may receive parts: a slow sender holds a thread, and the other threads answer."""


def _header(name: str, description: str, *, required: bool = True, **schema: Any) -> OpenApiParameter:
    return OpenApiParameter(
        name, {"type": "string", **schema}, OpenApiParameter.HEADER, required=required, description=description
    )


VERSION_HEADER = _header("Tus-Resumable", "The version of the protocol.", enum=[VERSION])
LENGTH_HEADER = _header("Upload-Length", "Bytes of the file.", type="integer", minimum=1, maximum=LARGEST_NUMBER)
METADATA_HEADER = _header(
    "Upload-Metadata",
    "What is known of the file: pairs of a field and its value in base64, separated by commas. `filename` is required.",
)
OFFSET_HEADER = _header("Upload-Offset", "Where these bytes begin.", type="integer", minimum=0, maximum=LARGEST_NUMBER)
CHECKSUM_HEADER = _header(
    "Upload-Checksum", f"Algorithm ({', '.join(ALGORITHMS)}) and base64 of the checksum of this body.", required=False
)


class OffsetParser(BaseParser):
    """A body that is taken as it comes."""

    media_type = OFFSET_TYPE

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        return stream


class Busy(APIException):
    """Enough others are sending at this moment."""

    status_code = 503
    default_code = "busy"
    default_detail = gettext_lazy("The server is receiving as many uploads as it can. Try again in a moment.")
    wait = 1
    """Seconds."""


_receiving = threading.BoundedSemaphore(RECEIVING_AT_ONCE)


@contextmanager
def receiving() -> Iterator[None]:
    """Raises Busy where this process receives ``RECEIVING_AT_ONCE`` parts already."""
    if not _receiving.acquire(blocking=False):
        raise Busy
    try:
        yield
    finally:
        _receiving.release()


def refuse_other_version(request: Request) -> None:
    """Raise MicroDBError for a request of another version of the protocol."""
    given = request.headers.get("Tus-Resumable", "")
    if given != VERSION:
        raise MicroDBError(
            _("Send the header Tus-Resumable: %(wanted)s. This request has “%(given)s”.")
            % {"wanted": VERSION, "given": given[:20]},
            code="tus_version",
        )


def whole_number(request: Request, name: str) -> int:
    """The number in a header. Raises MicroDBError where there is none."""
    given = request.headers.get(name, "").strip()
    if not (given.isascii() and given.isdigit() and int(given[:20]) <= LARGEST_NUMBER):
        raise MicroDBError(
            _("The header %(name)s must be a whole number of bytes; “%(given)s” was given.")
            % {"name": name, "given": given[:60]},
            code="bad_header",
        )
    return int(given)


def metadata(request: Request) -> dict[str, str]:
    """The fields of ``Upload-Metadata``. Raises MicroDBError where they can't be read."""
    fields = {}
    for pair in request.headers.get("Upload-Metadata", "").split(","):
        name, _space, value = pair.strip().partition(" ")
        if not name:
            continue
        try:
            fields[name] = base64.b64decode(value.strip(), validate=True).decode()
        except (binascii.Error, UnicodeDecodeError, ValueError) as error:
            raise MicroDBError(
                _("The value of %s in Upload-Metadata must be UTF-8 in base64.") % name[:60], code="bad_metadata"
            ) from error
    return fields


def checksum(request: Request) -> Checksum | None:
    """What the body must give. Raises MicroDBError for an unknown algorithm or a checksum that is none."""
    given = request.headers.get("Upload-Checksum", "").strip()
    if not given:
        return None
    algorithm, _space, value = given.partition(" ")
    try:
        expected = base64.b64decode(value.strip(), validate=True)
    except (binascii.Error, ValueError):
        expected = b""
    if algorithm not in ALGORITHMS or not expected:
        raise MicroDBError(
            _("Upload-Checksum must be one of %(known)s and the base64 of the checksum; “%(given)s” was given.")
            % {"known": ", ".join(ALGORITHMS), "given": given[:80]},
            code="bad_checksum",
        )
    return Checksum(hashlib.new(algorithm, usedforsecurity=False), expected)


def body_length(request: Request, *, most: int) -> int:
    """The bytes that the body announces. Raises MicroDBError where they are more than are missing, or unknown."""
    if "HTTP_TRANSFER_ENCODING" in request.META:
        raise MicroDBError(_("Send the header Content-Length; a body in chunks is not taken."), code="length_required")
    length = int(request.META.get("CONTENT_LENGTH") or 0)
    if length > most:
        raise MicroDBError(
            _("%(most)d bytes of this upload are missing; this request has %(given)d.")
            % {"most": most, "given": length},
            code="too_large",
        )
    return length


def pieces(request: Request, length: int) -> Iterator[bytes]:
    """What arrives of a body, until it ends or its sender is gone."""
    if connection := request.META.get("gunicorn.socket"):
        connection.settimeout(SILENCE)
    while length > 0:
        try:
            piece = request._request.read(min(PIECE, length))
        except UnreadablePostError:
            return
        if not piece:
            return
        length -= len(piece)
        yield piece


def drain(request: Request) -> None:
    """Read the body of a refused part: a client that is still sending would miss the answer to a closed connection."""
    for _piece in pieces(request, MOST_DRAINED):
        pass


def headers_of(upload: Upload) -> dict[str, str]:
    """Where the upload is, for an answer about it."""
    about = {
        "Upload-Offset": str(upload.received),
        "Upload-Length": str(upload.length),
        "Upload-Metadata": f"filename {base64.b64encode(upload.filename.encode()).decode()}",
        "Cache-Control": "no-store",
    }
    return about if upload.finished_at else about | {"Upload-Expires": http_date(upload.expires_at.timestamp())}


def server_headers() -> Mapping[str, str]:
    """What this server does of the protocol."""
    return {
        "Tus-Version": VERSION,
        "Tus-Extension": EXTENSIONS,
        "Tus-Max-Size": str(settings.UPLOAD_MAX_BYTES),
        "Tus-Checksum-Algorithm": ",".join(ALGORITHMS),
    }
