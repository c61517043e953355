"""Writes to the records of specimens; each leaves a row in their history."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from microdb.accounts.models import User
from microdb.audit_log.recording import record
from microdb.audit_log.verbs import Verb
from microdb.errors import MicroDBError
from microdb.micrographs.gallery.cached_counts import touch
from microdb.micrographs.models import Dataset, Micrograph, Specimen, SpecimenChange
from microdb.micrographs.services.curating import set_specimen
from microdb.micrographs.validation.fields import checked_specimen
from microdb.micrographs.validation.specimens import checked_record, look_alike_error, specimen_key, steps_of

COLUMNS = (*Specimen.ENTERED, "steps")


@transaction.atomic
def update_specimens(
    *, dataset: Dataset, records: Mapping[str, Mapping[str, Any]], by: User | None
) -> list[SpecimenChange]:
    """Give specimens, by name, new values of ``Specimen.ENTERED``; all or none. The changes that this made.

    A record is made where a specimen has none. Raises MicroDBError for a value that no specimen can have.
    """
    checked = {checked_specimen(name): checked_record(values) for name, values in records.items()}
    changes = []
    changed = []
    for specimen in _locked(dataset, checked):
        after = {name: value for name, value in checked[specimen.name].items() if value != getattr(specimen, name)}
        if not after:
            continue
        before = {name: getattr(specimen, name) for name in after}
        for name, value in after.items():
            setattr(specimen, name, value)
        specimen.steps = steps_of(specimen.heat_treatment)
        changed.append(specimen)
        changes.append(SpecimenChange(specimen=specimen, before=before, after=after, by=by))
    # As an insert that always conflicts: bulk_update takes seconds for thousands of rows.
    Specimen.objects.bulk_create(
        changed, update_conflicts=True, unique_fields=["pk"], update_fields=COLUMNS, batch_size=500
    )
    touch([dataset.pk])
    if changes:
        one = changes[0]
        shown = {name: [one.before[name], one.after[name]] for name in one.after} if len(changes) == 1 else {}
        names = [specimen.name for specimen in changed]
        record(Verb.SPECIMENS_CHANGED, dataset=dataset, names=names, number=len(names), changes=shown)
    return SpecimenChange.objects.bulk_create(changes, batch_size=500)


@transaction.atomic
def revert_specimen_changes(*, changes: Iterable[SpecimenChange], by: User | None) -> int:
    """Put back what these changes, of specimens of one dataset, replaced; the number of specimens that changed."""
    latest_first = sorted(changes, key=lambda change: change.pk, reverse=True)
    records: dict[str, dict[str, Any]] = {}
    for change in latest_first:
        records.setdefault(change.specimen.name, {}).update(change.before)
    if not latest_first:
        return 0
    return len(update_specimens(dataset=latest_first[0].specimen.dataset, records=records, by=by))


@transaction.atomic
def rename_specimen(*, dataset: Dataset, name: str, new_name: str, by: User | None) -> int:
    """Give a specimen another name: its record, and all micrographs that name it; how many these are."""
    wanted = checked_specimen(new_name)
    if not wanted:
        raise MicroDBError(_("A specimen needs a name; give it one."), code="required")
    if wanted == name:
        return 0
    Dataset.objects.select_for_update().get(pk=dataset.pk)  # two specimens can't get one name at the same time
    micrographs = Micrograph.objects.filter(dataset=dataset)  # in the trash too: they may come back
    used = micrographs.order_by().values_list("specimen", flat=True).distinct()
    others = {*(one.name for one in dataset.specimens.all() if not one.is_blank), *used} - {name}
    if wanted in others:
        raise MicroDBError(
            _("There is a specimen “%s” already. Choose another name, or set it in the micrographs.") % wanted,
            code="duplicate",
        )
    if known := {specimen_key(other): other for other in others}.get(specimen_key(wanted)):
        raise look_alike_error(wanted, known)
    dataset.specimens.filter(name=wanted).delete()  # a blank one
    dataset.specimens.filter(name=name).update(name=wanted)
    record(Verb.SPECIMEN_RENAMED, dataset=dataset, name=wanted, changes={"name": [name, wanted]})
    touch([dataset.pk])
    return set_specimen(micrographs=micrographs.filter(specimen=name), specimen=wanted, by=by)


def _locked(dataset: Dataset, names: Iterable[str]) -> list[Specimen]:
    """The records, made where there are none, locked in the order of their names."""
    wanted = sorted(names)
    made = [Specimen(dataset=dataset, name=name) for name in wanted]
    Specimen.objects.bulk_create(made, ignore_conflicts=True, batch_size=500)
    return list(dataset.specimens.filter(name__in=wanted).order_by("name").select_for_update())
