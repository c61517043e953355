"""What the columns of a table of specimens hold, by their names."""

import re
from dataclasses import dataclass

from django.utils.translation import gettext as _

from microdb.errors import MicroDBError
from microdb.metallurgy import element_symbol, refuse_unit

COLUMNS = ("specimen", "material", "composition", "heat_treatment", "heat_number", "notes")
"""Beside them stand a column for each element, and one for each other field. Only ``specimen`` is required."""
STEP_COLUMNS = ("temperature", "time", "cooling")
"""Instead of ``heat_treatment``, for a treatment of one step; a unit may stand in the column's name."""

_OTHER_NAMES = {"grade": "material", "material_or_grade": "material", "heat": "heat_number", "heat_no": "heat_number"}
_UNITS = {
    "celsius": "°C", "c": "°C", "kelvin": "K", "k": "K", "fahrenheit": "°F", "f": "°F",
    "minutes": "min", "min": "min", "hours": "h", "h": "h", "seconds": "s", "s": "s",
}  # fmt: skip
_STEP_PART = re.compile(
    r"(?:(?:anneal|austeniti[sz]|hold|soak)\w*[\s_-]+)?(?P<held>temperature|time)"
    rf"(?:[\s_]*[\[(]\s*(?P<unit>[^\])]*?)\s*[\])]|[\s_](?P<suffix>{'|'.join(_UNITS)}))?"
    r"|(?P<cooling>cool(?:ing)?(?:[\s_-]+(?:method|medium))?|quench(?:ing)?(?:[\s_-]+medium)?|quenchant)",
    re.IGNORECASE,
)
_ELEMENT = re.compile(r"%?\s*(?P<symbol>[A-Za-z]{1,2})[\s_]*(?P<unit>(?:wt|mass|at|mol|ppm|%)[\w.%\s-]*)?")


@dataclass(frozen=True)
class Column:
    """What a column of the table holds: a field of the record, a ``part`` of a step, an element, or an other field."""

    kind: str
    name: str
    unit: str = ""


def column_of(written: str) -> Column:
    """What a column of this name holds.

    Raises MicroDBError for an element that is none or not in mass percent, and for a name that no other field can have.
    """
    key = re.sub(r"[\s_-]+", "_", written.lower()).rstrip("._")
    key = _OTHER_NAMES.get(key, key)
    if key in COLUMNS:
        return Column("field", key)
    if part := _STEP_PART.fullmatch(written):
        unit = part["unit"] or part["suffix"] or ""
        return Column("part", (part["held"] or "cooling").lower(), _UNITS.get(unit.lower(), unit))
    if column := _element_column(written):
        return column
    if ":" in written:  # it separates the name from the text where people enter other fields
        raise MicroDBError(_("The name “%s” has a colon. Leave it out.") % written, code="bad_fields")
    return Column("other", written)


def _element_column(written: str) -> Column | None:
    found = _ELEMENT.fullmatch(re.sub(r"[\[\]()]", " ", written).strip())
    if found is None:
        return None
    unit = found["unit"] or ("%" if written.startswith("%") else "")
    symbol = element_symbol(found["symbol"])
    if symbol is None and unit:
        raise MicroDBError(
            _("The column “%(column)s” names no chemical element: “%(symbol)s” is none. Correct it.")
            % {"column": written, "symbol": found["symbol"]},
            code="bad_composition",
        )
    refuse_unit(unit, written)
    return Column("element", symbol) if symbol else None
