"""Numbers of exhibits as people read them, on the page and in the PDF."""

from microdb.micrographs.templatetags.micrographs import percent


def points(difference: float) -> str:
    """0.08 -> +8 points."""
    return f"{100 * difference:+.0f} points"


def p_value(p: float) -> str:
    return "< 0.001" if p < 0.001 else f"{p:.2g}"


def cell(value: str | int | float | None, kind: str) -> str:
    """A table cell as its column's kind wants it; a dash for None."""
    if value is None:
        return "—"
    if isinstance(value, str):
        return value
    writers = {"share": percent, "points": points, "p": p_value}
    formats = {"number": "{:.2f}", "small": "{:.4f}", "seconds": "{:.1f} s", "count": "{:d}"}
    return writers[kind](value) if kind in writers else formats[kind].format(value)
