"""Uploading micrographs into a dataset, with their labels; those whose SHA-256 the dataset has are not sent."""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from microdb.client.connection import Connection, Part
from microdb.client.errors import ApiError, ClientError
from microdb.client.files import LocalFile, find_files, find_sidecar, manifest_rows
from microdb.client.resumable import LargeUpload, Step, counting, is_large
from microdb.errors import MicroDBError
from microdb.labels import NONE_OF_THESE
from microdb.manifest import ManifestRow, choose_manifest


@dataclass(frozen=True)
class LocalRow:
    """A file, and what the manifest or its folder says of it."""

    file: LocalFile
    about: ManifestRow

    def form(self) -> dict[str, str]:
        """The fields of the upload. Raises MicroDBError for a scale that is none."""
        scale = self.about.pixels_per_micrometre
        given = {
            "label": self.about.label,
            "specimen": self.about.specimen,
            "modality": self.about.modality,
            "split": self.about.split,
            "pixels_per_micrometre": "" if scale is None else repr(scale),
        }
        return {name: value for name, value in given.items() if value}


@dataclass
class Outcome:
    """How many files went up and how many were there; why the others did not."""

    sent: int = 0
    there: int = 0
    refused: dict[str, str] = field(default_factory=dict)


def local_rows(path: Path, manifest: Path | None) -> list[LocalRow]:
    """The micrographs of a folder or a file: as the manifest says, else labelled by subfolder. Raises ClientError.

    Without ``manifest``, one that lies in the folder is used.
    """
    if manifest is None and path.is_dir():
        name = choose_manifest(sorted(one.name for one in path.glob("*.csv")))
        manifest = path / name if name else None
    if manifest is None:
        files = find_files([path])
        return [LocalRow(file, ManifestRow(0, file.name, label=_folder_label(file.name))) for file in files]
    rows = manifest_rows(manifest)
    home = path if path.is_dir() else manifest.parent
    return [LocalRow(_named_file(home, row.filename), row) for row in rows]


def upload(
    connection: Connection, dataset: str, rows: Sequence[LocalRow], *, add_classes: bool, parallel: int, step: Step
) -> Outcome:
    """Send what the dataset lacks."""
    _settle_classes(connection, dataset, rows, add_classes)
    stored = {one["sha256"] for one in connection.pages(f"datasets/{dataset}/micrographs/")}
    outcome, done = Outcome(), 0
    step("Sending", 0, len(rows))
    with ThreadPoolExecutor(parallel) as pool:
        sending = {pool.submit(_send, connection, dataset, row, stored, step): row for row in rows}
        try:
            for finished in as_completed(sending):
                _count(outcome, sending[finished], finished.result())
                done += 1
                step("Sending", done, len(rows))
        finally:
            pool.shutdown(cancel_futures=True)
    return outcome


def _count(outcome: Outcome, row: LocalRow, result: bool | str) -> None:
    if isinstance(result, str):
        outcome.refused[row.file.name] = result
    elif result:
        outcome.sent += 1
    else:
        outcome.there += 1


def _send(connection: Connection, dataset: str, row: LocalRow, stored: set[str], step: Step) -> bool | str:
    """Whether it went up, or why it can't."""
    try:
        if row.file.image_sha256 in stored:
            return False
        _post(connection, f"datasets/{dataset}/", row, step)
    except OSError as error:
        return str(error)
    except MicroDBError as error:
        return error.message
    except ApiError as error:
        if error.code == "duplicate":
            return False
        if error.status in (400, 413, 422):
            return error.message
        raise
    return True


def _post(connection: Connection, dataset: str, row: LocalRow, step: Step) -> None:
    """In one request, or a large file in parts."""
    file = row.file
    if is_large(file.path):
        LargeUpload(connection, f"{dataset}uploads/", file, row.form()).send(counting(file, step))
        return
    files: list[Part] = [("file", file.path.name, file.path)]
    if file.sidecar:
        files.append(("sidecar", file.sidecar.name, file.sidecar))
    connection.post(f"{dataset}micrographs/", data=row.form(), files=files)


def _settle_classes(connection: Connection, dataset: str, rows: Iterable[LocalRow], add: bool) -> None:
    """Make the classes that labels name and the dataset lacks. Raises ClientError if they may not be made."""
    path = f"datasets/{dataset}/classes/"
    known = {one["name"] for one in connection.pages(path)}
    labels = dict.fromkeys(row.about.label for row in rows)
    lacking = [label for label in labels if label and label != NONE_OF_THESE and label not in known]
    if lacking and not add:
        raise ClientError(
            f"The dataset {dataset} has no class {', '.join(lacking)}; it has {', '.join(sorted(known)) or 'none'}. "
            "Correct the labels, or add the classes with --add-classes."
        )
    for label in lacking:
        connection.post(path, json={"name": label})


def _folder_label(name: str) -> str:
    """The folder in which a file lies, if it lies in one."""
    parts = PurePosixPath(name).parts
    return parts[-2] if len(parts) > 1 else ""


def _named_file(home: Path, name: str) -> LocalFile:
    path = home / name
    beside: Any = path.parent.iterdir() if path.parent.is_dir() else ()
    return LocalFile(name, path, find_sidecar(path, beside))
