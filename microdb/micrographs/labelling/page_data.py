"""The data of the labelling page: its micrographs, classes with exemplars, and progress."""

from collections.abc import Iterable
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.db.models.functions import JSONObject
from django.urls import reverse

from microdb.micrographs.models import Dataset, Micrograph, counted

EXEMPLARS = 60
"""Sent of each class; the page shows the three whose scale is nearest to that of the micrograph to label."""
KEYS = 9
"""The classes that have a key of their own, 1 to 9."""


def labelling_items(micrographs: Iterable[Micrograph]) -> list[dict[str, Any]]:
    """What the page's script needs of each micrograph; the width is the master's, in pixels."""
    return [
        {
            "id": str(m.pk),
            "filename": m.filename,
            "image": reverse("micrographs:micrograph_image", args=[m.pk]),
            "page": reverse("micrographs:micrograph", args=[m.dataset.slug, m.pk]),
            "save": reverse("micrographs:label_one", args=[m.dataset.slug, m.pk]),
            "width": m.width,
            "height": m.height,
            "pixels_per_micrometre": m.pixels_per_micrometre,
            "specimen": m.specimen,
            "label": m.answer,
        }
        for m in micrographs
    ]


def labelling_progress(dataset: Dataset) -> dict[str, int]:
    """How many of the ready micrographs are labelled."""
    cells = counted(dataset, "material_class", "none_of_these", "state")
    ready = [cell for cell in cells if cell["state"] == Micrograph.State.READY]
    labelled = [cell for cell in ready if cell["material_class"] or cell["none_of_these"]]
    return {"labelled": sum(cell["total"] for cell in labelled), "total": sum(cell["total"] for cell in ready)}


def classes_with_exemplars(dataset: Dataset) -> dict[str, Any]:
    """``classes`` in the order of their keys, and ``exemplars``: by class name its first micrographs, src and scale."""
    of_class = dataset.shown().ready().filter(material_class=OuterRef("pk"))
    fields = JSONObject(pk="pk", scale="pixels_per_micrometre")
    first = of_class.order_by("created_at", "id").values(fields=fields)[:EXEMPLARS]
    classes: list[Any] = list(dataset.material_classes.order_by("position").annotate(known=ArraySubquery(first)))
    for number, material_class in enumerate(classes, start=1):
        material_class.key = number if number <= KEYS else None
    return {"classes": classes, "exemplars": {one.name: [_exemplar(known) for known in one.known] for one in classes}}


def label_keys(dataset: Dataset) -> list[str]:
    """The classes that have a key of their own, in its order."""
    return list(dataset.material_classes.order_by("position").values_list("name", flat=True)[:KEYS])


def _exemplar(known: dict[str, Any]) -> dict[str, Any]:
    return {"src": reverse("micrographs:micrograph_thumbnail", args=[known["pk"]]), "scale": known["scale"]}
