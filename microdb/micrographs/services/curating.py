"""Changes to stored micrographs: label, scale, specimen, modality, split, trash. Every one leaves a row in the history.

Each function takes any iterable of micrographs, also of several datasets, and returns how many it changed.
"""

import math
from collections.abc import Callable, Iterable
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from microdb.accounts.models import User
from microdb.errors import MicroDBError
from microdb.micrographs.models import (
    NONE_OF_THESE,
    Change,
    Dataset,
    MaterialClass,
    Micrograph,
    MicrographQuerySet,
    ScaleSource,
    Split,
)
from microdb.micrographs.services.text import clean_text

HIGHEST_SCALE = 1e6
"""Pixels per micrometre; a pixel would be smaller than a hundredth of an atom."""


def set_label(*, micrographs: Iterable[Micrograph], label: str, by: User | None) -> int:
    """``label``: the name of a class of the micrograph's dataset, ``none-of-these``, or empty for none."""
    found: dict[int, MaterialClass | None] = {}

    def apply(micrograph: Micrograph) -> None:
        if micrograph.dataset_id not in found:
            found[micrograph.dataset_id] = find_class(dataset=micrograph.dataset, label=label)
        micrograph.material_class = found[micrograph.dataset_id]
        micrograph.none_of_these = is_none_of_these(label)

    fields = ["material_class", "none_of_these"]
    return _change(micrographs, Change.Field.LABEL, lambda one: one.label, apply, fields, by)


def set_scale(
    *,
    micrographs: Iterable[Micrograph],
    pixels_per_micrometre: float | None,
    source: str,
    by: User | None,
    note: str = "",
) -> int:
    """The scale, where it comes from (a ScaleSource) and in which words; None takes the scale away."""
    scale = checked_scale(pixels_per_micrometre)
    origin = checked_source(source) if scale is not None else ""

    def apply(micrograph: Micrograph) -> None:
        micrograph.pixels_per_micrometre, micrograph.scale_source, micrograph.scale_note = scale, origin, note

    fields = ["pixels_per_micrometre", "scale_source", "scale_note"]
    return _change(micrographs, Change.Field.SCALE, scale_text, apply, fields, by, scale_source=origin)


def set_specimen(*, micrographs: Iterable[Micrograph], specimen: str, by: User | None) -> int:
    wanted = checked_specimen(specimen)
    return _set_text(micrographs, Change.Field.SPECIMEN, wanted, by)


def set_modality(*, micrographs: Iterable[Micrograph], modality: str, by: User | None) -> int:
    wanted = checked_modality(modality)
    return _set_text(micrographs, Change.Field.MODALITY, wanted, by)


def set_split(*, micrographs: Iterable[Micrograph], split: str, by: User | None) -> int:
    return _set_text(micrographs, Change.Field.SPLIT, checked_split(split), by)


def trash_micrographs(*, micrographs: Iterable[Micrograph], by: User | None) -> int:
    """Out of sight; ``restore_micrographs`` undoes it. Frozen versions and scores keep what they saw."""
    now = timezone.now()

    def apply(micrograph: Micrograph) -> None:
        micrograph.trashed_at = micrograph.trashed_at or now

    return _change(micrographs, Change.Field.TRASH, _trash_text, apply, ["trashed_at"], by)


def restore_micrographs(*, micrographs: Iterable[Micrograph], by: User | None) -> int:
    """Out of the trash, all or none; raises MicroDBError where the same file was added again meanwhile."""

    def apply(micrograph: Micrograph) -> None:
        micrograph.trashed_at = None

    try:
        return _change(micrographs, Change.Field.TRASH, _trash_text, apply, ["trashed_at"], by)
    except IntegrityError as error:
        raise MicroDBError(
            _("One of these files was added again since it was trashed. Keep that one, or trash it first."),
            code="duplicate",
        ) from error


def find_class(*, dataset: Dataset, label: str) -> MaterialClass | None:
    """The class that ``label`` names; None for ``none-of-these`` and for no label; else raises MicroDBError."""
    wanted = checked_label(label)
    if not wanted or is_none_of_these(wanted):
        return None
    found = MaterialClass.objects.filter(dataset=dataset, name=wanted).first()
    if found is None:
        names = [*dataset.material_classes.values_list("name", flat=True), NONE_OF_THESE]
        raise MicroDBError(
            _("“%(given)s” is no class of “%(dataset)s”; its labels are %(known)s. Use one of them, or add the class.")
            % {"given": wanted, "dataset": dataset.name, "known": ", ".join(names)},
            code="unknown_class",
        )
    return found


def is_none_of_these(label: str) -> bool:
    return label.strip().lower() == NONE_OF_THESE


def checked_label(label: str) -> str:
    return clean_text(label, what=_("the label"), most=60)


def checked_scale(pixels_per_micrometre: float | None) -> float | None:
    """The scale, if it is possible; else raises MicroDBError."""
    if pixels_per_micrometre is None:
        return None
    if math.isfinite(pixels_per_micrometre) and 0 < pixels_per_micrometre < HIGHEST_SCALE:
        return float(pixels_per_micrometre)
    raise MicroDBError(
        _("pixels_per_micrometre must be a number above 0 and below 1,000,000; %s was given. Measure the micron bar.")
        % pixels_per_micrometre,
        code="bad_scale",
    )


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
    return clean_text(specimen, what=_("the specimen"), most=100)


def checked_modality(modality: str) -> str:
    return clean_text(modality, what=_("the modality"), most=30)


def scale_text(micrograph: Micrograph) -> str:
    scale = micrograph.pixels_per_micrometre
    return "" if scale is None else f"{scale:.10g}"


def _trash_text(micrograph: Micrograph) -> str:
    return "trashed" if micrograph.trashed_at else ""


def _set_text(micrographs: Iterable[Micrograph], field: Change.Field, value: str, by: User | None) -> int:
    name = field.value
    return _change(
        micrographs, field, lambda one: getattr(one, name), lambda one: setattr(one, name, value), [name], by
    )


@transaction.atomic
def _change(
    micrographs: Iterable[Micrograph],
    field: Change.Field,
    text: Callable[[Micrograph], str],
    apply: Callable[[Micrograph], None],
    columns: list[str],
    by: User | None,
    **about: Any,
) -> int:
    """Apply to rows locked in the order of their keys, write the rows that differ, and their history."""
    changed, history = [], []
    for micrograph in _locked(micrographs):
        old, before = text(micrograph), [getattr(micrograph, column) for column in columns]
        apply(micrograph)
        if before == [getattr(micrograph, column) for column in columns]:
            continue
        changed.append(micrograph)
        history.append(Change(micrograph=micrograph, field=field, old=old, new=text(micrograph), by=by, **about))
    Micrograph.objects.bulk_update(changed, columns, batch_size=1000)
    Change.objects.bulk_create(history, batch_size=1000)
    return len(changed)


def _locked(micrographs: Iterable[Micrograph]) -> MicrographQuerySet:
    chosen = [one.pk for one in micrographs]
    rows = Micrograph.objects.filter(pk__in=chosen).select_related("dataset", "material_class").order_by("pk")
    return rows.select_for_update(of=("self",))
