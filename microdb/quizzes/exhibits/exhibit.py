"""An exhibit: a titled table with a chart of the same values."""

from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from microdb.statistics import Interval

Cell = str | int | float | None


@dataclass(frozen=True)
class Column:
    """``kind`` is how a cell is written on the page: text, count, share, points, number, small, p or
    seconds.

    In a CSV a cell is its plain value.
    """

    label: str
    kind: str = "text"


@dataclass(frozen=True)
class Exhibit:
    """``name`` is its address; ``figure`` a Plotly dictionary whose colours are names of design tokens.

    ``tells_truth``: only for those who may know the truth of single questions.
    """

    name: str
    title: str
    note: str
    columns: list[Column]
    rows: list[list[Cell]]
    figure: dict[str, Any] | None = None
    tells_truth: bool = False
    remarks: list[str] = field(default_factory=list)

    @property
    def cells(self) -> list[list[tuple[Cell, str]]]:
        """The rows with each cell's kind, for the page."""
        kinds = [column.kind for column in self.columns]
        return [list(zip(row, kinds, strict=True)) for row in self.rows]


def interval_columns(what: str, kind: str = "share") -> list[Column]:
    return [Column(_("%s from") % what, kind), Column(_("%s to") % what, kind)]


def ends(interval: Interval | None) -> list[Cell]:
    """The two cells of ``interval_columns``."""
    return [interval.low, interval.high] if interval else [None, None]
