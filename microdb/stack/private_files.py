"""Files that only their owner may read: passwords, keys and process records under VAR."""

import os
from pathlib import Path


def write_private(path: Path, text: str) -> None:
    """Write a file with mode 600. A crash leaves the old file or the new one, never a part."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    draft.replace(path)
