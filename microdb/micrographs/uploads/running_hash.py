"""SHA-256 of uploads while they arrive, so that nothing is left to hash when the last byte is there."""

import hashlib
from collections import OrderedDict
from typing import IO, Any
from uuid import UUID

MOST_KNOWN = 100
PIECE = 2**20


class RunningHashes:
    """Of the uploads that this process has received lately; what another process received is read from the part."""

    def __init__(self) -> None:
        self._known: OrderedDict[UUID, tuple[int, Any]] = OrderedDict()

    def take(self, key: UUID, part: IO[bytes], offset: int) -> Any:
        """The hash of the first ``offset`` bytes of a part, to be updated and given back."""
        hashed, digest = self._known.pop(key, (0, None))
        if digest is None or hashed > offset:
            hashed, digest = 0, hashlib.sha256()
        part.seek(hashed)
        while hashed < offset and (piece := part.read(min(PIECE, offset - hashed))):
            digest.update(piece)
            hashed += len(piece)
        return digest

    def give_back(self, key: UUID, offset: int, digest: Any) -> None:
        self._known[key] = (offset, digest)
        while len(self._known) > MOST_KNOWN:
            self._known.popitem(last=False)


running_hashes = RunningHashes()
