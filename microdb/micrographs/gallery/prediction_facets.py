"""The facets of the active version's predictions, counted when somebody opens one."""

from collections import Counter
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from microdb.micrographs.gallery.facets import MOST_COUNTED, Facet, Option
from microdb.micrographs.gallery.filter import GalleryFilter
from microdb.micrographs.gallery.predictions import UNSCORED, with_predictions
from microdb.micrographs.models import NONE_OF_THESE

TITLES: dict[str, Any] = {
    "predicted": gettext_lazy("Prediction"),
    "probability": gettext_lazy("Probability of the prediction"),
}
BINS = (("0", "0.5"), ("0.5", "0.7"), ("0.7", "0.9"), ("0.9", "0.99"), ("0.99", "1"))
"""Of the probability, as an address holds them."""
SETS = {"predicted": ("predicted",), "probability": ("probability_min", "probability_max")}
"""By facet, the filters that it sets."""


def listed_of_predictions(chosen: GalleryFilter) -> list[tuple[str, Any, str]]:
    """Name, title and chosen value of each; none where no version is active."""
    if not chosen.dataset.model_versions.filter(is_active=True).exists():
        return []
    wanted = chosen.predictions
    given = wanted.probability_min or wanted.probability_max
    values = {"predicted": wanted.predicted, "probability": given and _range(*_ends(chosen))}
    return [(name, title, values[name]) for name, title in TITLES.items()]


def prediction_facet(name: str, chosen: GalleryFilter) -> Facet:
    """One of ``TITLES`` under the other filters; without counts where more than ``MOST_COUNTED`` match."""
    rows: Any = with_predictions(chosen.dataset, chosen.apply(chosen.dataset.shown().kept(), but=SETS[name]).order_by())
    found = list(rows.values_list("predicted", "predicted_probability")[: MOST_COUNTED + 1])
    counted = len(found) <= MOST_COUNTED
    options = _classes(chosen, found, counted) if name == "predicted" else _bins(chosen, found, counted)
    return Facet(name, str(TITLES[name]), options)


Found = list[tuple[str | None, float | None]]


def _classes(chosen: GalleryFilter, found: Found, counted: bool) -> list[Option]:
    counts = Counter(predicted or UNSCORED for predicted, _probability in found)
    positions = dict(chosen.dataset.material_classes.order_by("position").values_list("name", "position"))
    names = [*positions, *sorted(counts.keys() - positions.keys() - {NONE_OF_THESE, UNSCORED}), NONE_OF_THESE, UNSCORED]
    words = {NONE_OF_THESE: _("None of these"), UNSCORED: _("not scored")}
    return [
        Option(
            text=words.get(name, name),
            count=counts[name] if counted else None,
            query=chosen.query(predicted="" if chosen.predicted == name else name),
            selected=chosen.predicted == name,
            position=positions.get(name),
            marked=name != UNSCORED,
        )
        for name in names
    ]


def _bins(chosen: GalleryFilter, found: Found, counted: bool) -> list[Option]:
    options = []
    for low, high in BINS:
        count = sum(share is not None and float(low) <= share <= float(high) for _predicted, share in found)
        selected = _ends(chosen) == (low, high)
        wanted = ("", "") if selected else (low, high)
        query = chosen.query(probability_min=wanted[0], probability_max=wanted[1])
        options.append(Option(_range(low, high), count if counted else None, query, selected))
    return options


def _ends(chosen: GalleryFilter) -> tuple[str, str]:
    return chosen.probability_min or "0", chosen.probability_max or "1"


def _range(low: str, high: str) -> str:
    return _("%(low)g to %(high)g %%") % {"low": 100 * float(low), "high": 100 * float(high)}
