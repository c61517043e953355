"""The hash of a file's bytes, by which the site recognises a file, and notices one that was altered."""

import hashlib
from typing import IO


def file_sha256(file: IO[bytes]) -> str:
    """SHA-256, in hexadecimal, of the whole of an open file, which is then at its start again."""
    file.seek(0)
    digest = hashlib.file_digest(file, "sha256")  # type: ignore[arg-type] # any binary file will do
    file.seek(0)
    return digest.hexdigest()
