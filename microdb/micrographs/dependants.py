"""What else in the database rests on micrographs; the rooms above are asked through the models, not imported."""

from django.utils.translation import gettext as _

from microdb.micrographs.models import Change, Micrograph, MicrographQuerySet, Twin

OWN = (Change, Twin)
"""Rows that are about a micrograph and go with it."""


def dependants(micrographs: MicrographQuerySet) -> list[tuple[str, int]]:
    """What rests on any of these, as (plural name, count), without what none has."""
    found = []
    for relation in Micrograph._meta.related_objects:
        model = relation.related_model
        if isinstance(model, str) or issubclass(model, OWN) or relation.many_to_many:
            continue
        which = {f"{relation.field.name}__in": micrographs.order_by().values("pk")}
        if count := model._default_manager.filter(**which).count():
            found.append((str(model._meta.verbose_name_plural), count))
    return found


def dependants_sentence(micrographs: MicrographQuerySet) -> str:
    """Empty where nothing rests on them."""
    named = ", ".join(f"{count} {name}" for name, count in dependants(micrographs))
    return _("What they were used in keeps what it saw: %s.") % named if named else ""
