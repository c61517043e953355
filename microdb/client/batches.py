"""Batches: made once for the same files, filled in parallel, followed to their end.

The ``client_key`` of a batch is a hash of what is to be scored. The same call after a break, however long, therefore
finds the batch that it made before, on whatever computer, and sends only the files that the batch does not have yet.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from microdb.client.connection import Connection, Part
from microdb.client.errors import ApiError
from microdb.client.files import LocalFile, file_sha256
from microdb.client.resumable import LargeUpload, Step, counting, is_large
from microdb.client.verdicts import Verdict

MOST_FILES, MOST_BYTES = 50, 64 * 2**20
"""Of one request."""
NEWS_WITHIN = 20
"""Seconds that the server waits for news before it answers."""
JSON_LINES, CSV = "application/x-ndjson", "text/csv"


@dataclass(frozen=True)
class Options:
    """What applies to the whole batch; ``model_version`` 0 is the active one."""

    manifest: Path | None = None
    pixels_per_micrometre: float | None = None
    add_to_dataset: bool = False
    model_version: int = 0

    @property
    def fields(self) -> dict[str, Any]:
        """Of the request, without the manifest."""
        given = {name: value for name, value in asdict(self).items() if name != "manifest" and value}
        return {"start": False, **given}


@dataclass
class Batch:
    """A batch on the server. ``unsent`` are the files that can't be sent, with the reasons."""

    connection: Connection
    dataset: str
    row: Mapping[str, Any]
    unsent: dict[str, str]

    @property
    def id(self) -> str:
        return str(self.row["id"])

    @property
    def path(self) -> str:
        return f"datasets/{self.dataset}/batches/{self.id}/"

    def fill(self, files: Sequence[LocalFile], *, parallel: int, step: Step) -> None:
        """Send the files that it lacks, then start it."""
        if self.row["state"] != "open":
            return
        known = self.names()
        missing = [file for file in files if file.name not in known]
        done = len(files) - len(missing)
        step("Sending", done, len(files))
        with ThreadPoolExecutor(parallel) as pool:
            sending = {pool.submit(self._send, chunk, step): len(chunk) for chunk in chunks(missing)}
            try:
                for finished in as_completed(sending):
                    finished.result()
                    done += sending[finished]
                    step("Sending", done, len(files))
            finally:
                pool.shutdown(cancel_futures=True)
        self.start()

    def start(self) -> None:
        """Score what it holds. Once is enough."""
        self.row = self.connection.post(f"{self.path}start/", key=f"start {self.id}")

    def names(self) -> set[str]:
        """The files that it has."""
        return {result["filename"] for result in self._results()}

    def send_large(self, file: LocalFile, step: Step = lambda what, done, total: None) -> None:
        """Send one large file. Raises ApiError where it is refused, and OSError."""
        LargeUpload(self.connection, f"{self.path}uploads/", file).send(counting(file, step))

    def follow(self, step: Step) -> None:
        """Return when it has ended."""
        tag = ""
        while True:
            asked = {"Prefer": f"wait={NEWS_WITHIN}"} | ({"If-None-Match": tag} if tag else {})
            row, headers = self.connection.answer("GET", self.path, headers=asked)
            tag, self.row = headers.get("ETag", ""), row or self.row
            step("Scoring", self.row["total"] - self.row["waiting"], self.row["total"])
            if self.row["state"] not in ("open", "running"):
                return

    def retry(self) -> None:
        """Try again what has no verdict."""
        self.row = self.connection.post(f"{self.path}retry/")

    def verdicts(self) -> Iterator[Verdict]:
        """Of each file, in order; then those of files that were not sent."""
        yield from map(Verdict.of, self._results())
        yield from (Verdict(name, warning=reason) for name, reason in self.unsent.items())

    def csv_lines(self) -> Iterator[str]:
        """The lines of the server's CSV file."""
        return self.connection.lines(f"{self.path}results/", CSV)

    def _results(self) -> Iterator[Any]:
        lines = self.connection.lines(f"{self.path}results/", JSON_LINES)
        return (json.loads(line) for line in lines if line.strip())

    def _send(self, chunk: Sequence[LocalFile], step: Step) -> None:
        """Send some files. Of a request that is too large each file is sent alone."""
        try:
            if is_large(chunk[0].path):
                self.send_large(chunk[0], step)
            else:
                self._post(chunk)
        except OSError as error:
            self._without(chunk, str(error), error, step)
        except ApiError as error:
            if error.status != 413:
                raise
            self._without(chunk, error.message, error, step)

    def _post(self, chunk: Sequence[LocalFile]) -> None:
        parts = [(name, path) for file in chunk for name, path in file.parts]
        files: list[Part] = [("files", Path(name).name, path) for name, path in parts]
        key = hashlib.sha256("\n".join([self.id, *(f"{one.name} {one.sha256}" for one in chunk)]).encode())
        paths = {"paths": [name for name, _path in parts]}
        self.connection.post(f"{self.path}files/", data=paths, files=files, key=key.hexdigest())

    def _without(self, chunk: Sequence[LocalFile], reason: str, error: Exception, step: Step) -> None:
        if len(chunk) == 1:
            self.unsent[chunk[0].name] = reason
            return
        for file in chunk:
            self._send([file], step)


def open_batch(connection: Connection, dataset: str, files: Sequence[LocalFile], options: Options) -> Batch:
    """The batch of these files: a new one, or the one that was made for them before and was not cancelled."""
    path, fields = f"datasets/{dataset}/batches/", options.fields | {"client_key": _identity(dataset, files, options)}
    if options.manifest is None:
        row = connection.post(path, json=fields)
    else:
        manifest: Part = ("manifest", options.manifest.name, options.manifest)
        form = {name: str(value).lower() for name, value in fields.items()}
        row = connection.post(path, data=form, files=[manifest])
    return Batch(connection, dataset, row, {})


def active_version(connection: Connection, dataset: str) -> int:
    """The number of the model version that scores now. Raises ApiError if there is none."""
    for version in connection.pages(f"datasets/{dataset}/model-versions/"):
        if version["is_active"]:
            return int(version["number"])
    raise ApiError(400, "no_model", f"The dataset {dataset} has no trained model yet. Train one first")


def chunks(files: Sequence[LocalFile]) -> Iterator[list[LocalFile]]:
    """The files of each request; a large one is alone."""
    chunk: list[LocalFile] = []
    size = 0
    for file in files:
        if is_large(file.path):
            yield [file]
            continue
        if chunk and (len(chunk) >= MOST_FILES or size + file.size > MOST_BYTES):
            yield chunk
            chunk, size = [], 0
        chunk.append(file)
        size += file.size
    if chunk:
        yield chunk


def _identity(dataset: str, files: Sequence[LocalFile], options: Options) -> str:
    manifest = file_sha256(options.manifest) if options.manifest else ""
    about = [dataset, options.fields, manifest, [(file.name, file.sha256) for file in files]]
    return hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()
