"""Multipart bodies whose files keep the folders in their names, which Django removes."""

from typing import Any

from django.http.multipartparser import MultiPartParser

from microdb.accounts.parsers import WholeMultiPartParser


class _KeepsFolders(MultiPartParser):
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


class FoldersMultiPartParser(WholeMultiPartParser):
    """With ``given_path`` on each file."""

    form_parser = _KeepsFolders
