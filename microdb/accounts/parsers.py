"""Bodies of requests, bounded before they are read, and refused where the connection broke before their end."""

import io
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http.multipartparser import MultiPartParser as DjangoMultiPartParser
from django.http.multipartparser import MultiPartParserError
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser, DataAndFiles, JSONParser, MultiPartParser
from rest_framework.renderers import JSONRenderer

from microdb.errors import MicroDBError


class WholeMultiPartParser(MultiPartParser):
    """A multipart form of at most REQUEST_MAX_BYTES that has arrived to its end.

    Django's own parser takes the files of a broken connection as they are, the last one cut short.
    """

    form_parser = DjangoMultiPartParser

    def parse(
        self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> "DataAndFiles[Any, Any]":
        request = (parser_context or {})["request"]
        meta = request.META | {"CONTENT_TYPE": media_type}
        length = int(meta.get("CONTENT_LENGTH") or 0)
        refuse_too_large(length, settings.REQUEST_MAX_BYTES)
        encoding = (parser_context or {}).get("encoding", settings.DEFAULT_CHARSET)
        counted = _Counted(stream)
        try:
            data, files = self.form_parser(meta, counted, request.upload_handlers, encoding).parse()  # type: ignore[arg-type] # it only reads
        except MultiPartParserError as error:
            raise ParseError(f"Multipart form parse error - {error}") from error
        if counted.bytes < length:
            raise _cut_off(counted.bytes, length)
        return DataAndFiles(data, files)


class LongJSONParser(BaseParser):
    """JSON of at most JSON_MAX_BYTES, where that is more than Django lets a body have."""

    media_type = "application/json"
    renderer_class = JSONRenderer
    JSON_MAX_BYTES = 8 * 2**20

    def parse(
        self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        length = int((parser_context or {})["request"].META.get("CONTENT_LENGTH") or 0)
        refuse_too_large(length, self.JSON_MAX_BYTES)
        body = stream.read(length)
        if len(body) < length:
            raise _cut_off(len(body), length)
        return JSONParser().parse(io.BytesIO(body), media_type, parser_context)


def refuse_too_large(length: int, most: int) -> None:
    """Raise MicroDBError for a body of more bytes."""
    if length > most:
        raise MicroDBError(
            _(
                "A request to this address has at most %(most).0f MB; this one has %(given).0f MB. Send it in several "
                "smaller ones."
            )
            % {"most": most / 1e6, "given": length / 1e6},
            code="too_large",
        )


def _cut_off(given: int, expected: int) -> MicroDBError:
    return MicroDBError(
        _("The connection broke after %(given)d of %(expected)d bytes. Nothing was stored. Send the request again.")
        % {"given": given, "expected": expected},
        code="cut_off",
    )


class _Counted:
    """A stream that counts the bytes read from it."""

    def __init__(self, stream: Any) -> None:
        self._stream, self.bytes = stream, 0

    def read(self, size: int = -1) -> bytes:
        part: bytes = self._stream.read(size)
        self.bytes += len(part)
        return part
