"""Mending what the check of files found, where it can be mended. Nothing is deleted."""

from collections.abc import Iterator

from django.core.files.storage import default_storage

from microdb.errors import MicroDBError
from microdb.hashing import file_sha256
from microdb.micrographs.models import Micrograph
from microdb.micrographs.services import render_again
from microdb.upkeep.stored_files import SET_ASIDE, StoredFile


def set_aside(name: str) -> bool:
    """Move a file into the folder of files that no row names."""
    with default_storage.open(name) as file:
        default_storage.save(f"{SET_ASIDE}/{name}", file)
    default_storage.delete(name)
    return True


def repaired(file: StoredFile) -> bool:
    """Mend a missing or altered file; False where that is impossible.

    A master is copied from wherever the same bytes are stored. A picture that is shown is rendered again.
    """
    if file.model is not Micrograph:
        return False
    if file.field == "master":
        return _copied_master(file)
    try:
        render_again(micrograph=Micrograph.objects.get(pk=file.pk))
    except (MicroDBError, FileNotFoundError):
        return False
    return True


def _copied_master(file: StoredFile) -> bool:
    for name in _copies(file.sha256):
        if name == file.name or not _has_bytes(name, file.sha256):
            continue
        if default_storage.exists(file.name):
            set_aside(file.name)
        with default_storage.open(name) as source:
            written = default_storage.save(file.name, source)
        Micrograph.objects.filter(pk=file.pk).update(master=written)
        return True
    return False


def _copies(sha256: str) -> Iterator[str]:
    """Names of files that may hold these bytes: masters of other rows, and masters that were set aside."""
    yield from Micrograph.objects.filter(sha256=sha256).exclude(master="").values_list("master", flat=True)
    folder = f"{SET_ASIDE}/masters"
    if default_storage.exists(folder):
        yield from (f"{folder}/{name}" for name in default_storage.listdir(folder)[1])


def _has_bytes(name: str, sha256: str) -> bool:
    try:
        with default_storage.open(name) as file:
            return file_sha256(file) == sha256
    except FileNotFoundError:
        return False
