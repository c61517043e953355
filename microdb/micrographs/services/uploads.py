"""Uploads in several requests: begun, forgotten, and cleared away; ``receiving`` has what comes between."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from microdb.accounts.models import User
from microdb.errors import MicroDBError
from microdb.micrographs.files.file_format import check_name, empty_file
from microdb.micrographs.files.header import check_bytes
from microdb.micrographs.models import Dataset, Upload, expiry
from microdb.micrographs.scale.sidecar import Sidecar
from microdb.micrographs.services.adding import refuse_duplicate, sidecar_columns
from microdb.micrographs.uploads.parts import create_part, delete_orphans, delete_part, locked_part, part_path
from microdb.micrographs.validation.fields import (
    checked_modality,
    checked_scale,
    checked_specimen,
    checked_split,
    find_class,
)
from microdb.micrographs.validation.text import clean_filename

MOST_UNFINISHED = 100
"""Uploads of one person."""
ABANDONED = timedelta(minutes=1)
"""After its last byte; then whoever should have stored a whole upload was killed."""
ORPHAN_SECONDS = 24 * 3600.0
LONGEST_FILENAME = 1000


def start_upload(
    *,
    dataset: Dataset,
    by: User,
    filename: str,
    length: int,
    about: Mapping[str, Any] | None = None,
    sidecar: Sidecar | None = None,
    batch: UUID | None = None,
    fingerprint: str = "",
    sha256: str = "",
) -> Upload:
    """Begin an upload of ``length`` bytes.

    Raises MicroDBError for what would be refused at the end too, as far as it is known now, and OSError where the disk
    is too full.
    """
    check_name(filename)
    if not length:
        raise empty_file()
    check_bytes(length)
    about = dict(about or {})
    _check_about(dataset, about)
    if sha256 and batch is None:
        refuse_duplicate(dataset.micrographs.kept().filter(sha256=sha256), by)
    if Upload.objects.unfinished().filter(by=by).count() >= MOST_UNFINISHED:
        raise MicroDBError(
            _("You have %d unfinished uploads. Finish or delete one of them first.") % MOST_UNFINISHED,
            code="too_many_uploads",
        )
    upload = Upload(
        dataset=dataset,
        by=by,
        batch=batch,
        filename=clean_filename(filename, most=LONGEST_FILENAME),
        about=about,
        fingerprint=fingerprint,
        sha256=sha256,
        length=length,
        expires_at=expiry(),
        **sidecar_columns(sidecar),
    )
    create_part(upload.pk, length=length)
    upload.save(force_insert=True)
    return upload


def discard_upload(*, upload: Upload) -> None:
    """Forget an upload and its bytes. Raises MicroDBError while a request is sending it."""
    key = upload.pk  # deleting the row forgets it
    try:
        with locked_part(key):
            upload.delete()
            delete_part(key)
    except MicroDBError as error:
        if error.code != "upload_lost":
            raise
        upload.delete()


def abandoned_uploads() -> list[UUID]:
    """Whole uploads of datasets that nobody is storing; a batch stores its own when it is started."""
    waiting = Upload.objects.whole().filter(batch=None, expires_at__lt=expiry() - ABANDONED)
    return [key for key in waiting.values_list("pk", flat=True) if part_path(key).exists()]


def purge_uploads() -> None:
    """Delete expired uploads, and bytes that belong to none."""
    for upload in Upload.objects.filter(expires_at__lte=timezone.now()):
        try:
            discard_upload(upload=upload)
        except MicroDBError:  # a request is sending it, which also makes it last longer
            continue
    known = {str(key) for key in Upload.objects.filter(finished_at=None).values_list("pk", flat=True)}
    delete_orphans(known, older_than=ORPHAN_SECONDS)


def _check_about(dataset: Dataset, about: Mapping[str, Any]) -> None:
    find_class(dataset=dataset, label=about.get("label", ""))
    checked_scale(about.get("pixels_per_micrometre"))
    checked_specimen(about.get("specimen", ""))
    checked_modality(about.get("modality", ""))
    checked_split(about.get("split", ""))
