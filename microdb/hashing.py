"""The hash of a file's bytes, by which the site recognises a file, and notices one that was altered."""

import hashlib
from typing import IO


def file_sha256(file: IO[bytes]) -> str:
    """SHA-256, in hexadecimal, of the whole of an open file."""
    file.seek(0)
    return hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type] # any binary file will do
