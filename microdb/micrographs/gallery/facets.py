"""How many micrographs each value of each filter would show.

Every combination of the filters with few values is counted once, and the numbers beside each value are sums over that
table. Without other filters the database keeps these counts (``MicrographCount``); under others one query counts.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import BooleanField, Count, ExpressionWrapper, Q
from django.utils.translation import gettext_lazy as _

from microdb.micrographs.gallery.filter import NEITHER, UNLABELLED, GalleryFilter
from microdb.micrographs.gallery.warnings import WARNINGS
from microdb.micrographs.models import NONE_OF_THESE, UNSURE, Dataset, MaterialClass, Micrograph, counted

FACET_LIMIT = 200
"""A facet lists at most this many values, the commonest first; the address still takes any value."""
MOST_COUNTED = 10_000
"""Micrographs under filters of which the database keeps no counts."""
CROSSED = ("label", "split", "modality", "missing_scale", "state", "uploader")
"""The filters with few values, whose combinations are counted together."""


@dataclass(frozen=True)
class Option:
    """One value of a facet, how many micrographs it would show (None: not counted), and the address that shows them."""

    text: str
    count: int | None
    query: str
    selected: bool
    position: int | None = None
    marked: bool = False


@dataclass(frozen=True)
class Facet:
    """A filter with its values and counts, each count under all the other filters."""

    name: str
    title: str
    options: list[Option]

    @property
    def selected(self) -> bool:
        return any(option.selected for option in self.options)

    @property
    def starts_open(self) -> bool:
        """Long lists are closed; the conditions of specimens, which combine several facets, are open."""
        return self.selected or self.name == "condition" or (len(self.options) < 12 and self.name != "warning")


@dataclass(frozen=True)
class Facets:
    """The facets of a gallery, and how many micrographs its filters match: ``MOST_COUNTED`` where there are more."""

    total: int
    facets: list[Facet]
    there_are_more: bool = False


@dataclass(frozen=True)
class _Cell:
    """One combination of values, as the address writes them; the count is None where there are too many to count."""

    values: dict[str, str]
    count: int | None


def facets_of(chosen: GalleryFilter) -> Facets:
    """The facets with few values; one without values is empty, except the labels, which list every class."""
    dataset = chosen.dataset
    classes = list(dataset.material_classes.order_by("position"))
    cells = list(_cells(dataset, chosen, classes))
    total = _total(chosen, cells)
    facets = [
        _label_facet(chosen, cells, classes),
        _crossed_facet("split", str(_("Split")), chosen, cells),
        _crossed_facet("modality", str(_("Modality")), chosen, cells),
        _crossed_facet("missing_scale", str(_("Scale")), chosen, cells),
        _warning_facet(chosen),
        _crossed_facet("uploader", str(_("Uploaded by")), chosen, cells),
        _crossed_facet("state", str(_("State")), chosen, cells),
    ]
    return Facets(MOST_COUNTED if total is None else total, facets, there_are_more=total is None)


def _total(chosen: GalleryFilter, cells: Iterable[_Cell]) -> int | None:
    """How many match; None where they are too many to count."""
    counts = [cell.count for cell in cells if _matches(cell, chosen)]
    if None not in counts:
        return sum(count or 0 for count in counts)
    matching = chosen.apply(chosen.dataset.shown().kept()).order_by()[: MOST_COUNTED + 1]
    found = chosen.kept_number(f"total {chosen.query(sort='', size='')}", matching.count)
    return found if found <= MOST_COUNTED else None


def _cells(dataset: Dataset, chosen: GalleryFilter, classes: Iterable[MaterialClass]) -> Iterable[_Cell]:
    """Counts under the filters that are not crossed."""
    names = {material_class.pk: material_class.name for material_class in classes}
    rows = _counted(dataset, chosen)
    people = _usernames({row["uploaded_by"] for row in rows})
    for row in rows:
        name = names.get(row["material_class"])
        values = {
            "label": name or (NONE_OF_THESE if row["none_of_these"] else UNSURE if row["unsure"] else UNLABELLED),
            "split": row["split"] or NEITHER,
            "modality": row["modality"],
            "missing_scale": "1" if row["unscaled"] and not dataset.scale_free else "",
            "state": row["state"],
            "uploader": people.get(row["uploaded_by"], ""),
        }
        yield _Cell(values, row["total"])


def _counted(dataset: Dataset, chosen: GalleryFilter) -> list[dict[str, Any]]:
    """The combinations with their counts. Under other filters at most ``MOST_COUNTED`` micrographs are counted; where
    there are more, the combinations are those of the whole dataset, without counts."""
    columns = ("material_class", "none_of_these", "unsure", "split", "modality", "state", "uploaded_by")
    rest = chosen.query(**dict.fromkeys((*CROSSED, *chosen.NOT_FILTERS), ""))
    found = chosen.kept_number(f"facets {rest}", lambda: _counted_under(chosen, columns)) if rest else None
    if found is not None:
        return found
    cells = counted(dataset, *columns, "scale_bin")
    return [cell | {"unscaled": cell["scale_bin"] is None} | ({"total": None} if rest else {}) for cell in cells]


def _counted_under(chosen: GalleryFilter, columns: tuple[str, ...]) -> list[dict[str, Any]] | None:
    """The combinations under the filters that are not crossed; None where there are too many micrographs."""
    unscaled = ExpressionWrapper(Q(pixels_per_micrometre=None), output_field=BooleanField())
    kept = chosen.apply(chosen.dataset.shown().kept(), but=CROSSED).order_by().annotate(unscaled=unscaled)
    names = (*columns, "unscaled")
    combinations = Counter(kept.values_list(*names)[: MOST_COUNTED + 1])
    if combinations.total() > MOST_COUNTED:
        return None
    return [dict(zip(names, one, strict=True)) | {"total": count} for one, count in combinations.items()]


def _usernames(keys: set[int | None]) -> dict[int | None, str]:
    uploader = Micrograph._meta.get_field("uploaded_by").related_model
    return dict(uploader._default_manager.filter(pk__in=keys - {None}).values_list("pk", "username"))


def _matches(cell: _Cell, chosen: GalleryFilter, but: str = "") -> bool:
    return all(cell.values[name] == wanted for name in CROSSED if name != but and (wanted := getattr(chosen, name)))


def _counts(name: str, chosen: GalleryFilter, cells: Iterable[_Cell]) -> dict[str, int | None]:
    """By value of the facet; None where they are not counted."""
    counts: dict[str, int | None] = {}
    for cell in cells:
        if _matches(cell, chosen, but=name):
            value = cell.values[name]
            counts[value] = None if cell.count is None else (counts.get(value) or 0) + cell.count
    return counts


def _option(chosen: GalleryFilter, name: str, value: str, text: str, count: int | None, **marks: Any) -> Option:
    selected = getattr(chosen, name) == value
    query = chosen.query(**{name: "" if selected else value})
    return Option(text=text, count=count, query=query, selected=selected, **marks)


def _label_facet(chosen: GalleryFilter, cells: list[_Cell], classes: Iterable[MaterialClass]) -> Facet:
    counts = _counts("label", chosen, cells)
    none_there = None if None in counts.values() else 0
    options = [
        _option(chosen, "label", c.name, c.name, counts.get(c.name, none_there), position=c.position, marked=True)
        for c in classes
    ]
    none, unsure = counts.get(NONE_OF_THESE, none_there), counts.get(UNSURE, 0)
    options.append(_option(chosen, "label", NONE_OF_THESE, str(_("None of these")), none, marked=True))
    options.append(_option(chosen, "label", UNLABELLED, str(_("unlabelled")), counts.get(UNLABELLED, none_there)))
    if unsure != 0 or chosen.label == UNSURE:
        options.append(_option(chosen, "label", UNSURE, str(_("unsure")), unsure))
    return Facet("label", str(_("Class")), options)


def _crossed_facet(name: str, title: str, chosen: GalleryFilter, cells: list[_Cell]) -> Facet:
    counts = _counts(name, chosen, cells)
    words = {NEITHER: str(_("neither")), "1": str(_("missing"))}
    options = [
        _option(chosen, name, value, words.get(value, value) if name in ("split", "missing_scale") else value, count)
        for value, count in sorted(counts.items(), key=lambda item: (-(item[1] or 0), item[0]))[:FACET_LIMIT]
        if value
    ]
    if name == "state" and not any(option.selected or option.text != Micrograph.State.READY for option in options):
        options = []  # everything is ready: nothing to choose from
    if name == "uploader" and (chosen.dataset.visited or (len(options) < 2 and not chosen.uploader)):
        options = []
    return Facet(name, title, options)


LISTED: dict[str, tuple[str, Any]] = {
    "specimen": ("specimen", _("Specimen")),
    "instrument": ("acquisition__instrument", _("Instrument")),
    "detector": ("acquisition__detector", _("Detector")),
    "kilovolts": ("acquisition__kilovolts", _("Voltage in kV")),
    "magnification": ("acquisition__magnification", _("Magnification")),
    "date": ("acquisition__date", _("Date of the micrograph")),
}
"""Facets with many values, counted apart when somebody opens one: their column and title."""


def listed_facet(name: str, chosen: GalleryFilter) -> Facet:
    """One of ``LISTED`` under the other filters, the commonest values first."""
    column, title = LISTED[name]
    kept = chosen.dataset.shown().kept()
    rows = chosen.apply(kept, but=(name,)).exclude(**{f"{column}__isnull": True}).order_by().values_list(column)
    found = rows.annotate(count=Count("*")).order_by("-count", column)[: FACET_LIMIT + 1]
    counts = chosen.kept_number(f"{name} {chosen.query(**{name: ''})}", lambda: list(found))
    texts = [(f"{value:g}" if isinstance(value, float) else value, count) for value, count in counts]
    options = [_option(chosen, name, text, text, count) for text, count in texts if text]
    return Facet(name, str(title), options[:FACET_LIMIT])


def _warning_facet(chosen: GalleryFilter) -> Facet:
    """Not counted here: the quality report counts them."""
    options = [_option(chosen, "warning", value, str(text), None) for value, text in WARNINGS.items()]
    return Facet("warning", str(_("Warnings")), options)
