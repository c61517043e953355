"""Reading a stored master: what is measured of its pixels, and what is shown of it."""

from datetime import datetime
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models.fields.files import FieldFile
from django.utils.translation import gettext as _

from microdb.audit_log.recording import record
from microdb.audit_log.verbs import Verb
from microdb.errors import MicroDBError, PassingError
from microdb.micrographs.gallery.cached_counts import touch
from microdb.micrographs.models import Change, Dataset, MaskSource, Micrograph, MicrographQuerySet, Reading
from microdb.micrographs.reading.isolation import read_isolated
from microdb.micrographs.reading.measuring import MEASURES_RELEASE, Measurements
from microdb.micrographs.scale.microscope import READERS_RELEASE, MicroscopeData
from microdb.micrographs.scale.sidecar import Sidecar
from microdb.micrographs.services.acquisitions import store_acquisition
from microdb.micrographs.services.curating import scale_text
from microdb.micrographs.services.lettering import queue_lettering
from microdb.micrographs.services.near_duplicates import find_near_duplicates
from microdb.micrographs.validation.text import clean_text

NOTE_LENGTH = Micrograph._meta.get_field("scale_note").max_length


def read_micrograph(*, reading: Reading) -> None:
    """Measure the master of a claimed reading and store what is shown of it; then the micrograph is ready.

    Raises MicroDBError where the file is at fault, and JobCancelled where somebody else has claimed the reading.
    """
    micrograph = reading.micrograph
    try:
        found = read_isolated(micrograph.master, sidecar_of(reading), while_waiting=reading.stay_alive)
    except FileNotFoundError as error:
        raise PassingError(_("The stored file is gone. Try again, or add it again."), code="gone") from error
    measured = found.measured
    stored: dict[str, str] = {}
    written = False
    try:
        for field, content in (("display", measured.display), ("thumbnail", measured.thumbnail)):
            file: FieldFile = getattr(micrograph, field)
            file.save("", ContentFile(content), save=False)
            stored[field] = str(file.name)
        with transaction.atomic():
            written = reading.finish(readers=READERS_RELEASE, measures=MEASURES_RELEASE)
            if written:
                present = Micrograph.objects.select_for_update().filter(pk=micrograph.pk)
                columns = _measured_columns(present.get(), measured)  # what was entered meanwhile stays
                present.update(state=Micrograph.State.READY, **columns, **stored)
                _store_scale(micrograph, found.microscope)
                store_acquisition(micrograph=micrograph, found=found.microscope.acquisition)
                queue_lettering(micrograph=micrograph, pictures=measured.lettering)
    finally:
        if not written:
            for name in stored.values():
                default_storage.delete(name)
    if written:
        micrograph.refresh_from_db()
        touch([micrograph.dataset_id])
        find_near_duplicates(micrograph=micrograph)


def read_at_once(*, micrograph: Micrograph) -> Micrograph:
    """Read in this process, also where a worker is reading already; afterwards the micrograph is ready or refused."""
    if micrograph.state != Micrograph.State.READING:
        return micrograph
    # A worker that reads it loses its claim, and so writes nothing.
    reading = Reading.objects.select_related("micrograph").claim(micrograph.pk, redelivered=True)
    if reading:
        try:
            read_micrograph(reading=reading)
        except MicroDBError as error:
            reading.fail(error)
    micrograph.refresh_from_db()
    touch([micrograph.dataset_id])
    return micrograph


@transaction.atomic
def retry_readings(*, dataset: Dataset, since: datetime) -> list[Micrograph]:
    """``read_again`` for what failed in the dataset since then, with an entry in the log."""
    lately = Micrograph.objects.filter(dataset=dataset, reading__state=Reading.State.FAILED)
    found = read_again(micrographs=Micrograph.objects.filter(pk__in=lately.filter(reading__finished_at__gte=since)))
    record(Verb.READINGS_RETRIED, dataset=dataset, number=len(found))
    return found


@transaction.atomic
def read_again(*, micrographs: MicrographQuerySet) -> list[Micrograph]:
    """Queue the readings that failed through no fault of their file; the caller enqueues these micrographs."""
    found = list(micrographs.readable_again().select_for_update())
    keys = [micrograph.pk for micrograph in found]
    Reading.objects.filter(pk__in=keys).retry()
    for micrograph in found:
        micrograph.state, micrograph.refusal = Micrograph.State.READING, ""
    Micrograph.objects.bulk_update(found, ["state", "refusal"], batch_size=500)
    touch({micrograph.dataset_id for micrograph in found})
    return found


def add_hashes(*, micrograph: Micrograph) -> None:
    """Measure a micrograph that was read before its hashes were kept, and find its near-duplicates.

    Raises MicroDBError where the master can no longer be read. What people see or entered stays as it is.
    """
    columns = _measured_columns(micrograph, read_isolated(micrograph.master).measured)
    row = Micrograph.objects.filter(pk=micrograph.pk)
    row.update(**{name: columns[name] for name in ("pixel_sha256", "perceptual_hash", "flaw", "bar_pixels")})
    micrograph.refresh_from_db()
    find_near_duplicates(micrograph=micrograph)


def render_again(*, micrograph: Micrograph) -> None:
    """Make the display image and the thumbnail of a micrograph anew. Raises MicroDBError where its master is lost."""
    with micrograph.open_master():
        measured = read_isolated(micrograph.master).measured
    for field, content in (("display", measured.display), ("thumbnail", measured.thumbnail)):
        file: FieldFile = getattr(micrograph, field)
        if not (file and default_storage.exists(str(file.name))):
            file.save("", ContentFile(content), save=False)
    micrograph.save(update_fields=["display", "thumbnail"])


def sidecar_of(reading: Reading) -> Sidecar | None:
    """The sidecar that came with the file of a reading."""
    return Sidecar(reading.sidecar_name, bytes(reading.sidecar)) if reading.sidecar_name else None


def _store_scale(micrograph: Micrograph, found: MicroscopeData) -> None:
    """Take the scale of the file or its sidecar, or the note why none was taken; a scale that was given stays."""
    scale, note = found.scale.pixels_per_micrometre, clean_text(found.scale.note)[:NOTE_LENGTH]
    if scale is None and not note:
        return
    columns = {"pixels_per_micrometre": scale, "scale_source": found.source, "scale_note": note}
    without = Micrograph.objects.filter(pk=micrograph.pk, pixels_per_micrometre=None)
    if without.update(**columns) and scale is not None:
        micrograph.pixels_per_micrometre = scale
        about = {"new": scale_text(micrograph), "scale_source": found.source, "by": micrograph.uploaded_by}
        Change.objects.create(micrograph=micrograph, field=Change.Field.SCALE, **about)


def _measured_columns(micrograph: Micrograph, measured: Measurements) -> dict[str, Any]:
    """Columns from the pixels; a data bar edge and masked rectangles that were given stay."""
    return {
        "width": measured.width,
        "height": measured.height,
        "bit_depth": measured.bit_depth if measured.bit_depth > 8 else micrograph.bit_depth,
        "pixel_sha256": measured.pixel_sha256,
        "perceptual_hash": measured.perceptual_hash,
        "flaw": measured.flaw,
        "data_bar_top": micrograph.data_bar_top or measured.data_bar_top,
        "masked": micrograph.masked or [{**one, "source": MaskSource.FOUND} for one in measured.masked],
        "bar_pixels": measured.bar_pixels,
    }
