"""The names, definitions and order of a dataset's material classes."""

from django.db import transaction

from microdb.audit_log.recording import record
from microdb.audit_log.verbs import Verb
from microdb.micrographs.models import Dataset, MaterialClass
from microdb.micrographs.validation.labels import checked_class_name
from microdb.micrographs.validation.text import clean_text


@transaction.atomic
def rename_material_class(*, material_class: MaterialClass, name: str) -> MaterialClass:
    """Another name; labels stay, and frozen versions keep the name that they saw."""
    others = [one.name for one in _locked_classes(material_class.dataset_id) if one.pk != material_class.pk]
    wanted = checked_class_name(name, others=others)
    material_class.name = wanted
    material_class.save(update_fields=["name"])
    return material_class


@transaction.atomic
def describe_material_class(*, material_class: MaterialClass, description: str) -> MaterialClass:
    """Another definition; opened quizzes keep the one that they had."""
    material_class.description = clean_text(description)
    material_class.save(update_fields=["description"])
    return material_class


@transaction.atomic
def move_material_class(*, material_class: MaterialClass, places: int) -> None:
    """Move a class ``places`` down (up where negative) in the order, as far as there are classes."""
    classes = _locked_classes(material_class.dataset_id)
    positions = [one.position for one in classes]
    old = classes.index(material_class)
    new = max(0, min(len(classes) - 1, old + places))
    classes.insert(new, classes.pop(old))
    for one, position in zip(classes, positions, strict=True):
        one.position = position
    MaterialClass.objects.bulk_update(classes, ["position"])  # uniqueness is checked at the end of the transaction
    if new != old:
        record(Verb.CLASS_MOVED, about=material_class, changes={"position": [old + 1, new + 1]})


def _locked_classes(dataset_id: int) -> list[MaterialClass]:
    Dataset.objects.select_for_update().get(pk=dataset_id)
    return list(MaterialClass.objects.filter(dataset=dataset_id).order_by("position"))
