"""What a person should know about the manifest of an import or a drop."""

from collections.abc import Sequence
from typing import Any, Protocol

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from microdb.manifest import MANIFEST, Manifest, ManifestRow, has_specimens_name
from microdb.micrographs.import_export.rows_of_files import RowsOfFiles


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


def understood(manifest: Manifest, rows: RowsOfFiles) -> dict[str, Any]:
    """How a manifest was read and matched with the files sent, for programs."""
    return {
        "name": manifest.name,
        "encoding": "utf-16" if manifest.is_utf16 else "utf-8",
        "separator": manifest.separator,
        "decimal_comma": manifest.decimal_comma,
        "rows": len(manifest.rows),
        "rows_without_file": len(rows.without_file()),
        "files_without_row": len(rows.without_row()),
    }


def unread_note(tables: Sequence[str]) -> str:
    """That CSV files were found of which none is the manifest."""
    if not tables:
        return ""
    if all(has_specimens_name(name) for name in tables):
        sentence = ngettext(
            "%s was not read: upload it on the page Specimens.",
            "%s were not read: upload them on the page Specimens.",
            len(tables),
        )
        return sentence % ", ".join(tables[:5])
    return _("These CSV files were not read: %(names)s. Call the manifest %(manifest)s, with a column “filename”.") % {
        "names": ", ".join(tables[:5]) + ("…" if len(tables) > 5 else ""),
        "manifest": MANIFEST,
    }
