"""Files that arrive in several requests: begun, filled from the offset that is safe, stored once they are whole."""

import hmac
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import IO, Any
from uuid import UUID

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from microdb.accounts.models import User
from microdb.errors import MicroDBError
from microdb.micrographs.files.file_format import check_name, empty_file
from microdb.micrographs.files.header import check_bytes
from microdb.micrographs.models import Dataset, Micrograph, Role, Upload
from microdb.micrographs.scale.sidecar import Sidecar
from microdb.micrographs.services.adding import add_micrograph, files_follow_rows, refuse_duplicate, sidecar_columns
from microdb.micrographs.uploads.parts import (
    WholePart,
    create_part,
    delete_orphans,
    delete_part,
    locked_part,
    part_path,
    refuse_shorter,
    safe,
)
from microdb.micrographs.uploads.running_hash import running_hashes
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
SAFE_EVERY = 8 * 2**20
"""Bytes after which what has arrived is made safe."""
ABANDONED = timedelta(minutes=1)
"""After its last byte; then whoever should have stored a whole upload was killed."""
ORPHAN_SECONDS = 24 * 3600.0
LONGEST_FILENAME = 1000


Store = Callable[[Upload, WholePart], Micrograph | None]
"""Turns a whole file into what it was sent for; None where that is no micrograph, but a result of its own."""


@dataclass(frozen=True)
class Checksum:
    """Of the bytes of one request: ``digest`` is a hash object, ``expected`` what it must give."""

    digest: Any
    expected: bytes


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
        expires_at=_expiry(),
        **sidecar_columns(sidecar),
    )
    create_part(upload.pk, length=length)
    upload.save(force_insert=True)
    return upload


def receive(
    *, upload: Upload, offset: int, pieces: Iterable[bytes], store: Store, checksum: Checksum | None = None
) -> None:
    """Add bytes from ``offset`` on, and store the file if they were the last.

    What arrives is kept, also where it ends early or the process is killed; with a checksum it is all or nothing.
    Raises MicroDBError for another offset, for bytes that do not fit the checksum, and where the file is refused.
    """
    _refuse_finished(upload)
    with locked_part(upload.pk) as part:
        _refresh(upload)
        _refuse_finished(upload)
        if offset != upload.received:
            raise MicroDBError(
                _("This upload goes on at byte %(received)d; byte %(offset)d was sent. Ask for its offset first.")
                % {"received": upload.received, "offset": offset},
                code="wrong_offset",
            )
        refuse_shorter(part, offset)
        digest = running_hashes.take(upload.pk, part, offset)
        _append(upload, part, digest, pieces, checksum)
        if upload.is_whole:
            _finish(upload, part, digest.hexdigest(), store)
        else:
            running_hashes.give_back(upload.pk, upload.received, digest)


def settle(*, upload: Upload, store: Store) -> None:
    """Store a whole upload if the process that should have done it was killed. Others stay as they are.

    Raises MicroDBError, code ``upload_lost``, where its bytes are gone.
    """
    if upload.finished_at or not upload.is_whole:
        return
    try:
        with locked_part(upload.pk) as part:
            _refresh(upload)
            if upload.finished_at is None:
                refuse_shorter(part, upload.length)
                digest = running_hashes.take(upload.pk, part, upload.length)
                _finish(upload, part, digest.hexdigest(), store)
    except MicroDBError as error:
        _refresh(upload)
        if error.code == "upload_lost" and not upload.finished_at:
            raise


def store_in_dataset(upload: Upload, part: WholePart) -> Micrograph:
    """Make a whole file a micrograph of the dataset, unread."""
    sidecar = sidecar_of_upload(upload)
    return add_micrograph(
        dataset=upload.dataset, file=part, filename=upload.filename, by=upload.by, sidecar=sidecar, **upload.about
    )


