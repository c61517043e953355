"""All that a file and its sidecar say of scale and acquisition, put together."""

from dataclasses import dataclass
from typing import IO

from django.utils.translation import gettext as _

from microdb.micrographs.models import ScaleSource
from microdb.micrographs.scale.acquisition import AcquisitionFound
from microdb.micrographs.scale.found import Extent, ScaleFound
from microdb.micrographs.scale.metadata import Metadata, read_metadata
from microdb.micrographs.scale.sidecar import Sidecar, read_sidecar

READERS_RELEASE = 1
"""Raise it when the readers learn a vendor: files without a record are then read again (``services.rereading``)."""
AGREE_WITHIN = 0.05
"""Relative; a micron bar is counted in whole pixels, of which it has 20 at least."""


@dataclass(frozen=True)
class MicroscopeData:
    """The scale with its source, empty where there is none, and the acquisition."""

    scale: ScaleFound
    source: str
    acquisition: AcquisitionFound


def read_microscope_data(file: IO[bytes], page: int, picture: Extent, sidecar: Sidecar | None) -> MicroscopeData:
    """Of the page that is shown and the file's sidecar; ``picture`` is the size of that page as it is stored."""
    own = read_metadata(file, page)
    beside = read_sidecar(sidecar, picture) if sidecar else Metadata()
    scale, source = _together(own.scale, beside.scale)
    return MicroscopeData(scale, source, own.acquisition.completed_by(beside.acquisition))


def _together(own: ScaleFound, beside: ScaleFound) -> tuple[ScaleFound, str]:
    """The file's own scale, else its sidecar's; none, with both notes, where they differ or one shows a crop."""
    both = " ".join(note for note in (beside.note, own.note) if note)
    scales = [one.pixels_per_micrometre for one in (own, beside) if one.pixels_per_micrometre is not None]
    if not scales or own.contradicted or beside.contradicted:
        return ScaleFound(note=both), ""
    if max(scales) > (1 + AGREE_WITHIN) * min(scales):
        return ScaleFound(note=_("Not taken, for the file and its sidecar differ: %s") % both), ""
    if own.pixels_per_micrometre is not None:
        return own, ScaleSource.METADATA.value
    return beside, ScaleSource.SIDECAR.value
