"""Reading again what the microscope wrote of a stored micrograph; its pixels are not measured again."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from microdb.accounts.models import User
from microdb.errors import MicroDBError
from microdb.micrographs.models import Acquisition, Micrograph, Reading, ScaleSource
from microdb.micrographs.reading.isolation import read_microscope_isolated
from microdb.micrographs.scale.found import Extent
from microdb.micrographs.scale.microscope import READERS_RELEASE, MicroscopeData
from microdb.micrographs.scale.sidecar import Sidecar
from microdb.micrographs.services.acquisitions import store_acquisition
from microdb.micrographs.services.adding import sidecar_columns
from microdb.micrographs.services.curating import set_scale
from microdb.micrographs.services.reading import NOTE_LENGTH, sidecar_of
from microdb.micrographs.validation.text import clean_text

GONE = "gone"


@dataclass(frozen=True)
class Reread:
    """One micrograph of ``reread_records``: whether it got a record, or why its file could not be read now."""

    micrograph: Micrograph
    found: bool = False
    error: str = ""


def reread_records(*, after: UUID | None = None, most: int | None = None) -> Iterator[Reread]:
    """Give micrographs a record of their microscope that have none and were not read by this release's readers.

    In the order of their keys, from behind ``after`` on. Scales and labels stay. A file that is read, or that is at
    fault, is not read again; one that is gone is looked for again.
    """
    old = Reading.objects.filter(
        readers__lt=READERS_RELEASE,
        micrograph__state=Micrograph.State.READY,
        micrograph__trashed_at=None,
        micrograph__acquisition=None,
    )
    keys = (old.filter(pk__gt=after) if after else old).order_by("pk").values_list("pk", flat=True)
    for key in list(keys[:most]):
        if reading := Reading.objects.select_related("micrograph").filter(pk=key).first():
            yield _reread(reading)


def _reread(reading: Reading) -> Reread:
    micrograph = reading.micrograph
    try:
        data = read_microscope(micrograph=micrograph, sidecar=sidecar_of(reading))
    except MicroDBError as error:
        if error.code != GONE:
            Reading.objects.filter(pk=reading.pk).update(readers=READERS_RELEASE)
        return Reread(micrograph, error=error.message)
    with transaction.atomic():
        store_acquisition(micrograph=micrograph, found=data.acquisition)
        Reading.objects.filter(pk=reading.pk).update(readers=READERS_RELEASE)
    return Reread(micrograph, found=bool(data.acquisition.record))


def read_microscope(*, micrograph: Micrograph, sidecar: Sidecar | None) -> MicroscopeData:
    """What the file and this sidecar say, read in the child process; nothing is stored.

    Raises MicroDBError where the file is at fault, or ``gone``.
    """
    try:
        return read_microscope_isolated(micrograph.master, sidecar, Extent(micrograph.width, micrograph.height))
    except FileNotFoundError as error:
        raise MicroDBError(_("The stored file is gone. Add it again."), code=GONE) from error


def take_sidecar(*, micrograph: Micrograph, sidecar: Sidecar, by: User | None) -> None:
    """Store a sidecar that came after its image, with its scale and its record. The micrograph had no scale.

    Raises MicroDBError, with nothing stored, where there is no scale to take.
    """
    data = read_microscope(micrograph=micrograph, sidecar=sidecar)
    scale, note = data.scale.pixels_per_micrometre, clean_text(data.scale.note)[:NOTE_LENGTH]
    with transaction.atomic():
        present = Micrograph.objects.select_for_update(of=("self",)).get(pk=micrograph.pk)
        if present.pixels_per_micrometre is not None:
            raise MicroDBError(_("This micrograph has a scale already."), code="no_scale")
        if scale is None:
            raise MicroDBError(note or _("The sidecar holds no pixel size."), code="no_scale")
        source = data.source or ScaleSource.SIDECAR
        set_scale(micrographs=[present], pixels_per_micrometre=scale, source=source, by=by, note=note)
        store_acquisition(micrograph=present, found=data.acquisition)
        Reading.objects.filter(pk=present.pk).update(readers=READERS_RELEASE, **sidecar_columns(sidecar))


@transaction.atomic
def give_back_sidecars(*, micrographs: Iterable[Micrograph], note: str, by: User | None) -> int:
    """Undo ``take_sidecar``: no scale, the ``note`` of before, and neither the sidecar nor what it recorded.

    What the file alone records comes back with the next ``reread_records``.
    """
    keys = [one.pk for one in micrographs]
    chosen = Micrograph.objects.filter(pk__in=keys)
    Acquisition.objects.filter(pk__in=keys).delete()
    Reading.objects.filter(pk__in=keys).update(readers=0, sidecar_name="", sidecar=b"")
    return set_scale(micrographs=chosen, pixels_per_micrometre=None, source="", by=by, note=note)
