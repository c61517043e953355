"""Changes to stored micrographs: label, scale, specimen, modality, split, data bar, masked rectangles, trash.

Every one leaves a row in the history.

Each function takes any iterable of micrographs, also of several datasets, and returns how many it changed.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from microdb.accounts.models import User
from microdb.audit_log.recording import record
from microdb.audit_log.verbs import Verb
from microdb.errors import MicroDBError
from microdb.micrographs.gallery.cached_counts import touch
from microdb.micrographs.models import (
    Change,
    Dataset,
    MaterialClass,
    Micrograph,
    MicrographQuerySet,
    ScaleSource,
    reason_withheld,
    without_sources,
)
from microdb.micrographs.validation.fields import (
    checked_modality,
    checked_scale,
    checked_source,
    checked_specimen,
    checked_split,
    find_class,
    is_none_of_these,
    is_unsure,
)
from microdb.micrographs.validation.masked import Given, checked_masked, masked_from_text, masked_text


def set_label(*, micrographs: Iterable[Micrograph], label: str, by: User | None, seen: str | None = None) -> int:
    """``label``: the name of a class of the micrograph's dataset, ``none-of-these``, ``unsure``, or empty for none.

    ``seen``: the answer that the person saw; where somebody else has changed it since, MicroDBError ``changed``.
    """
    found: dict[int, MaterialClass | None] = {}

    def apply(micrograph: Micrograph) -> None:
        if seen is not None and seen != micrograph.answer:
            raise MicroDBError(
                _("Somebody else set “%s” meanwhile. Check it, and label it again if you disagree.")
                % (micrograph.answer or _("unlabelled")),
                code="changed",
            )
        if micrograph.dataset_id not in found:
            found[micrograph.dataset_id] = find_class(dataset=micrograph.dataset, label=label)
        micrograph.material_class = found[micrograph.dataset_id]
        micrograph.none_of_these, micrograph.unsure = is_none_of_these(label), is_unsure(label)

    fields = ["material_class", "none_of_these", "unsure"]
    return _change(micrographs, Change.Field.LABEL, lambda one: one.answer, apply, fields, by)


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


def set_data_bar(*, micrographs: Iterable[Micrograph], top: int | None, by: User | None) -> int:
    """The first row of the burnt-in data bar, counted from 0; None where there is none."""

    def apply(micrograph: Micrograph) -> None:
        if top is not None and not 0 < top < micrograph.height:
            raise MicroDBError(
                _("The data bar of %(name)s begins between row 1 and row %(last)d; row %(given)d was given.")
                % {"name": micrograph.filename, "last": micrograph.height - 1, "given": top},
                code="bad_data_bar",
            )
        micrograph.data_bar_top = top

    return _change(micrographs, Change.Field.DATA_BAR, _data_bar_text, apply, ["data_bar_top"], by)


def set_masked(*, micrographs: Iterable[Micrograph], masked: Given, by: User | None) -> int:
    """The rectangles that show no material, instead of those before; see ``checked_masked``."""
    rectangles = list(masked)
    return _change_masked(micrographs, lambda before: rectangles, by)


def add_masked(*, micrographs: Iterable[Micrograph], rectangle: Mapping[str, Any], by: User | None) -> int:
    """One more rectangle that shows no material."""
    return _change_masked(micrographs, lambda before: [*before, rectangle], by)


def remove_masked(*, micrographs: Iterable[Micrograph], rectangle: Mapping[str, Any], by: User | None) -> int:
    """Without the rectangle at this place; 0 where there is none."""
    (gone,) = without_sources([rectangle])
    return _change_masked(micrographs, lambda before: [one for one in before if without_sources([one]) != [gone]], by)


def _change_masked(micrographs: Iterable[Micrograph], edit: Callable[[Given], Given], by: User | None) -> int:
    def apply(micrograph: Micrograph) -> None:
        micrograph.masked = checked_masked(edit(micrograph.masked), micrograph=micrograph)

    return _change(micrographs, Change.Field.MASKED, lambda one: masked_text(one.masked), apply, ["masked"], by)


def revert_change(*, change: Change, by: User | None) -> int:
    """Put back what a change replaced; the change itself stays in the history. 0 where that is so already."""
    about: dict[str, Any] = {"micrographs": [change.micrograph], "by": by}
    match change.field:
        case Change.Field.LABEL:
            return set_label(label=change.old, **about)
        case Change.Field.SCALE:
            scale = float(change.old) if change.old else None
            return set_scale(pixels_per_micrometre=scale, source=_source_before(change), **about)
        case Change.Field.DATA_BAR:
            return set_data_bar(top=int(change.old) if change.old else None, **about)
        case Change.Field.MASKED:
            return set_masked(masked=masked_from_text(change.old), **about)
        case Change.Field.TRASH:
            return trash_micrographs(**about) if change.old else restore_micrographs(**about)
        case _:
            return _set_text([change.micrograph], Change.Field(change.field), change.old, by)


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


def scale_text(micrograph: Micrograph) -> str:
    scale = micrograph.pixels_per_micrometre
    return "" if scale is None else f"{scale:.10g}"


def _source_before(change: Change) -> str:
    """Where the scale came from that this change replaced."""
    earlier = Change.objects.filter(micrograph=change.micrograph_id, field=change.field, pk__lt=change.pk)
    same = earlier.filter(new=change.old).order_by("-pk").values_list("scale_source", flat=True).first()
    return same or ScaleSource.BY_HAND


def _data_bar_text(micrograph: Micrograph) -> str:
    return "" if micrograph.data_bar_top is None else str(micrograph.data_bar_top)


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
    """Apply to rows locked in the order of their keys, write the rows that differ, and their history.

    Raises MicroDBError, with nothing changed, where one of them is withheld from ``by``.
    """
    changed, history = [], []
    for micrograph in _locked(micrographs, by):
        old, before = text(micrograph), [getattr(micrograph, column) for column in columns]
        apply(micrograph)
        if before == [getattr(micrograph, column) for column in columns]:
            continue
        changed.append(micrograph)
        history.append(Change(micrograph=micrograph, field=field, old=old, new=text(micrograph), by=by, **about))
    Micrograph.objects.bulk_update(changed, columns, batch_size=1000)
    Change.objects.bulk_create(history, batch_size=1000)
    touch(one.dataset_id for one in changed)
    _record(field, changed, history)
    return len(changed)


def _record(field: Change.Field, changed: list[Micrograph], history: list[Change]) -> None:
    """One entry of the audit log per dataset, with the values if one micrograph changed.

    Never with labels: they may be the truths of an open quiz. The history keeps them, where they are hidden meanwhile.
    """
    groups: dict[Dataset, list[Micrograph]] = {}
    for micrograph in changed:
        groups.setdefault(micrograph.dataset, []).append(micrograph)
    for dataset, some in groups.items():
        one, shown = some[0], {}
        if len(history) == 1 and field != Change.Field.LABEL:
            shown = {field.value: [history[0].old, history[0].new]}
        verb, fields = Verb.MICROGRAPHS_CHANGED, [field.value]
        if field == Change.Field.TRASH:
            verb, fields, shown = (Verb.MICROGRAPHS_TRASHED if one.trashed_at else Verb.MICROGRAPHS_RESTORED), [], {}
        name = one.filename if len(some) == 1 else ""
        record(verb, dataset=dataset, keys=[m.pk for m in some], name=name, fields=fields, changes=shown)


def _locked(micrographs: Iterable[Micrograph], by: User | None) -> MicrographQuerySet:
    chosen = [one.pk for one in micrographs]
    if by and Micrograph.objects.filter(pk__in=chosen).withheld_from(by).exists():
        raise MicroDBError(reason_withheld(), code="withheld")
    # Not joined: who waited for a lock would get the row as it is now beside the class that it had before.
    rows = Micrograph.objects.filter(pk__in=chosen).prefetch_related("dataset", "material_class").order_by("pk")
    return rows.select_for_update()
