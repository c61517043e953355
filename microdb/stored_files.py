"""Opening stored files: one that is missing or was altered is a sentence, never a wrong result."""

from contextlib import closing
from typing import Any

from django.core.files import File
from django.db.models.fields.files import FieldFile
from django.utils.translation import gettext as _

from microdb.errors import MicroDBError
from microdb.hashing import file_sha256


def open_stored(file: FieldFile, *, name: object) -> "File[Any]":
    """The file, open for reading. Raises MicroDBError, code ``missing_file``, where the storage has lost it.

    ``name``: what people call it.
    """
    try:
        return file.open("rb")
    except FileNotFoundError as error:
        raise MicroDBError(
            _("%s is missing from the server's storage. Ask the administrator to restore it from a backup.") % name,
            code="missing_file",
        ) from error


def open_verified(file: FieldFile, sha256: str, *, name: object) -> "File[Any]":
    """The same, after its bytes were compared with their SHA-256; code ``altered_file`` where they differ."""
    opened = open_stored(file, name=name)
    if file_sha256(opened) == sha256:
        return opened
    with closing(opened):
        raise MicroDBError(
            _(
                "%s was altered in the server's storage since it was added, so it is not used. Ask the administrator "
                "to restore it from a backup."
            )
            % name,
            code="altered_file",
        )
