"""Files that were sent only to be scored, and how one becomes part of its dataset."""

from django.db import transaction

from microdb.accounts.models import User
from microdb.audit_log.recording import record, together
from microdb.audit_log.verbs import Verb
from microdb.micrographs.gallery.cached_counts import touch
from microdb.micrographs.models import Micrograph
from microdb.micrographs.services.curating import set_label, set_modality, set_scale, set_specimen, set_split
from microdb.micrographs.services.near_duplicates import find_near_duplicates


@transaction.atomic
def take_into_dataset(*, micrograph: Micrograph, by: User | None, given: Micrograph | None = None) -> Micrograph:
    """Make a scored file part of its dataset; what ``given`` says of it is entered, with its history."""
    if not micrograph.scored_only:
        return micrograph
    name = given.filename if given else micrograph.filename
    Micrograph.objects.filter(pk=micrograph.pk).update(scored_only=False, filename=name)
    with together(Verb.MICROGRAPHS_TAKEN):
        record(Verb.MICROGRAPHS_TAKEN, dataset=micrograph.dataset, keys=[micrograph.pk], name=name)
        if given:
            _enter(micrograph, given, by)
    micrograph.refresh_from_db()
    touch([micrograph.dataset_id])
    if micrograph.state == Micrograph.State.READY:
        find_near_duplicates(micrograph=micrograph)
    return micrograph


def _enter(micrograph: Micrograph, given: Micrograph, by: User | None) -> None:
    """Only what is given: an empty field stays as it is."""
    one = [micrograph]
    if given.answer:
        set_label(micrographs=one, label=given.answer, by=by)
    if given.pixels_per_micrometre is not None:
        scale, source = given.pixels_per_micrometre, given.scale_source
        set_scale(micrographs=one, pixels_per_micrometre=scale, source=source, by=by, note=given.scale_note)
    if given.specimen:
        set_specimen(micrographs=one, specimen=given.specimen, by=by)
    if given.modality:
        set_modality(micrographs=one, modality=given.modality, by=by)
    if given.split:
        set_split(micrographs=one, split=given.split, by=by)
