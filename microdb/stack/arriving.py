"""Requests as they arrive: long bodies in temporary files, and uploads by tus cut into parts.

The site gets a request when its last byte has arrived. For an upload that is too late: a broken connection or a killed
process would cost all of it. So the body of a tus PATCH is cut every few MiB, and each piece becomes a PATCH with its
own offset, as if the client had sent small parts. A body with a checksum stays whole: all of it is kept or nothing.
"""

import io
import re
import sys
from copy import copy
from typing import IO, Any

from waitress.buffers import OverflowableBuffer
from waitress.parser import HTTPRequestParser
from waitress.receiver import FixedStreamReceiver

PART = 8 * 2**20
"""Bytes after which a body is cut: what a killed process costs. Our clients send as much in one request."""
OFFSET_TYPE = "application/offset+octet-stream"
OFFSET = re.compile("[0-9]{1,19}")


class Body(OverflowableBuffer):  # type: ignore[misc] # waitress has no types
    """The body of a request. What finds no space on the disk is dropped, and the error waits for whoever reads."""

    error: OSError | None = None

    def append(self, s: bytes) -> None:
        if self.error is not None:
            return
        try:
            super().append(s)
        except OSError as error:
            self.error = error

    def getfile(self) -> IO[bytes]:
        return super().getfile() if self.error is None else io.BufferedReader(_Failed(self.error))


class _Failed(io.RawIOBase):
    """A file whose every read raises the error."""

    def __init__(self, error: OSError) -> None:
        self._error = error

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        raise self._error


class _Unwanted(Body):
    """A body that nobody will read."""

    def append(self, s: bytes) -> None:
        pass


class ArrivingRequest(HTTPRequestParser):  # type: ignore[misc] # waitress has no types
    """A request of which bytes are missing; once they are there, waitress hands it to a thread."""

    adj: Any
    can_be_cut = False
    more_follows = False
    """Whether it was cut off the front of another, so its client waits for the answer to the rest."""
    _cut_at = 0

    def parse_header(self, header_plus: bytes) -> None:
        super().parse_header(header_plus)
        if self.body_rcv is None:
            return
        self.body_rcv.buf = Body(self.adj.inbuf_overflow)
        self.can_be_cut = (
            self.command == "PATCH"
            and self.headers.get("CONTENT_TYPE", "").partition(";")[0].strip().lower() == OFFSET_TYPE
            and OFFSET.fullmatch(self.headers.get("UPLOAD_OFFSET", "")) is not None
            and "UPLOAD_CHECKSUM" not in self.headers
        )
        if self.can_be_cut:  # it may be as long as the file; the site refuses what is longer
            self.adj = copy(self.adj)
            self.adj.max_request_body_size = sys.maxsize

    @property
    def is_long_enough(self) -> bool:
        """Whether a part of it should go to the site now."""
        return self.can_be_cut and self.body_bytes_received - self._cut_at >= PART

    def cut(self) -> "ArrivingRequest":
        """What has arrived since the last cut, as a request of its own; this one is what follows."""
        arrived, part = self.body_rcv.buf, copy(self)
        part.headers = self.headers | {"CONTENT_LENGTH": str(len(arrived))}
        part.headers.pop("CONNECTION", None)  # a refusal must not close it: the client may read only after the rest
        part.body_rcv, part.more_follows = FixedStreamReceiver(0, arrived), True
        self._cut_at = self.body_bytes_received
        self.headers["UPLOAD_OFFSET"] = str(int(self.headers["UPLOAD_OFFSET"]) + len(arrived))
        self.headers["CONTENT_LENGTH"] = str(self.content_length - self._cut_at)
        self.body_rcv.buf = Body(self.adj.inbuf_overflow)
        return part

    def end_here(self) -> None:
        """What has arrived is all of it."""
        self.headers["CONTENT_LENGTH"] = str(len(self.body_rcv.buf))
        self.headers["CONNECTION"] = "close"

    def drop_rest(self) -> None:
        """What still arrives goes nowhere, and has no answer."""
        self.can_be_cut, self.empty = False, True
        self.body_rcv.buf = _Unwanted(self.adj.inbuf_overflow)
