"""The map as its reader may see it."""

from typing import Any

from microdb.training.models import ModelVersion

PER_CROP = ("points", "labels", "owners", "evidence", "outside")
"""The lists with one value per crop."""


def shown_map(version: ModelVersion) -> dict[str, Any]:
    """The stored map without the crops of micrographs that an open quiz withholds from the reader; empty without a map.

    ``micrographs`` has None in the place of those that are withheld or deleted, so that ``owners`` keep their meaning.
    Maps of older versions lack ``owners``, ``evidence`` and ``micrographs``, or also ``outside``.
    """
    stored: dict[str, Any] = version.descriptor_map
    if not stored.get("micrographs"):
        return stored
    withheld = {str(pk) for pk in version.dataset.withheld}
    there = version.dataset.shown().kept().filter(pk__in=stored["micrographs"]).order_by()
    shown = {str(pk) for pk in there.values_list("pk", flat=True)}
    hidden = {place for place, pk in enumerate(stored["micrographs"]) if pk in withheld}
    crops = [crop for crop, owner in enumerate(stored["owners"]) if owner not in hidden]
    return {
        **stored,
        **{name: [stored[name][crop] for crop in crops] for name in PER_CROP},
        "micrographs": [pk if pk in shown else None for pk in stored["micrographs"]],
    }
