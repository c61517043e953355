"""How many micrographs each value of each filter would show.

Every combination of the filters with few values is counted once, and the numbers beside each value are sums over that
table. Without other filters the database keeps these counts (``MicrographCount``); under others one query counts.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import BooleanField, Count, ExpressionWrapper, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from microdb.micrographs.gallery.cached_counts import cached
from microdb.micrographs.gallery.filter import NEITHER, UNLABELLED, GalleryFilter
from microdb.micrographs.gallery.warnings import WARNINGS
from microdb.micrographs.models import NONE_OF_THESE, UNSURE, Dataset, MaterialClass, Micrograph, counted

FACET_LIMIT = 200
"""A facet lists at most this many values, the commonest first; the address still takes any value."""
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
    """The facets of a gallery, and how many micrographs its filters match."""

    total: int
    facets: list[Facet]


@dataclass(frozen=True)
class _Cell:
    """One combination of values, as the address writes them."""

    values: dict[str, str]
    count: int


def facets_of(chosen: GalleryFilter) -> Facets:
    """The facets with few values; one without values is empty, except the labels, which list every class."""
    dataset = chosen.dataset
    classes = list(dataset.material_classes.order_by("position"))
    cells = list(_cells(dataset, chosen, classes))
    total = sum(cell.count for cell in cells if _matches(cell, chosen))
    facets = [
        _label_facet(chosen, cells, classes),
        _crossed_facet("split", str(_("Split")), chosen, cells),
        _crossed_facet("modality", str(_("Modality")), chosen, cells),
        _crossed_facet("missing_scale", str(_("Scale")), chosen, cells),
        _warning_facet(chosen),
        _crossed_facet("uploader", str(_("Uploaded by")), chosen, cells),
        _crossed_facet("state", str(_("State")), chosen, cells),
    ]
    return Facets(total, facets)


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
    columns = ("material_class", "none_of_these", "unsure", "split", "modality", "state", "uploaded_by")
    rest = chosen.query(**dict.fromkeys((*CROSSED, *chosen.NOT_FILTERS), ""))
    if not rest:
        return [cell | {"unscaled": cell["scale_bin"] is None} for cell in counted(dataset, *columns, "scale_bin")]
    unscaled = ExpressionWrapper(Q(pixels_per_micrometre=None), output_field=BooleanField())
    kept = chosen.apply(dataset.shown().kept(), but=CROSSED).order_by().annotate(unscaled=unscaled)
    rows: QuerySet[Any, dict[str, Any]] = kept.values(*columns, "unscaled").annotate(total=Count("*"))
    return cached(dataset, f"facets {rest}", lambda: list(rows))


def _usernames(keys: set[int | None]) -> dict[int | None, str]:
    uploader = Micrograph._meta.get_field("uploaded_by").related_model
    return dict(uploader._default_manager.filter(pk__in=keys - {None}).values_list("pk", "username"))


def _matches(cell: _Cell, chosen: GalleryFilter, but: str = "") -> bool:
    return all(cell.values[name] == wanted for name in CROSSED if name != but and (wanted := getattr(chosen, name)))


def _counts(name: str, chosen: GalleryFilter, cells: Iterable[_Cell]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for cell in cells:
        if _matches(cell, chosen, but=name):
            counts[cell.values[name]] += cell.count
    return counts


def _option(chosen: GalleryFilter, name: str, value: str, text: str, count: int | None, **marks: Any) -> Option:
    selected = getattr(chosen, name) == value
    query = chosen.query(**{name: "" if selected else value})
    return Option(text=text, count=count, query=query, selected=selected, **marks)


def _label_facet(chosen: GalleryFilter, cells: list[_Cell], classes: Iterable[MaterialClass]) -> Facet:
    counts = _counts("label", chosen, cells)
    options = [
        _option(chosen, "label", c.name, c.name, counts[c.name], position=c.position, marked=True) for c in classes
    ]
    none, unsure = counts[NONE_OF_THESE], counts[UNSURE]
    options.append(_option(chosen, "label", NONE_OF_THESE, str(_("none of these")), none, marked=True))
    options.append(_option(chosen, "label", UNLABELLED, str(_("unlabelled")), counts[UNLABELLED]))
    if unsure or chosen.label == UNSURE:
        options.append(_option(chosen, "label", UNSURE, str(_("unsure")), unsure))
    return Facet("label", str(_("Class")), options)


def _crossed_facet(name: str, title: str, chosen: GalleryFilter, cells: list[_Cell]) -> Facet:
    counts = _counts(name, chosen, cells)
    words = {NEITHER: str(_("neither")), "1": str(_("missing"))}
    options = [
        _option(chosen, name, value, words.get(value, value) if name in ("split", "missing_scale") else value, count)
        for value, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:FACET_LIMIT]
        if value
    ]
    if name == "state" and not any(option.selected or option.text != Micrograph.State.READY for option in options):
        options = []  # everything is ready: nothing to choose from
    if name == "uploader" and len(options) < 2 and not chosen.uploader:
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
    counts = cached(chosen.dataset, f"{name} {chosen.query(**{name: ''})}", lambda: list(found))
    texts = [(f"{value:g}" if isinstance(value, float) else value, count) for value, count in counts]
    options = [_option(chosen, name, text, text, count) for text, count in texts if text]
    return Facet(name, str(title), options[:FACET_LIMIT])


def _warning_facet(chosen: GalleryFilter) -> Facet:
    """Not counted here: the quality report counts them."""
    options = [_option(chosen, "warning", value, str(text), None) for value, text in WARNINGS.items()]
    return Facet("warning", str(_("Warnings")), options)
