"""Downloads of originals, which the audit log keeps."""

from microdb.audit_log.recording import record
from microdb.audit_log.verbs import Verb
from microdb.micrographs.models import Dataset, Micrograph


def record_download(*, micrograph: Micrograph) -> None:
    name = micrograph.filename
    record(Verb.MASTER_DOWNLOADED, dataset=micrograph.dataset, keys=[micrograph.pk], name=name)


def record_export(*, dataset: Dataset) -> None:
    record(Verb.DATASET_EXPORTED, dataset=dataset, about=dataset)
