"""Dataset versions: what a model version was trained on, fixed by hash."""

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from microdb.accounts.models import User
from microdb.micrographs.models import Dataset, DatasetVersion, DatasetVersionEntry, Micrograph, without_sources
from microdb.micrographs.validation.text import clean_text


@transaction.atomic
def freeze_dataset(*, dataset: Dataset, by: User | None = None, note: str = "") -> DatasetVersion:
    """The dataset's ready micrographs as they are now; the last version again where nothing has changed since.

    ``note``: what the version is for; ``by`` is None where a training froze it.
    """
    about = clean_text(note, what=_("the note"), most=200)
    Dataset.objects.select_for_update().get(pk=dataset.pk)  # numbers are given one at a time
    micrographs = dataset.micrographs.ready().select_related("material_class").order_by("pk")
    entries = list(micrographs)
    sha256 = _digest(entries)
    last = dataset.versions.first()
    if last and last.sha256 == sha256:
        return last
    number = last.number + 1 if last else 1
    version = DatasetVersion.objects.create(
        dataset=dataset, number=number, sha256=sha256, size=len(entries), created_by=by, note=about
    )
    DatasetVersionEntry.objects.bulk_create((_entry(version, micrograph) for micrograph in entries), batch_size=2000)
    return version


def _entry(version: DatasetVersion, micrograph: Micrograph) -> DatasetVersionEntry:
    return DatasetVersionEntry(
        version=version,
        micrograph=micrograph,
        label=micrograph.label,
        pixels_per_micrometre=micrograph.pixels_per_micrometre,
        specimen=micrograph.specimen,
        split=micrograph.split,
        data_bar_top=micrograph.data_bar_top,
        masked=without_sources(micrograph.masked),
    )


def _digest(micrographs: Iterable[Micrograph]) -> str:
    """SHA-256 over one JSON line per micrograph, in the order of their keys.

    Masked rectangles count only where there are some, so that versions frozen before there were any keep their hash.
    """
    digest = hashlib.sha256()
    for one in micrographs:
        seen: list[Any] = [str(one.pk), one.sha256, one.label, one.pixels_per_micrometre, one.specimen, one.split]
        seen.append(one.data_bar_top)
        if one.masked:
            seen.append(without_sources(one.masked))
        digest.update(json.dumps(seen).encode() + b"\n")
    return digest.hexdigest()
