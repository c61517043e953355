"""Which files the rows of the site name, and which files the storage holds."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.apps import apps
from django.contrib.auth.models import AnonymousUser
from django.core.files.storage import default_storage
from django.db import models
from django.utils import timezone

from microdb.micrographs.models import Micrograph, withheld_from

HASHES = {
    ("micrograph", "master"): "sha256",
    ("modelversion", "artifact"): "artifact_sha256",
    ("modelimport", "package"): "sha256",
}
"""The columns that hold the SHA-256 of a file, by model and field; all other files can be made again."""
SET_ASIDE = "orphans"
"""The folder into which a repair moves files that no row names."""
ROWS_AT_ONCE = 1000


@dataclass(frozen=True)
class StoredFile:
    """A file that a row names; ``sha256`` is empty where none is kept."""

    model: type[models.Model]
    pk: Any
    field: str
    name: str
    sha256: str

    @property
    def kind(self) -> str:
        return f"{self.model._meta.verbose_name} {self.field}"

    def is_still_named(self) -> bool:
        """Whether the row is there and names the file; it may have gone since the row was read."""
        return self.model._default_manager.filter(**{"pk": self.pk, self.field: self.name}).exists()

    def described(self) -> str:
        """The row's name; of a micrograph in an open quiz, and of its scores, only the key."""
        rows = self.model._default_manager.filter(pk=self.pk)
        for path in ("pk",) if self.model is Micrograph else ("micrograph",) if _is_of_micrograph(self.model) else ():
            rows = rows.filter(~withheld_from(AnonymousUser(), path))
        return str(rows.first() or self.pk)


def _is_of_micrograph(model: type[models.Model]) -> bool:
    return any(field.name == "micrograph" for field in model._meta.fields)


def named_files() -> Iterator[StoredFile]:
    """All files that rows name."""
    for model in apps.get_models():
        for field in model._meta.get_fields():
            if isinstance(field, models.FileField):
                yield from _files_of(model, field.name)


def _files_of(model: type[models.Model], field: str) -> Iterator[StoredFile]:
    hash_column = HASHES.get((model._meta.model_name or "", field))
    columns = ["pk", field] + ([hash_column] if hash_column else [])
    rows = model._default_manager.exclude(**{field: ""}).order_by("pk").values_list(*columns)
    for pk, name, *sha256 in rows.iterator(chunk_size=ROWS_AT_ONCE):
        yield StoredFile(model, pk, field, name, sha256[0] if sha256 else "")


def files_in_storage(folder: str = "") -> Iterator[str]:
    """The names of all files of the storage, except those that a repair set aside."""
    try:
        folders, files = default_storage.listdir(folder)
    except FileNotFoundError:
        return
    for name in files:
        yield f"{folder}/{name}" if folder else name
    for name in folders:
        inner = f"{folder}/{name}" if folder else name
        if inner != SET_ASIDE:
            yield from files_in_storage(inner)


def is_older(name: str, age: timedelta) -> bool:
    """Whether the file was written before that; False where it is gone."""
    try:
        return default_storage.get_modified_time(name) < timezone.now() - age
    except FileNotFoundError:
        return False
