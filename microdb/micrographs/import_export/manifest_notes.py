"""What a person should know about the manifest of an import or a drop."""

from collections.abc import Sequence
from typing import Protocol

from django.utils.translation import gettext as _

from microdb.manifest import MANIFEST, ManifestRow, has_specimens_name


def scale_note(entry: ManifestRow) -> str:
    """The note of a scale that a manifest gave."""
    return f"{MANIFEST}: {entry.scale}"


class ReadTable(Protocol):
    """A table, and how its file was understood."""

    @property
    def name(self) -> str: ...
    @property
    def separator(self) -> str: ...
    @property
    def is_utf16(self) -> bool: ...
    @property
    def decimal_comma(self) -> bool: ...


def format_note(table: ReadTable) -> str:
    """How the table was understood; empty where it is as the documentation shows it."""
    separators = {";": _("semicolon-separated"), "\t": _("tab-separated")}
    parts = [
        separators.get(table.separator, ""),
        _("decimal comma") if table.decimal_comma else "",
        "UTF-16" if table.is_utf16 else "",
    ]
    found = ", ".join(part for part in parts if part)
    return _("%(name)s was read as %(format)s.") % {"name": table.name, "format": found} if found else ""


def unread_note(tables: Sequence[str]) -> str:
    """That CSV files were found of which none is the manifest."""
    if not tables:
        return ""
    if all(has_specimens_name(name) for name in tables):
        return _("%s was not read: upload it on the page Specimens.") % ", ".join(tables[:5])
    return _("These CSV files were not read: %(names)s. Call the manifest %(manifest)s, with a column “filename”.") % {
        "names": ", ".join(tables[:5]) + ("…" if len(tables) > 5 else ""),
        "manifest": MANIFEST,
    }
