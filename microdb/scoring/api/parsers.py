"""Multipart bodies whose files keep the folders in their names, which Django removes."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http.multipartparser import MultiPartParser as DjangoMultiPartParser
from django.http.multipartparser import MultiPartParserError
from rest_framework.exceptions import ParseError
from rest_framework.parsers import DataAndFiles, MultiPartParser


class _KeepsFolders(DjangoMultiPartParser):
    """Each file gets ``given_path``, its name as the client wrote it, which names no place on the disk."""

    _given = ""
    _files: Any

    def sanitize_file_name(self, file_name: str) -> str | None:
        self._given = file_name
        return super().sanitize_file_name(file_name)

    def handle_file_complete(self, old_field_name: str, counters: list[int]) -> None:
        super().handle_file_complete(old_field_name, counters)
        if files := self._files.getlist(old_field_name):
            files[-1].given_path = self._given


class FoldersMultiPartParser(MultiPartParser):
    """As the framework's own, with ``given_path`` on each file."""

    def parse(
        self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> "DataAndFiles[Any, Any]":
        request = (parser_context or {})["request"]
        meta = request.META | {"CONTENT_TYPE": media_type}
        encoding = (parser_context or {}).get("encoding", settings.DEFAULT_CHARSET)
        try:
            data, files = _KeepsFolders(meta, stream, request.upload_handlers, encoding).parse()
        except MultiPartParserError as error:
            raise ParseError(f"Multipart form parse error - {error}") from error
        return DataAndFiles(data, files)
