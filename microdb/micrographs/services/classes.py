"""The names and the order of a dataset's material classes."""

from django.db import transaction
from django.utils.translation import gettext as _

from microdb.errors import MicroDBError
from microdb.micrographs.models import NONE_OF_THESE, UNSURE, Dataset, MaterialClass
from microdb.micrographs.validation.text import clean_text


@transaction.atomic
def rename_material_class(*, material_class: MaterialClass, name: str) -> MaterialClass:
    """Another name; labels stay, and frozen versions keep the name that they saw."""
    wanted = clean_text(name, what=_("the class name"), most=60)
    if not wanted:
        raise MicroDBError(_("A class needs a name; give it one."))
    if wanted.lower() in (NONE_OF_THESE, UNSURE):
        raise MicroDBError(
            _("“%s” is reserved for micrographs of no class; choose another name.") % wanted,
            code="reserved_class",
        )
    others = _locked_classes(material_class.dataset_id)
    if any(other.name == wanted and other.pk != material_class.pk for other in others):
        raise MicroDBError(
            _("The dataset has a class “%s” already; choose another name.") % wanted, code="duplicate_class"
        )
    material_class.name = wanted
    material_class.save(update_fields=["name"])
    return material_class


@transaction.atomic
def move_material_class(*, material_class: MaterialClass, places: int) -> None:
    """Move a class ``places`` down (up where negative) in the order, as far as there are classes."""
    classes = _locked_classes(material_class.dataset_id)
    positions = [one.position for one in classes]
    old = classes.index(material_class)
    classes.insert(max(0, min(len(classes) - 1, old + places)), classes.pop(old))
    for one, position in zip(classes, positions, strict=True):
        one.position = position
    MaterialClass.objects.bulk_update(classes, ["position"])  # uniqueness is checked at the end of the transaction


def _locked_classes(dataset_id: int) -> list[MaterialClass]:
    Dataset.objects.select_for_update().get(pk=dataset_id)
    return list(MaterialClass.objects.filter(dataset=dataset_id).order_by("position"))
