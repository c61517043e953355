"""The values that a micrograph's fields take; others raise a MicroDBError that names what was wanted."""

from django.utils.translation import gettext as _

from microdb.errors import MicroDBError
from microdb.labels import NONE_OF_THESE, UNSURE, canonical_label
from microdb.micrographs.models import Dataset, MaterialClass, ScaleSource, Split
from microdb.micrographs.validation.labels import KnownLabels
from microdb.micrographs.validation.text import clean_text
from microdb.scale_bounds import is_possible_scale


def find_class(*, dataset: Dataset, label: str) -> MaterialClass | None:
    """The class that ``label`` names; None for ``none-of-these``, ``unsure`` and no label; else raises MicroDBError."""
    wanted = checked_label(label)
    if not wanted or is_none_of_these(wanted) or is_unsure(wanted):
        return None
    classes = {one.name: one for one in MaterialClass.objects.filter(dataset=dataset)}
    name = KnownLabels(classes).find(wanted)
    if name is None:
        raise MicroDBError(
            _("“%(given)s” is no class of “%(dataset)s”; its labels are %(known)s. Use one of them, or add the class.")
            % {"given": wanted, "dataset": dataset.name, "known": ", ".join([*classes, NONE_OF_THESE])},
            code="unknown_class",
        )
    return classes[name]


def is_none_of_these(label: str) -> bool:
    return canonical_label(label) == NONE_OF_THESE


def is_unsure(label: str) -> bool:
    return canonical_label(label) == UNSURE


def checked_label(label: str) -> str:
    """The canonical form of a label. Raises MicroDBError where it is too long."""
    return canonical_label(clean_text(label, what=_("the label"), most=60))


def checked_scale(pixels_per_micrometre: float | None) -> float | None:
    """The scale, if it is possible; else raises MicroDBError."""
    if pixels_per_micrometre is None:
        return None
    if not is_possible_scale(pixels_per_micrometre):
        raise MicroDBError(
            _("pixels_per_micrometre must be from %(low)s to %(high)s; %(given)s was given. Measure the micron bar.")
            % {"low": "0.000001", "high": "1,000,000", "given": pixels_per_micrometre},
            code="bad_scale",
        )
    return float(pixels_per_micrometre)


def checked_source(source: str) -> str:
    if source not in ScaleSource.values:
        raise MicroDBError(
            _("The source of a scale is one of %(known)s; “%(given)s” was given.")
            % {"known": ", ".join(ScaleSource.values), "given": source},
            code="bad_scale",
        )
    return source


def checked_split(split: str) -> str:
    if split not in Split.values:
        raise MicroDBError(
            _("A split is train, quiz or empty; “%s” was given. Use one of these.") % split, code="unknown_split"
        )
    return split


def checked_specimen(specimen: str) -> str:
    """The name as it is stored. Raises MicroDBError where it is too long, or browsers would change its address."""
    name = clean_text(specimen, what=_("the specimen"), most=100)
    if {".", ".."}.intersection(name.split("/")):
        raise MicroDBError(
            _("“%s” can't be the name of a specimen, because browsers drop “.” and “..” from addresses. Change it.")
            % name,
            code="bad_specimen",
        )
    return name


def checked_modality(modality: str) -> str:
    return clean_text(modality, what=_("the modality"), most=30)