def sidecar_of_upload(upload: Upload) -> Sidecar | None:
    """The sidecar that was sent when the upload was begun."""
    return Sidecar(upload.sidecar_name, bytes(upload.sidecar)) if upload.sidecar_name else None


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
    waiting = Upload.objects.whole().filter(batch=None, expires_at__lt=_expiry() - ABANDONED)
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


def _append(upload: Upload, part: IO[bytes], digest: Any, pieces: Iterable[bytes], checksum: Checksum | None) -> None:
    part.seek(upload.received)
    unsafe = 0
    for piece in pieces:
        part.write(piece)
        digest.update(piece)
        unsafe += len(piece)
        if checksum:
            checksum.digest.update(piece)
        elif unsafe >= SAFE_EVERY:
            _make_safe(upload, part, unsafe)
            unsafe = 0
    if checksum and not hmac.compare_digest(checksum.digest.digest(), checksum.expected):
        raise MicroDBError(
            _("The bytes do not have the checksum that was sent with them. Nothing of them was kept; send them again."),
            code="checksum_mismatch",
        )
    _make_safe(upload, part, unsafe)


def _make_safe(upload: Upload, part: IO[bytes], count: int) -> None:
    """The bytes first, then the row that says how many there are: what it counts is on the disk."""
    safe(part)
    received, expires_at = upload.received + count, _expiry()
    there = Upload.objects.filter(pk=upload.pk, received=upload.received)
    if not there.update(received=received, expires_at=expires_at):
        raise _deleted()
    upload.received, upload.expires_at = received, expires_at


def _finish(upload: Upload, part: IO[bytes], sha256: str, store: Store) -> None:
    """Store the file, then say so in its row, in one transaction; its part goes after that is certain."""
    try:
        _refuse_other_hash(upload, sha256)
        _refuse_without_role(upload)
        with files_follow_rows() as added:
            upload.micrograph = store(upload, WholePart(part, upload.filename, sha256))
            if upload.micrograph:
                added.append(upload.micrograph)
            _close(upload, sha256)
    except MicroDBError as error:
        upload.micrograph, upload.code, upload.message = None, error.code, error.message
        _close(upload, sha256)
        delete_part(upload.pk)
        raise
    delete_part(upload.pk)


def _refresh(upload: Upload) -> None:
    """Read the row again, now that nobody else can change it. Raises MicroDBError where it is gone."""
    try:
        upload.refresh_from_db()
    except Upload.DoesNotExist as error:
        raise _deleted() from error


def _deleted() -> MicroDBError:
    return MicroDBError(_("This upload was deleted. Start it again."), code="upload_lost")


def _close(upload: Upload, sha256: str) -> None:
    upload.finished_at, upload.sha256 = timezone.now(), sha256
    upload.save(update_fields=["finished_at", "sha256", "micrograph", "code", "message"])


def _refuse_finished(upload: Upload) -> None:
    if upload.finished_at:
        raise MicroDBError(_("This upload is finished and takes no more bytes."), code="upload_finished")


def _refuse_other_hash(upload: Upload, sha256: str) -> None:
    if upload.sha256 and upload.sha256 != sha256:
        raise MicroDBError(
            _("The file arrived with another SHA-256 than you announced. It was changed on its way; send it again."),
            code="sha256_differs",
        )


def _refuse_without_role(upload: Upload) -> None:
    """The person may have lost the role since the upload was begun."""
    if not Dataset.objects.visible_to(upload.by, Role.CURATOR).filter(pk=upload.dataset_id).exists():
        raise MicroDBError(
            _("You may no longer add files to this dataset. Ask an owner of it."), code="permission_denied"
        )


def _check_about(dataset: Dataset, about: Mapping[str, Any]) -> None:
    find_class(dataset=dataset, label=about.get("label", ""))
    checked_scale(about.get("pixels_per_micrometre"))
    checked_specimen(about.get("specimen", ""))
    checked_modality(about.get("modality", ""))
    checked_split(about.get("split", ""))


def _expiry() -> Any:
    return timezone.now() + timedelta(days=settings.UPLOADS_KEPT_DAYS)
