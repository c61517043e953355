"""What else in the database rests on micrographs; the rooms above are asked through the models, not imported."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Exists, Model, OuterRef
from django.utils.translation import gettext as _

from microdb.micrographs.models import (
    Acquisition,
    Change,
    Lettering,
    Micrograph,
    MicrographQuerySet,
    NearDuplicate,
    Reading,
    Upload,
)

OWN = (Acquisition, Change, Lettering, NearDuplicate, Reading, Upload)
"""Rows that are about a micrograph and don't keep it."""


def dependants(micrographs: MicrographQuerySet) -> list[tuple[str, int]]:
    """What rests on any of these, as (plural name, count), without what none has."""
    keys = micrographs.order_by().values("pk")
    found = []
    for model, field in _relations():
        which = {f"{field}__in": keys}
        if count := model._default_manager.filter(**which).count():
            found.append((str(model._meta.verbose_name_plural), count))
    return found


def without_dependants(micrographs: MicrographQuerySet) -> MicrographQuerySet:
    """Those on which nothing rests."""
    for model, field in _relations():
        micrographs = micrographs.exclude(Exists(model._default_manager.filter(**{field: OuterRef("pk")})))
    return micrographs


def _relations() -> Iterator[tuple[type[Model], str]]:
    """Models whose rows rest on a micrograph, with the field that names it."""
    for relation in Micrograph._meta.related_objects:
        model: Any = relation.related_model
        if not issubclass(model, OWN) and not relation.many_to_many:
            yield model, relation.field.name


def dependants_sentence(micrographs: MicrographQuerySet) -> str:
    """Empty where nothing rests on them."""
    named = ", ".join(f"{count} {name}" for name, count in dependants(micrographs))
    return _("These records use them and stay unchanged: %s.") % named if named else ""
