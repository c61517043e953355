"""File names: which are micrographs and sidecars, and names matched as people read them, whatever the normal form of
their letters and, where it is clear, their case.

Needs no Django. macOS and zips made there write “ü” as two characters, Excel writes it as one.
"""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

IMAGE_ENDINGS = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp")
"""Of the formats that are read, in any case."""
SIDECAR_ENDINGS = (".hdr", ".txt", ".xml", ".msa", ".emsa")
"""Of the text files that microscopes write beside images, in any case; where there are several, the first counts."""


def sidecar_names(image: str) -> Iterator[str]:
    """``a.hdr`` and ``a.tif.hdr`` for ``a.tif``, and so on, the first to look for first; in lower case.

    None for a path without a name.
    """
    if not PurePosixPath(image).name:
        return
    for ending in SIDECAR_ENDINGS:
        yield str(PurePosixPath(image).with_suffix(ending)).lower()
        yield f"{image}{ending}".lower()


def name_key(name: str) -> str:
    """Equal for names that are the same to the eye: form NFC, slashes, no “./”."""
    return str(PurePosixPath(unicodedata.normalize("NFC", name.replace("\\", "/"))))


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name_key(name).casefold())


class AmbiguousName(Exception):
    """More than one name matches; ``names`` are those."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = sorted(set(names))
        super().__init__(", ".join(self.names))


class NameIndex:
    """Names to look others up among: exactly, else by normal form, else by case too."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = list(names)
        self._exact = Counter(self.names)
        self._by: tuple[dict[str, list[str]], dict[str, list[str]]] = ({}, {})
        for name in self._exact:
            for found, key in zip(self._by, (name_key(name), _folded(name)), strict=True):
                found.setdefault(key, []).append(name)

    def find(self, name: str) -> str | None:
        """The one name that ``name`` means; None where there is none. Raises AmbiguousName."""
        if name in self._exact:
            return name
        for found, key in zip(self._by, (name_key(name), _folded(name)), strict=True):
            if alike := found.get(key):
                if len(alike) > 1:
                    raise AmbiguousName(alike)
                return alike[0]
        return None


class PathEndings:
    """Paths to look others up among where folders may be missing: one path is the end of the other."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._index = NameIndex(paths)
        self._by_end: dict[str, list[str]] = {}
        for path in dict.fromkeys(self._index.names):
            parts = PurePosixPath(_folded(path)).parts
            for start in range(len(parts)):
                self._by_end.setdefault("/".join(parts[start:]), []).append(path)

    def find(self, path: str) -> str | None:
        """The one path that is ``path``, ends with it or is its end; None where there is none. Raises AmbiguousName."""
        if exact := self._index.find(path):
            return exact
        if longer := self._by_end.get(_folded(path)):
            return self._only(longer)
        parts = PurePosixPath(path).parts
        for start in range(1, len(parts)):
            if shorter := self._index.find("/".join(parts[start:])):
                return shorter
        return None

    @staticmethod
    def _only(paths: list[str]) -> str:
        if len(paths) > 1:
            raise AmbiguousName(paths)
        return paths[0]
