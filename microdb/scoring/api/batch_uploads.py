"""Files for an open batch, each sent in several requests: ``datasets/{slug}/batches/{id}/uploads/``."""

from contextlib import suppress
from pathlib import PurePosixPath
from uuid import UUID

from django.core.files.base import ContentFile
from django.utils.translation import gettext as _

from microdb.accounts.models import ApiToken
from microdb.errors import MicroDBError
from microdb.micrographs.api.uploads import OwnUploads, UploadDetail, UploadList, UploadMetadataSerializer
from microdb.micrographs.models import Micrograph, Role, Upload
from microdb.micrographs.services import settle, sidecar_of_upload
from microdb.micrographs.uploads.parts import WholePart
from microdb.scoring.api.inputs import open_batch_inputs
from microdb.scoring.api.lookups import visible_batch
from microdb.scoring.api.sent_files import File
from microdb.scoring.models import Batch
from microdb.scoring.services import add_files, refuse_not_open


class UploadsOfBatch(OwnUploads):
    """The manifest of the batch says what is known of the files."""

    write_scope = delete_scope = ApiToken.Scope.SCORE
    metadata_serializer = UploadMetadataSerializer

    def batch_key(self) -> UUID:
        return visible_batch(self.request, self.kwargs["slug"], self.kwargs["pk"], Role.CURATOR).pk

    def refuse_start(self) -> None:
        refuse_not_open(visible_batch(self.request, self.kwargs["slug"], self.kwargs["pk"], Role.CURATOR))

    def store(self, upload: Upload, part: WholePart) -> Micrograph | None:
        return store_in_batch(upload, part)


class BatchUploadList(UploadsOfBatch, UploadList):
    """Your unfinished uploads for a batch."""


class BatchUploadDetail(UploadsOfBatch, UploadDetail):
    """One upload of yours for a batch."""


def store_in_batch(upload: Upload, part: WholePart) -> Micrograph | None:
    """Add a whole file to its open batch; one that can't be used becomes a result with the reason.

    Raises MicroDBError where the batch takes no more files.
    """
    found = Batch.objects.filter(pk__in=[upload.batch], model_version__dataset=upload.dataset)
    batch = found.select_related("model_version__dataset").first()
    if batch is None:
        raise MicroDBError(_("The batch of this upload is gone. Make another one."), code="no_such_batch")
    refuse_not_open(batch)
    files: list[File] = [part]
    paths = [upload.filename]
    if sidecar := sidecar_of_upload(upload):
        files.append(ContentFile(sidecar.content, sidecar.name))
        paths.append(str(PurePosixPath(upload.filename).with_name(sidecar.name)))
    inputs = open_batch_inputs(batch, files, paths=paths, by=upload.by)
    add_files(batch=batch, inputs=inputs)
    return inputs[0].micrograph


def store_whole_uploads(batch: Batch) -> None:
    """Add the files that have arrived to the end, but whose last request was killed."""
    for upload in Upload.objects.whole().filter(batch=batch.pk).select_related("dataset", "by"):
        with suppress(MicroDBError):  # its bytes are lost; its sender is told when it asks
            settle(upload=upload, store=store_in_batch)
