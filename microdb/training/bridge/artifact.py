"""A trained classifier as the bytes of a zip file in the storage."""

import hashlib
import io
import tempfile
import zipfile
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from django.core.files.storage import default_storage

from classifier import Classifier, ClassifierError
from microdb.errors import MicroDBError

CLASSIFIERS_CACHED = 3
"""Loaded classifiers that a worker keeps, so that a batch loads its model once."""


def pack(classifier: Classifier) -> bytes:
    """The artifact's files as a zip, with fixed dates so that equal models have equal bytes."""
    with tempfile.TemporaryDirectory() as folder:
        classifier.save(folder)
        return pack_files({path.name: path.read_bytes() for path in Path(folder).iterdir()})


def pack_files(files: Mapping[str, bytes]) -> bytes:
    """Files by name as a zip, which is the same for equal files."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name in sorted(files):
            archive.writestr(zipfile.ZipInfo(name), files[name])
    return packed.getvalue()


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
