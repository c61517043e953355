"""A trained classifier as the bytes of a zip file in the storage."""

import hashlib
import io
import tempfile
import zipfile
from functools import lru_cache
from pathlib import Path

from django.core.files.storage import default_storage

from classifier import Classifier, ClassifierError
from microdb.errors import MicroDBError

CLASSIFIERS_CACHED = 3
"""Loaded classifiers that a worker keeps, so that a batch loads its model once."""


def pack(classifier: Classifier) -> bytes:
    """The artifact's files as a zip, with fixed dates so that equal models have equal bytes."""
    file = io.BytesIO()
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(file, "w") as archive:
        classifier.save(folder)
        for path in sorted(Path(folder).iterdir()):
            archive.writestr(zipfile.ZipInfo(path.name), path.read_bytes())
    return file.getvalue()


@lru_cache(maxsize=CLASSIFIERS_CACHED)
def load(name: str, sha256: str) -> Classifier:
    """The classifier of a stored artifact, checked against its hash. Raises MicroDBError when it is gone or changed."""
    try:
        with default_storage.open(name) as file:
            packed = file.read()
    except FileNotFoundError as error:
        raise MicroDBError("The model's file is gone from the storage: train again.", code="artifact") from error
    if hashlib.sha256(packed).hexdigest() != sha256:
        raise MicroDBError("The model's file was changed since it was trained: train again.", code="artifact")
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(io.BytesIO(packed)) as archive:
        archive.extractall(folder)
        try:
            return Classifier.load(folder)
        except ClassifierError as error:
            raise MicroDBError(str(error), code="artifact") from error
