"""Which row of a manifest belongs to which file of a drop or a request."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from django.utils.translation import gettext as _

from microdb.errors import MicroDBError
from microdb.file_names import AmbiguousName, NameIndex, PathEndings, name_key
from microdb.manifest import ManifestRow


class RowsOfFiles:
    """The rows of a manifest beside the paths of the files sent; a row is never given to a file by a guess.

    ``lookup``: NameIndex where paths are relative to the manifest, PathEndings where folders may be missing.
    """

    def __init__(
        self,
        rows: Iterable[ManifestRow],
        paths: Sequence[str],
        lookup: Callable[[Iterable[str]], NameIndex | PathEndings] = PathEndings,
    ) -> None:
        self._rows: dict[str, list[ManifestRow]] = {}
        for row in rows:
            self._rows.setdefault(name_key(row.filename), []).append(row)
        self._names = lookup(self._rows)
        self._keys = {path: self._key(path) for path in set(paths)}
        self._sent = Counter(key for path in paths if isinstance(key := self._keys[path], str))
        self._met = set(self._sent)
        for found in self._keys.values():
            if isinstance(found, AmbiguousName):
                self._met.update(found.names)

    def row_of(self, path: str) -> ManifestRow | None:
        """The row of a file; None where the manifest does not name it. Raises MicroDBError where it is not clear."""
        key = self._keys[path]
        if key is None:
            return None
        if isinstance(key, AmbiguousName):
            raise MicroDBError(
                _(
                    "The manifest has several rows for “%(path)s”: %(rows)s. Send the file with its folder, in its "
                    "name or in the field paths."
                )
                % {"path": path, "rows": ", ".join(f"“{name}”" for name in key.names)},
                code="ambiguous_row",
            )
        rows = self._rows[key]
        if self._sent[key] > 1:
            raise MicroDBError(
                _(
                    "%(count)d files were sent for the manifest’s row “%(row)s”. Send each with its folder, in its "
                    "name or in the field paths."
                )
                % {"count": self._sent[key], "row": rows[0].filename},
                code="ambiguous_row",
            )
        if len(rows) > 1:
            lines = ", ".join(str(row.line) for row in rows)
            raise MicroDBError(
                _("The manifest names “%(path)s” more than once, in lines %(lines)s. Keep one of them.")
                % {"path": path, "lines": lines},
                code="ambiguous_row",
            )
        return rows[0]

    def without_row(self) -> list[str]:
        """The paths that the manifest does not name."""
        return [path for path, key in self._keys.items() if key is None]

    def without_file(self) -> list[ManifestRow]:
        """The rows that no file of the request belongs or may belong to."""
        return [row for key, rows in self._rows.items() if key not in self._met for row in rows]

    def _key(self, path: str) -> str | AmbiguousName | None:
        try:
            return self._names.find(path)
        except AmbiguousName as error:
            return error
