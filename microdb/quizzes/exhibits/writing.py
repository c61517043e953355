"""Numbers of exhibits as people read them, on the page and in the PDF."""

from microdb.micrographs.templatetags.micrographs import percent
from microdb.training.templatetags.training_format import p_value, signed_points


def cell(value: str | int | float | None, kind: str) -> str:
    """A table cell as its column's kind wants it; a dash for None."""
    if value is None:
        return "—"
    if isinstance(value, str):
        return value
    writers = {"share": percent, "points": signed_points, "p": p_value}
    formats = {"number": "{:.2f}", "small": "{:.4f}", "seconds": "{:.1f} s", "count": "{:d}"}
    return writers[kind](value) if kind in writers else formats[kind].format(value)
