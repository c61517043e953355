"""SHA-256 of files, by which the site recognises one and notices that it was altered, and of secrets."""

import hashlib
from typing import IO


def file_sha256(file: IO[bytes]) -> str:
    """SHA-256, in hexadecimal, of the whole of an open file, which is then at its start again.

    A file that was hashed while it arrived has it as ``known_sha256``.
    """
    file.seek(0)
    if known := getattr(file, "known_sha256", ""):
        return str(known)
    digest = hashlib.file_digest(file, "sha256")  # type: ignore[arg-type] # any binary file will do
    file.seek(0)
    return digest.hexdigest()


def text_sha256(text: str) -> str:
    """SHA-256, in hexadecimal, of a secret: enough to recognise it, and useless to a thief of the database."""
    return hashlib.sha256(text.encode()).hexdigest()
