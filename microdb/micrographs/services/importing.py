"""Many micrographs at once, from the rows of a source; every row succeeds or fails alone."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from microdb.accounts.models import User
from microdb.errors import MicroDBError
from microdb.hashing import file_sha256
from microdb.micrographs.import_export.source import SourceRow
from microdb.micrographs.import_export.specimen_updates import SpecimenUpdates, specimen_updates
from microdb.micrographs.import_export.specimens_csv import SpecimenTable
from microdb.micrographs.models import Dataset, Micrograph, Role, ScaleSource
from microdb.micrographs.services.acquisitions import exported_acquisition, store_acquisition
from microdb.micrographs.services.adding import add_and_read_micrograph, files_follow_rows
from microdb.micrographs.services.curating import set_data_bar, set_masked
from microdb.micrographs.services.datasets import add_material_class, create_dataset, update_dataset
from microdb.micrographs.services.rereading import take_sidecar
from microdb.micrographs.services.specimens import update_specimens
from microdb.micrographs.validation.fields import checked_label
from microdb.micrographs.validation.labels import KnownLabels


@dataclass(frozen=True)
class Outcome:
    """What became of a row: a micrograph, or the sentence why not; ``already_there`` from an earlier import.

    ``took_sidecar``: one that was there without a scale has now that of its sidecar.
    """

    row: SourceRow
    micrograph: Micrograph | None = None
    error: str = ""
    already_there: bool = False
    took_sidecar: bool = False


def dataset_to_import_into(*, name: str, by: User) -> tuple[Dataset, bool]:
    """The owner's own dataset of that name, so that a broken import goes on; else a new one; and whether it is new.

    Raises MicroDBError where the name is another owner's: nobody's dataset changes by accident.
    """
    named = Dataset.objects.filter(name=name, trashed_at=None)
    mine = named.filter(memberships__user=by, memberships__role=Role.OWNER).first()
    if mine:
        return mine, False
    if named.exists():
        raise MicroDBError(
            _("There is a dataset “%(name)s”, and %(user)s does not own it. Choose another name.")
            % {"name": name, "user": by},
            code="duplicate_dataset",
        )
    return create_dataset(name=name, by=by), True


def import_rows(*, dataset: Dataset, rows: Iterable[SourceRow], by: User) -> Iterator[Outcome]:
    """Add and read row after row; a class is added where its name first appears.

    Files that the dataset had before this import are passed over by their hash, but for a scale that they lack and
    their sidecar has; the same file twice in one import is an error of the second row.
    """
    before = dict(dataset.micrographs.kept().values_list("sha256", "pk"))
    for row in rows:
        try:
            if (stored := before.get(_sha256(row)) if before else None) is not None:
                yield Outcome(row, already_there=True, took_sidecar=_take_sidecar(dataset, stored, row, by))
                continue
            yield Outcome(row, _import_row(dataset, row, by))
        except MicroDBError as error:
            yield Outcome(row, error=error.message)
        except OSError as error:
            yield Outcome(row, error=_unopened(error))


def _import_row(dataset: Dataset, row: SourceRow, by: User) -> Micrograph:
    with files_follow_rows() as added:
        added.append(_add_row(dataset, row, by))
        _describe_row(added[0], row, by)
    return added[0]


def _add_row(dataset: Dataset, row: SourceRow, by: User) -> Micrograph:
    entry = row.entry
    scale = entry.pixels_per_micrometre
    label = checked_label(entry.label)
    known = KnownLabels(dataset.material_classes.values_list("name", flat=True))
    if label and known.find(label) is None:
        add_material_class(dataset=dataset, name=label)
    exported = row.exported or {
        "filename": entry.filename,
        "scale_source": ScaleSource.SIDECAR,
        "scale_note": row.scale_note,
    }
    with row.path.open("rb") as file:
        return add_and_read_micrograph(
            dataset=dataset,
            file=file,
            filename=str(exported.get("filename", entry.filename)),
            by=by,
            pixels_per_micrometre=scale,
            scale_source=str(exported.get("scale_source", "")) if scale is not None else "",
            scale_note=str(exported.get("scale_note", "")),
            sidecar=row.sidecar,
            label=label,
            specimen=entry.specimen,
            modality=entry.modality,
            split=entry.split,
        )


def _describe_row(micrograph: Micrograph, row: SourceRow, by: User) -> None:
    """Give it what an export adds to its line of the manifest."""
    exported = row.exported or {}
    if "data_bar_top" in exported:  # somebody may have moved or removed the edge
        set_data_bar(micrographs=[micrograph], top=exported["data_bar_top"], by=by)
    if "masked" in exported:
        set_masked(micrographs=[micrograph], masked=exported["masked"], by=by)
    micrograph.refresh_from_db()
    if isinstance(exported.get("acquisition"), dict):
        store_acquisition(micrograph=micrograph, found=exported_acquisition(exported["acquisition"]))


def import_specimens(*, dataset: Dataset, table: SpecimenTable, by: User, new: bool) -> SpecimenUpdates:
    """Enter what a table says of the specimens; in a dataset that was there, only where nothing is entered yet."""
    found = specimen_updates(dataset, table, only_blank=not new)
    records = {one.name: one.after for one in [*found.updates, *found.unused]}
    update_specimens(dataset=dataset, records=records, by=by)
    return found


def describe_as_exported(*, dataset: Dataset, exported: Mapping[str, Any]) -> None:
    """Give a new dataset the description and the classes, in their order, of an export."""
    update_dataset(
        dataset=dataset,
        description=str(exported.get("description", "")),
        source=str(exported.get("source", "")),
        licence=str(exported.get("licence", "")),
        citation=str(exported.get("citation", "")),
        doi=str(exported.get("doi", "")),
        scale_free=exported.get("scale_free") is True,
    )
    for one in exported.get("classes", []):
        add_material_class(dataset=dataset, name=str(one["name"]), description=str(one.get("description", "")))


def _sha256(row: SourceRow) -> str:
    with row.path.open("rb") as file:
        return file_sha256(file)


def _take_sidecar(dataset: Dataset, stored: UUID, row: SourceRow, by: User) -> bool:
    """Give a stored micrograph without a scale that of the sidecar beside its file; False where there is none."""
    lacking = dataset.micrographs.ready().filter(pk=stored, pixels_per_micrometre=None).first()
    if dataset.scale_free or lacking is None or row.entry.scale or (sidecar := row.sidecar) is None:
        return False
    try:
        take_sidecar(micrograph=lacking, sidecar=sidecar, by=by)
    except MicroDBError as error:
        if error.code == "no_scale":
            return False
        raise
    return True


def _unopened(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return _("There is no such file. Correct the name in the manifest, or add the file.")
    return _("The file can't be opened: %s.") % (error.strerror or error)
